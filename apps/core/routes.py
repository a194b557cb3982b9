"""Addresses of the REST API, where a trailing slash is optional, and the version that there is may be named."""

from collections.abc import Callable
from typing import Any, Final

from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.urls.resolvers import RoutePattern

VERSION: Final = "v1/"


class SlashOptional(RoutePattern):
    """A route without its trailing slash, that also matches with one, and below the version."""

    def match(self, path: str) -> Any:
        return super().match(f"{path.removesuffix('/')}/".removeprefix(VERSION).removesuffix("/"))


def route(address: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    """Like Django's `path`: `route("jobs/<int:pk>", view, "api-job")` answers `jobs/1` and `jobs/1/`."""
    return URLPattern(SlashOptional(address, name=name, is_endpoint=True), view, {}, name)
