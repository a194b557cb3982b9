"""Answers of the retrieve transactions: single part and multipart/related, whole or streamed, with validators."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.archive.retrieve import StoredInstance
from apps.core.errors import NotAcceptable
from apps.dicomweb.accept import MediaRange, Offer, accepted, choose
from apps.saying import say

# Up to here an answer is sent from memory, with its length; beyond, it is streamed.
IN_MEMORY: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart answer: its media type with parameters, its address, and its bytes in pieces.

    `size` is None where it is only known when the bytes have been made.
    """

    content_type: str
    location: str
    size: int | None
    pieces: Iterable[bytes]


def is_current(request: HttpRequest, etag: str) -> bool:
    """Whether the client's copy is the current one (RFC 9110 13.1.2: the weak comparison)."""
    given = request.META.get("HTTP_IF_NONE_MATCH", "")
    if not given:
        return False
    return given.strip() == "*" or etag.removeprefix("W/") in {
        tag.strip().removeprefix("W/") for tag in given.split(",")
    }


def varied(etag: str) -> str:
    """The validator of the multipart answer beside a single-part one: weak, since each has a boundary of its own."""
    return f'W/"{etag[1:-1]}-parts"'


def not_modified(etag: str) -> HttpResponseBase:
    return tagged(HttpResponse(status=304), etag)


def tagged(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """The answer with its validator. A client keeps it, and asks each time whether it may still use it."""
    headers = response.headers
    headers["ETag"] = etag
    headers["Cache-Control"] = "private, no-cache"
    headers.setdefault("Vary", "Accept")
    return response


def multipart(part_type: str, parts: Iterable[Part], size: int, *, head: bool = False) -> HttpResponseBase:
    """multipart/related (RFC 2387) with one part for each item; `size` is about what they come to.

    With `head` it is the answer to HEAD: no part is read, and its length remains unsaid (RFC 9110 9.3.2).
    """
    boundary = secrets.token_hex(16)
    content_type = f'multipart/related; type="{part_type}"; boundary={boundary}'
    if head:
        return StreamingHttpResponse((), content_type=content_type)
    body = _body(boundary.encode(), parts)
    if size <= IN_MEMORY:
        return HttpResponse(b"".join(body), content_type=content_type)
    return StreamingHttpResponse(body, content_type=content_type)


def _body(boundary: bytes, parts: Iterable[Part]) -> Iterator[bytes]:
    start = b"--" + boundary
    for part in parts:
        yield b"%b\r\nContent-Type: %b\r\nContent-Location: %b\r\n%b\r\n" % (
            start,
            part.content_type.encode(),
            part.location.encode(),
            b"" if part.size is None else b"Content-Length: %d\r\n" % part.size,
        )
        yield from part.pieces
        start = b"\r\n--" + boundary
    yield start + b"--\r\n"


def chosen(request: HttpRequest, offers: Sequence[Offer]) -> Offer:
    """The offer that the request likes best. Raises NotAcceptable."""
    return chosen_of(accepted(request), offers)


def chosen_of(ranges: Iterable[MediaRange], offers: Sequence[Offer]) -> Offer:
    """The offer that lies in the best of these ranges. Raises NotAcceptable."""
    offer = choose(ranges, offers)
    if offer is None:
        given = ", ".join(sorted({offer.part_type or offer.type for offer in offers}))
        raise NotAcceptable(say("This can be had as {given}.", given=given))
    return offer


def place(stored: StoredInstance, base: str) -> str:
    """The address of an instance."""
    return (
        f"{base}/studies/{stored.study_instance_uid}/series/{stored.series_instance_uid}"
        f"/instances/{stored.sop_instance_uid}"
    )
