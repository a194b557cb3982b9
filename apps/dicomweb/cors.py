"""Pages of other origins that may use DICOMweb (the Fetch standard's CORS protocol): those of FOVEA_CORS_ORIGINS.

Without that setting the middleware is not there, and no request pays for it.
"""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

PREFIXES: Final = ("/dicom-web", "/wado")
ALLOWED_HEADERS: Final = ", ".join(
    ("Accept", "Authorization", "Content-Type", "If-None-Match", "If-Range", "Range", "X-Request-ID")
)
EXPOSED_HEADERS: Final = ", ".join(
    (
        *("Accept-Ranges", "Allow", "Content-Disposition", "Content-Encoding", "Content-Length", "Content-Location"),
        *("Content-Range", "Content-Type", "ETag", "Retry-After", "Warning", "X-Request-ID", "X-Total-Count"),
    )
)
# Two hours, the most that browsers keep such an answer for.
MAX_AGE: Final = "7200"


class Cors:
    """Middleware around all others, so that answers to errors carry its headers too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.origins = frozenset(settings.CORS_ORIGINS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith(PREFIXES):
            patch_vary_headers(response, ("Origin",))
            origin = request.META.get("HTTP_ORIGIN", "")
            if origin in self.origins:
                _allow(request, response, origin)
        return response


def is_preflight(request: HttpRequest) -> bool:
    """Whether a browser asks, before a request, if it may send it."""
    return "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META


def _allow(request: HttpRequest, response: HttpResponseBase, origin: str) -> None:
    """Let a page of this origin read the answer, and send the session's cookie along."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Allow-Credentials"] = "true"
    if request.method == "OPTIONS" and is_preflight(request):
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
        headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        headers["Access-Control-Max-Age"] = MAX_AGE
    else:
        headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
