"""Bodies of forms and of the REST API: bounded in size and depth, and JSON read whole when it comes chunked."""

import io
from collections.abc import Callable
from typing import IO, Any, Final

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.parsers import BaseParser

from apps.core import problems
from apps.core.errors import Invalid
from apps.core.http import BodyTooLarge, body_stream
from apps.core.requests import request_id
from apps.saying import say

API: Final = "/api/"
MEDIA_TYPE: Final = "application/json"
DEPTH: Final = 32


class BoundedJSONParser(BaseParser):
    """The framework's own reads whatever comes. Raises TooLarge, and Invalid for what is no JSON."""

    media_type = MEDIA_TYPE

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        return json_of(parser_context["request"])


def json_of(request: HttpRequest) -> Any:
    """What a request's body says, which is read here once. Raises BodyTooLarge, and Invalid for what is no JSON."""
    data = b"".join(body_stream(request, limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Invalid(say("The body is not JSON in UTF-8. Check its brackets, quotes and commas.")) from error
    if _is_deeper(value, DEPTH):
        raise Invalid(say("The body is nested more than {levels} levels deep.", levels=DEPTH))
    return value


class BoundedBody:
    """Middleware: refuses what is larger than any form before Django writes a file of it to the disk.

    Django bounds the fields of a form, not its files, and reads them to look for the CSRF token: anybody may send them.
    The addresses of STREAMED_PATHS and STREAMED_BELOW never come that far: they read their bodies themselves, within
    bounds of their own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        declared = request.META.get("CONTENT_LENGTH") or "0"
        place = request.path_info.rstrip("/")
        is_streamed = place in settings.STREAMED_PATHS or place.startswith(settings.STREAMED_BELOW)
        if not is_streamed and declared.isdecimal() and int(declared) > settings.MAX_FORM_BYTES:
            error = BodyTooLarge(
                say("This address takes at most {most} MiB at once.", most=settings.MAX_FORM_BYTES >> 20)
            )
            return problems.refusal(request, error, request_id())
        return self.get_response(request)


class ChunkedJSON:
    """Middleware: gives a chunked JSON body a length, without which Django and the framework see none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _is_chunked_json(request):
            whole(request)
        return self.get_response(request)


def whole(request: HttpRequest) -> bytes:
    """A body of JSON as it is, decoded; the request has it still, with its length. Raises BodyTooLarge, Interrupted."""
    data = b"".join(body_stream(request, limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    for name in ("HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_ENCODING"):
        request.META.pop(name, None)
    request.META["CONTENT_LENGTH"] = str(len(data))
    request.META["wsgi.input"] = io.BytesIO(data)
    return data


def _is_chunked_json(request: HttpRequest) -> bool:
    return (
        request.path.startswith(API)
        and request.content_type == MEDIA_TYPE
        and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    )


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested more than `levels` deep."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)
