"""The language in which somebody is answered: their own choice, then the browser's."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override

from apps.accounts.gate import OF_PROGRAMS, is_public_file
from apps.accounts.models import User

DEFAULT: Final = settings.LANGUAGE_CODE
YEAR: Final = 365 * 86400
DICOMWEB: Final = tuple(settings.THIN_PREFIXES)
# The viewer's configuration, which tells it the language.
CONFIGURATION: Final = "/app-config.js"


def language_of(user: object) -> str:
    """What a user has chosen (RFC 5646, as `fr`); the site's own for whoever has not."""
    return (user.language if isinstance(user, User) else "") or DEFAULT


class Languages:
    """Speaks to whoever asks in their language; after Django's AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _has_words(request.path_info):
            return self.get_response(request)
        chosen = _chosen(request)
        request.LANGUAGE_CODE = chosen or get_language_from_request(request)
        with override(request.LANGUAGE_CODE):
            response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        name = settings.LANGUAGE_COOKIE_NAME
        # What a view has just been told goes before what the account had.
        if chosen and request.COOKIES.get(name) != chosen and name not in response.cookies:
            keep(response, chosen)
        return response


def keep(response: HttpResponseBase, language: str) -> None:
    """Let the browser say the language from now on: to the viewer and the API too, where no account is read for it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )


def _has_words(path: str) -> bool:
    """Whether what is there is said in a language; DICOMweb's refusals find theirs by themselves."""
    if path.startswith(DICOMWEB):
        return False
    return not is_public_file(path) or path.endswith(CONFIGURATION)


def _chosen(request: HttpRequest) -> str:
    """The language of the account that is signed in; what programs use costs no look at one."""
    if request.path_info.startswith(OF_PROGRAMS) or not request.session.session_key:
        return ""
    return request.user.language if isinstance(request.user, User) else ""
