"""What every answer tells a browser that received it: middleware, around all others of each stack (config/wsgi.py).

A view that says something itself is not overruled. The fields are constants: a frame costs little more than them.
With 304 a browser goes on with the fields that it has: others would replace those of the view (RFC 9111 3.2).
"""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.core import policies
from apps.core.policies import CONTENT_SECURITY_POLICY

ADMIN_ADDRESS: Final = "/admin/"
HTML: Final = "text/html"
# Nothing of a page with patients on it is kept by a browser or a proxy.
NO_STORE: Final = "private, no-store"
NOT_MODIFIED: Final = 304

Fields = tuple[tuple[str, str], ...]


class DataHeaders:
    """For what is no page: DICOMweb, health, metrics."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Pages of the same site may show images where a site has let others use DICOMweb at all.
        reach = "same-site" if settings.CORS_ORIGINS else "same-origin"
        self.fields = (*_always(reach), (CONTENT_SECURITY_POLICY, policies.DATA))
        seconds = settings.SECURE_HSTS_SECONDS
        self.transport_security = f"max-age={seconds}" if seconds else ""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if self.transport_security and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", self.transport_security)
        if response.status_code != NOT_MODIFIED:
            _tell(response, self.fields)
        return response


class PageHeaders:
    """For all other addresses; SecurityMiddleware and XFrameOptionsMiddleware tell the rest."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # What is no page is kept by nobody either, unless its view says for how long.
        self.data: Fields = (*_always("same-origin"), ("Cache-Control", NO_STORE))
        self.pages: Fields = (*self.data, ("Permissions-Policy", policies.PERMISSIONS))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == NOT_MODIFIED:
            return response
        if response.headers.get("Content-Type", "").startswith(HTML):
            is_admin = request.path_info.startswith(ADMIN_ADDRESS)
            _tell(response, (*self.pages, (CONTENT_SECURITY_POLICY, policies.ADMIN if is_admin else policies.PAGE)))
        else:
            _tell(response, (*self.data, (CONTENT_SECURITY_POLICY, policies.DATA)))
        return response


def _always(reach: str) -> Fields:
    """Said with every answer; `reach` tells which sites' pages may load it (the Fetch standard)."""
    return (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Cross-Origin-Resource-Policy", reach),
    )


def _tell(response: HttpResponseBase, fields: Fields) -> None:
    tell = response.headers.setdefault
    for name, value in fields:
        tell(name, value)
