"""What the REST API is made of, for programs: its root, which leads to what the caller may use, and its problems."""

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, get_resolver
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.door import VERSION
from apps.accounts.guards import Guard, Guards, Open
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.core import errors
from apps.core.errors import FoveaError
from apps.core.problems import type_of
from apps.core.serializers import CamelCaseSerializer


class RootLinkSerializer(CamelCaseSerializer):
    """An address, and the methods that the caller may use there."""

    href = serializers.CharField()
    methods = serializers.ListField(child=serializers.CharField())


class RootSerializer(CamelCaseSerializer):
    version = serializers.CharField()
    links = serializers.DictField(child=RootLinkSerializer(), help_text="By what they lead to, such as `studies`.")


class ProblemSerializer(CamelCaseSerializer):
    """What the `type` and the `code` of a problem document stand for."""

    code = serializers.CharField()
    type = serializers.CharField()
    status = serializers.IntegerField()
    title = serializers.CharField()


# By the form that was asked for: it takes seconds to make, and what makes it can't do so in two threads at once.
_schemas: dict[str, HttpResponse] = {}
_lock = Lock()


class SchemaView(SpectacularAPIView):
    """It describes the program and holds nothing of the site: it is made once."""

    guards: Guards = {"GET": Open.TO_ANYBODY}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        form = request.accepted_renderer.media_type
        with _lock:
            if form not in _schemas:
                made = self.finalize_response(request, super().get(request, *args, **kwargs)).render()
                _schemas[form] = HttpResponse(made.content, headers=dict(made.headers))
        kept = _schemas[form]
        return HttpResponse(kept.content, headers=dict(kept.headers))


class RootView(APIView):
    guards: Guards = {"GET": Open.TO_USERS}

    @extend_schema(summary="Where everything is that the caller may use", responses=RootSerializer)
    def get(self, request: Request) -> Response:
        """The addresses without ids in them; what a permission reaches, the lists themselves show."""
        return Response({"version": VERSION, "links": dict(_links(principal(request)))})


class ProblemsView(APIView):
    guards: Guards = {"GET": Open.TO_ANYBODY}
    authentication_classes = ()

    @extend_schema(summary="The problems that there are", responses=ProblemSerializer(many=True), auth=[])
    def get(self, request: Request) -> Response:
        """What `type` leads to, by their codes. New ones may come; none changes its meaning."""
        return Response(ProblemSerializer(problems(), many=True).data)


def problems() -> list[dict[str, Any]]:
    """Each code once, by status."""
    found = {error.code: error for error in reversed(list(_every(FoveaError)))}
    rows = sorted(found.values(), key=lambda each: (each.status, each.code))
    return [
        {"code": each.code, "type": type_of(each.code), "status": each.status, "title": each.title} for each in rows
    ]


def _every(error: type[FoveaError]) -> Iterator[type[FoveaError]]:
    """Those that the API gives: the general ones, and those of the layers that have codes of their own."""
    yield error
    for each in error.__subclasses__():
        if "code" in vars(each) or each.__module__ == errors.__name__:
            yield from _every(each)


def _links(who: Principal) -> Iterator[tuple[str, dict[str, Any]]]:
    for pattern in get_resolver("config.api").url_patterns:
        address = str(pattern.pattern)
        if isinstance(pattern, URLPattern) and address and "<" not in address and (usable := _usable(pattern, who)):
            yield address, {"href": f"/api/{address}", "methods": usable}


def _usable(pattern: URLPattern, who: Principal) -> list[str]:
    guards: Mapping[str, Guard | None] = getattr(getattr(pattern.callback, "cls", None), "guards", {})
    return [method for method, guard in guards.items() if _lets_in(guard, who)]


def _lets_in(guard: Guard | None, who: Principal) -> bool:
    return who.may(guard) if isinstance(guard, Permission) else guard is not None
