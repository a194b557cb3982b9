"""Errors as problem documents (RFC 9457), or as what a part of the API that has a standard of its own says instead."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import override

from apps.core.errors import (
    FoveaError,
    Invalid,
    KeyBusy,
    SignInRequired,
    TooManyAttempts,
    TooManyRequests,
    Unavailable,
)
from apps.core.languages import language_of, translated
from apps.saying import say

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = "/api/problems"
RETRY_SECONDS: Final = "5"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How errors are told below some address: `document` makes the body, in the active language."""

    media_type: str
    document: Callable[[FoveaError, str], bytes]


# By the beginnings of addresses.
_dialects: dict[str, Dialect] = {}


def speak(beginning: str, dialect: Dialect) -> None:
    """Tell errors so at all addresses that begin with this."""
    _dialects[beginning] = dialect


def answer(request: HttpRequest, error: BaseException, request_id: str) -> HttpResponse | None:
    """The answer to an error that a caller can understand; None for a fault of the server's own."""
    if isinstance(error, FoveaError):
        return refusal(request, error, request_id)
    if isinstance(error, OperationalError | InterfaceError):
        away = Unavailable(say("The database does not answer. Try again in a moment."))
        return refusal(request, away, request_id)
    return None


def fault(request: HttpRequest, request_id: str) -> HttpResponse | None:
    """The answer to a fault of the server's own; None for a browser, which gets a page."""
    if request.accepts("text/html") and "HTTP_ACCEPT" in request.META:
        return None
    failed = FoveaError(say("The server failed. Its log tells why, under this request's id."))
    return refusal(request, failed, request_id)


def type_of(code: str) -> str:
    """Where a problem of this code is described (RFC 9457 3.1.1): in a list that anybody may read."""
    return f"{TYPES}#{code}" if code else "about:blank"


def document(
    status: int, title: str, detail: str, request_id: str, errors: list[dict[str, str]] | None = None, code: str = ""
) -> bytes:
    """A problem document in the active language; `errors` says what is wrong with which field of the request."""
    body: dict[str, object] = {
        "type": type_of(code),
        "title": translated(title),
        "status": status,
        "detail": translated(detail),
    }
    if code:
        body["code"] = code
    if errors:
        body["errors"] = errors
    if request_id:
        body["requestId"] = request_id
    return orjson.dumps(body)


def refusal(request: HttpRequest, error: FoveaError, request_id: str) -> HttpResponse:
    """The answer to an error that the caller can understand."""
    language, dialect = language_of(request), _dialect_of(request.path_info)
    with override(language):
        body = dialect.document(error, request_id)
    response = HttpResponse(body, content_type=dialect.media_type, status=error.status)
    response.headers["Content-Language"] = language
    # A browser would cover the page that asks with its own password dialogue.
    is_asked = isinstance(error, SignInRequired) and error.takes_password
    if is_asked and "HTTP_SEC_FETCH_MODE" not in request.META:
        response.headers["WWW-Authenticate"] = 'Basic realm="Fovea", charset="UTF-8"'
    if isinstance(error, Unavailable | TooManyAttempts | KeyBusy):
        response.headers["Retry-After"] = RETRY_SECONDS
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _problem(error: FoveaError, request_id: str) -> bytes:
    wrong = error.errors if isinstance(error, Invalid) else ()
    errors = [{"field": field, "detail": translated(detail)} for field, detail in wrong]
    return document(error.status, error.title, error.detail, request_id, errors, error.code)


_PROBLEMS: Final = Dialect(MEDIA_TYPE, _problem)


def _dialect_of(address: str) -> Dialect:
    return next((dialect for begin, dialect in _dialects.items() if address.startswith(begin)), _PROBLEMS)
