"""Single-part answers (PS3.18 8.7.1): whole, a byte range of it, or nothing where the client's copy is current.

Files, frames, bulk data and videos are all given by `serve`, so that each of them can be resumed and sought in.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_http_date_safe

from apps.core import problems
from apps.core.requests import request_id
from apps.dicomweb.ranges import Span, Unsatisfiable, span
from apps.dicomweb.responses import IN_MEMORY, is_current, not_modified, tagged
from apps.saying import say

PIECE: Final = 128 * 1024
# A date tells two versions apart that are a second from each other (RFC 9110 8.8.2.2).
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class SinglePart:
    """A representation by itself: its media type, its size in bytes, its validator, and its bytes from anywhere.

    `etag` is a strong one in its quotes (RFC 9110 8.8.3): other bytes have another. `pieces(start, length)` gives just
    those bytes, a piece at a time; nothing is read before it is iterated over. `modified`, with its time zone, is when
    these bytes came to be, where that is told.
    """

    content_type: str
    size: int
    etag: str
    pieces: Callable[[int, int], Iterable[bytes]]
    modified: datetime | None = None

    @classmethod
    def of_bytes(cls, content_type: str, data: bytes, etag: str) -> "SinglePart":
        """What is in memory already."""
        return cls(content_type, len(data), etag, lambda start, length: (data[start : start + length],))

    @classmethod
    def of_file(cls, content_type: str, path: Path, etag: str, modified: datetime | None = None) -> "SinglePart":
        """A file, such as a video in the cache. Raises OSError for one that isn't there."""
        size = path.stat().st_size
        return cls(content_type, size, etag, lambda start, length: _file_pieces(path, start, length), modified)


def serve(request: HttpRequest, part: SinglePart) -> HttpResponseBase:
    """The answer to GET and HEAD: 200, 206, 304 or 416 (RFC 9110 13.2.2, 14.2, 15.3.7, 15.5.17).

    A request for several ranges gets the whole.
    """
    if is_current(request, part.etag) or _is_unmodified(request, part):
        return _dated(not_modified(part.etag), part)
    try:
        asked = _asked(request, part)
    except Unsatisfiable:
        return _unsatisfiable(part)
    response = _body(request, part, asked or Span(0, part.size))
    if asked:
        response.status_code = 206
        response.headers["Content-Range"] = asked.content_range(part.size)
    response.headers["Accept-Ranges"] = "bytes"
    return _dated(tagged(response, part.etag), part)


def _dated(response: HttpResponseBase, part: SinglePart) -> HttpResponseBase:
    if part.modified is not None:
        response.headers["Last-Modified"] = http_date(part.modified.timestamp())
    return response


def _is_unmodified(request: HttpRequest, part: SinglePart) -> bool:
    """Whether the client's copy is no older, by its date; a validator that it has besides counts more (13.1.3)."""
    since = parse_http_date_safe(request.META.get("HTTP_IF_MODIFIED_SINCE", ""))
    if since is None or part.modified is None or request.META.get("HTTP_IF_NONE_MATCH"):
        return False
    return int(part.modified.timestamp()) <= since


def _asked(request: HttpRequest, part: SinglePart) -> Span | None:
    """The range, unless the client has a piece of something else (RFC 9110 13.1.5) or asks by HEAD (14.2)."""
    header = request.META.get("HTTP_RANGE", "")
    if not header or request.method != "GET":
        return None
    known = request.META.get("HTTP_IF_RANGE", part.etag).strip()
    return span(header, part.size) if known in _validators(part) else None


def _validators(part: SinglePart) -> tuple[str, ...]:
    """What proves that a piece is of the same bytes: its entity tag, or its date where that is a strong one."""
    if part.modified is None or datetime.now(UTC) - part.modified < _SECOND:
        return (part.etag,)
    return part.etag, http_date(part.modified.timestamp())


def _body(request: HttpRequest, part: SinglePart, piece: Span) -> HttpResponseBase:
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=part.content_type)
    elif piece.length <= IN_MEMORY:
        return HttpResponse(b"".join(part.pieces(piece.start, piece.length)), content_type=part.content_type)
    else:
        pieces = part.pieces(piece.start, piece.length)
        response = StreamingHttpResponse(pieces, content_type=part.content_type)
    response.headers["Content-Length"] = str(piece.length)
    return response


def _unsatisfiable(part: SinglePart) -> HttpResponse:
    detail = say("The range begins behind the end: there are {size} bytes.", size=part.size)
    body = problems.document(416, say("The range can't be given"), detail, request_id())
    headers = {"Content-Range": f"bytes */{part.size}", "Accept-Ranges": "bytes"}
    return HttpResponse(body, content_type=problems.MEDIA_TYPE, status=416, headers=headers)


def _file_pieces(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while length > 0 and (data := file.read(min(PIECE, length))):
            length -= len(data)
            yield data
