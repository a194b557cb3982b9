"""Answers with an entity tag, and requests that depend on one (RFC 9110 8.8.3 and 13).

A tag is a hash of the body, and strong: the same bytes have the same tag whoever answers. A view that knows better, by
a version say, sets `ETag` itself.
"""

import copy
import hashlib
from collections.abc import Callable
from typing import Any, Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseNotModified, QueryDict
from django.utils.http import parse_etags

from apps.core.errors import NotFound, PreconditionFailed, Refused
from apps.saying import say

# A view with its arguments: the rendered answer to a request. Raises FoveaError.
Ask = Callable[[HttpRequest], Any]

CHANGING: Final = frozenset({"PUT", "PATCH", "DELETE"})
CHANGED: Final = say("Somebody has changed it since you read it. Read it again (GET), and decide anew.")
TAGLESS: Final = say(
    "What is at this address can't be read, so that it has no ETag to go by. Send it without If-Match."
)
# What says nothing about the representation that the method GET without parameters gives.
NOT_ASKED: Final = frozenset({"CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"})


def tagged(response: Any) -> str:
    """The answer's tag, which it gets unless its view has given it one; empty for what is no whole 200."""
    if response.status_code != 200 or response.streaming:
        return ""
    if "ETag" not in response.headers:
        response.headers["ETag"] = f'"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
    return str(response.headers["ETag"])


def unless_known(request: HttpRequest, response: Any) -> Any:
    """The answer to a GET or HEAD, or 304 where If-None-Match names its tag; these two compare weakly."""
    tag = tagged(response)
    named = request.META.get("HTTP_IF_NONE_MATCH", "")
    if not (tag and named):
        return response
    known = {each.removeprefix("W/") for each in parse_etags(named)}
    if "*" not in known and tag.removeprefix("W/") not in known:
        return response
    return HttpResponseNotModified(headers={"ETag": tag})


def change(request: HttpRequest, ask: Ask) -> Any:
    """The answer to a PUT, PATCH or DELETE that changes what If-Match names, or nothing.

    Nobody else who names a tag comes between, and the answer has the tag that the next change names. Raises
    PreconditionFailed; NotFound for what there isn't, unless it would be made.
    """
    with transaction.atomic():
        lock(request.path_info)
        tag = _current(request, ask)
        if not _is_named(tag, request.META["HTTP_IF_MATCH"]):
            raise PreconditionFailed(CHANGED if tag else TAGLESS)
        response = ask(request)
        if response.status_code == 200:
            response.headers["ETag"] = _current(request, ask)
        return response


def _is_named(tag: str, named: str) -> bool:
    """Strongly compared (RFC 9110 13.1.1): a weak tag never is."""
    known = parse_etags(named)
    return bool(tag) and ("*" in known or (tag in known and not tag.startswith("W/")))


def _current(request: HttpRequest, ask: Ask) -> str:
    """The tag of what GET gives now; empty where it gives none."""
    asked = copy.copy(request)
    asked.method, asked.GET = "GET", QueryDict()
    asked.META = {name: value for name, value in request.META.items() if name not in NOT_ASKED}
    asked.__dict__.pop("headers", None)
    try:
        return tagged(ask(asked))
    except Refused:
        return ""
    except NotFound:
        if request.method == "PUT":
            return ""
        raise


def lock(address: str) -> None:
    """One at a time for each address until the transaction ends. SQLite has but one writer, who has begun already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [address])
