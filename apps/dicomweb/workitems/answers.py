"""Answers to the transactions on workitems, with the Warnings that PS3.18 11 wants."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.core import problems
from apps.core.requests import request_id
from apps.dicomweb.base import base_url
from apps.worklist.workitems.refusals import Warned

View = Callable[..., HttpResponseBase]


def done(request: HttpRequest, status: int = 200, warning: str = "") -> HttpResponse:
    """An answer without a payload."""
    response = HttpResponse(status=status)
    del response.headers["Content-Type"]
    return warned(request, response, warning)


def warned(request: HttpRequest, response: HttpResponse, warning: str) -> HttpResponse:
    """The answer with this Warning, as the standard spells it; without one where it is empty."""
    if warning:
        response.headers["Warning"] = f"299 {base_url(request)}: {warning}"
    return response


def warning_of_failure(view: View) -> View:
    """A view whose failures have the standard's Warning (11.6.3.2, 11.7.3.2, 11.8.3.2) besides the problem document."""

    @wraps(view)
    def answered(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        try:
            return view(request, **arguments)
        except Warned as error:
            return warned(request, problems.refusal(request, error, request_id()), error.warning)

    return answered
