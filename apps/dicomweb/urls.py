"""The addresses of DICOMweb under /dicom-web/, and WADO-URI's.

Trailing slashes are optional: a redirect would lose the body of a POST.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.guards import Guards, Open, admit
from apps.accounts.permissions import Permission
from apps.core import problems
from apps.core.errors import MethodNotAllowed
from apps.core.requests import request_id
from apps.dicomweb import wado_uri
from apps.dicomweb.capabilities import capabilities, nothing_here
from apps.dicomweb.cors import is_preflight
from apps.dicomweb.routes import ROUTES, Route, View
from apps.saying import say


def resource(views: Mapping[str, View], guards: Guards) -> View:
    """One view for an address, by the request's method, each behind its guard. They need no CSRF token."""
    by_method = {**views} | ({"HEAD": views["GET"]} if "GET" in views else {})
    methods = ", ".join({**by_method, "OPTIONS": None})

    def dispatch(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        view = by_method.get(request.method or "")
        if view is None or (request.method == "OPTIONS" and is_preflight(request)):
            return _without_view(request, methods)
        admit(request, guards["GET" if request.method == "HEAD" else request.method or ""])
        return view(request, **arguments)

    dispatch.guards = guards  # type: ignore[attr-defined]
    exempt: View = csrf_exempt(dispatch)
    return exempt


def _without_view(request: HttpRequest, methods: str) -> HttpResponse:
    """What the resource allows: the answer to OPTIONS (RFC 9110 9.3.7), and to a method that it doesn't know."""
    if request.method == "OPTIONS":
        response = HttpResponse(status=204, headers={"Allow": methods})
        del response.headers["Content-Type"]
        return response
    error = MethodNotAllowed(say("This resource knows the methods {methods}.", methods=methods))
    response = problems.refusal(request, error, request_id())
    response.headers["Allow"] = methods
    return response


def route(pattern: str, guards: Guards, **views: View) -> URLPattern:
    return re_path(rf"^{pattern}/?$", resource(views, guards))


def _of_table(each: Route) -> URLPattern:
    guards = {method: known.permission for method, known in each.transactions.items()}
    views = {method: known.view for method, known in each.transactions.items()}
    return route(f"dicom-web/{each.pattern}", guards, **views)


urlpatterns = [
    *map(_of_table, ROUTES),
    route("dicom-web", dict.fromkeys(("GET", "OPTIONS"), Open.TO_ANYBODY), GET=capabilities, OPTIONS=capabilities),
    route("wado", {"GET": Permission.VIEW}, GET=wado_uri.retrieve_object),
    re_path("^dicom-web/", csrf_exempt(nothing_here)),
]
