"""The viewer's addresses: its files for anyone, its page and configuration for who is signed in or holds a share."""

import hashlib
from pathlib import Path, PurePosixPath
from typing import Final, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from apps.accounts.authentication import sign_in
from apps.accounts.models import User
from apps.accounts.mounted import mount_of
from apps.core.errors import SignInRequired
from apps.core.languages import translated
from apps.saying import say
from apps.viewer import configuration, files

# For the page and for its workers, which go by the policy of their own script.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data:",
        "worker-src 'self' blob:",
        "media-src 'self' blob:",
        "object-src 'self' blob:",
        "frame-src 'self' blob:",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
NO_FILE: Final = say("There is no such file in the viewer.")
FOR_GOOD: Final = "public, max-age=31536000, immutable"
# How page.html names it.
CONFIGURATION: Final = b'"/viewer/app-config.js"'
NOT_MADE: Final = say(
    "The viewer's files have not been made. Run `make setup` on the server, then load this page again."
)


@require_safe
def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answer an address of the viewer: a file by its name, else the page, whose routes have no extension."""
    if PurePosixPath(path).suffix:
        return _file(request, path)
    return page(request, path)


def page(request: HttpRequest, path: str) -> HttpResponseBase:
    """The one page of the viewer; OHIF reads the rest of the address itself."""
    mount = mount_of(request)
    return _shared_page(request, path, mount.address) if mount else _own_page(request)


@login_required
def _own_page(request: HttpRequest) -> HttpResponseBase:
    return _index(request)


def _shared_page(request: HttpRequest, path: str, address: str) -> HttpResponseBase:
    """The page for whoever has opened a share link; where there is nothing to show, the share's own page tells."""
    try:
        sign_in(request)
    except SignInRequired:
        return HttpResponseRedirect(f"{address}/", headers=HEADERS)
    return _index(request, address) if path else HttpResponseRedirect(f"{address}/", headers=HEADERS)


def _index(request: HttpRequest, address: str = "") -> HttpResponseBase:
    """The page, with the configuration below this address in it."""
    index = Path(settings.VIEWER_DIST) / "index.html"
    if not index.is_file():
        return _plain(translated(NOT_MADE), status=503)
    body = index.read_bytes().replace(CONFIGURATION, f'"{address}'.encode() + CONFIGURATION[1:])
    return _revalidated(request, body, files.MEDIA_TYPES[".html"])


@require_safe
def app_config(request: HttpRequest) -> HttpResponseBase:
    """OHIF's configuration, for a user or for whoever has opened a share link."""
    mount = mount_of(request)
    if mount is None:
        return _own_configuration(request)
    sign_in(request)
    return _revalidated(request, configuration.script_for_holder(mount.address).encode(), files.MEDIA_TYPES[".js"])


@login_required
@ensure_csrf_cookie
def _own_configuration(request: HttpRequest) -> HttpResponseBase:
    """The cookie is for the form that signs out."""
    script = configuration.script_for(cast(User, request.user))
    return _revalidated(request, script.encode(), files.MEDIA_TYPES[".js"])


def _file(request: HttpRequest, path: str) -> HttpResponse:
    """A file of the build, whose folder is named after what is in it: browsers may keep it for good."""
    ready = files.find(Path(settings.VIEWER_DIST), path, request.headers.get("Accept-Encoding", ""))
    if ready is None or "/" not in path:
        return _plain(translated(NO_FILE), status=404)
    body = ready.path.read_bytes() if request.method == "GET" else b""
    headers = HEADERS | {
        "Cache-Control": FOR_GOOD,
        "Content-Length": str(ready.size),
        "Vary": "Accept-Encoding",
    }
    if ready.encoding:
        headers["Content-Encoding"] = ready.encoding
    return HttpResponse(body, content_type=ready.media_type, headers=headers)


def _revalidated(request: HttpRequest, body: bytes, media_type: str) -> HttpResponseBase:
    """A body that a browser asks for each time and gets only when it has changed."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = HEADERS | {"Cache-Control": "private, no-cache", "ETag": etag}
    response = HttpResponse(body, content_type=media_type, headers=headers)
    patch_vary_headers(response, ["Cookie"])
    return get_conditional_response(request, etag=etag, response=response) or response


def _plain(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=HEADERS)
