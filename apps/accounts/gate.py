"""The middleware that leads users past what they have to do first (obstacles.py) before any other page."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.obstacles import PASSWORD, Obstacle, obstacle

ALWAYS_OPEN: Final = frozenset(
    {
        "login",
        "logout",
        "account_login",
        "account_logout",
        "account_change_password",
        "account_reauthenticate",
        "set-language",
    }
)
# What programs use answers for itself, and tells no browser to go to a page.
OF_PROGRAMS: Final = ("/api/", *settings.THIN_PREFIXES)
VIEWER: Final = "/viewer/"


class Gate:
    """After Django's AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """The way to the page that is needed first; None for none."""
        if request.path_info.startswith(OF_PROGRAMS) or is_public_file(request.path_info):
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        user = request.user
        if name in ALWAYS_OPEN or not isinstance(user, User) or not user.is_active:
            return None
        found = obstacle(user, request.session)
        return None if found is None or _is_past(found, name) else _lead(request, found)


def is_public_file(path: str) -> bool:
    """Public files, which no session is read for."""
    return path.startswith(VIEWER) and "." in path.rpartition("/")[2]


def _is_past(found: Obstacle, name: str | None) -> bool:
    return found is not PASSWORD and bool(name) and str(name).startswith("mfa_")


def _lead(request: HttpRequest, found: Obstacle) -> HttpResponse:
    """To the page, and from there back to where the user wanted to go."""
    wanted = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(f"{reverse(found.page)}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")
