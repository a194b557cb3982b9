"""Reading a request's body as a stream, whatever way the client frames and encodes it.

Django hands a view nothing of a body that comes with `Transfer-Encoding: chunked`, without an error:
everything that takes uploads reads through `body_stream` instead of `request.read()`.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest
from isal import isal_zlib
from isal.igzip_lib import IsalError

from apps.core.errors import FoveaError, Invalid, Unsupported
from apps.saying import say

PIECE: Final = 1 << 20
# A body may inflate to this many bytes freely; beyond it, to no more than RATIO bytes for each byte received.
FREE_INFLATED: Final = 64 << 20
RATIO: Final = 200
# Small inputs, because what the decoder leaves over is copied at each step.
_INFLATED_AT_ONCE: Final = 64 << 10
_GZIP_WINDOW: Final = 31


class Interrupted(Invalid):
    """The client stopped sending, or hung up, before the body was complete."""

    code = "interrupted"
    title = say("The request ended before its body was complete")


class BodyTooLarge(FoveaError):
    """The body as a whole is too large: unlike TooLarge of one object in it, nothing after it can be read."""

    status = 413
    code = "too-large"
    title = say("The request's body is too large")


def body_stream(request: HttpRequest, *, limit: int) -> Iterator[bytes]:
    """The request's body in pieces of at most `PIECE` bytes, decoded from gzip where the client used it.

    Framed by Content-Length or, for chunked bodies and HTTP/2, by the server's end of input. A server such
    as granian ends a broken chunked body like a complete one: what is read must say itself where it ends.
    Raises Interrupted for a body shorter than declared, BodyTooLarge beyond `limit` bytes (received or
    inflated) or the permitted ratio, Unsupported for another Content-Encoding, Invalid for broken gzip.
    What the headers tell, it raises at once.
    """
    declared = declared_length(request)
    if declared is not None and declared > limit:
        raise _too_large(limit)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in {"", "identity"}:
        return _received(request, declared, limit)
    if encoding in {"gzip", "x-gzip"}:
        return _inflated(_received(request, declared, limit), limit)
    raise Unsupported(say("The body's Content-Encoding is not supported: send it plain or with gzip."))


def _received(request: HttpRequest, declared: int | None, limit: int) -> Iterator[bytes]:
    received = 0
    while declared is None or received < declared:
        piece = _read(request, PIECE if declared is None else min(PIECE, declared - received))
        if not piece:
            break
        received += len(piece)
        if received > limit:
            raise _too_large(limit)
        yield piece
    if declared is not None and received < declared:
        raise Interrupted(
            say(
                "The request ended after {received} of {declared} bytes. Send it again.",
                received=received,
                declared=declared,
            )
        )


def declared_length(request: HttpRequest) -> int | None:
    """Content-Length, 0 for no body, or None where the server alone knows the end (chunked, HTTP/2)."""
    if text := request.META.get("CONTENT_LENGTH", "").strip():
        if not (text.isascii() and text.isdigit()):
            raise Invalid(say("The Content-Length is not a number."))
        return int(text)
    is_chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    return None if is_chunked or request.META.get("wsgi.input_terminated") else 0


def _read(request: HttpRequest, size: int) -> bytes:
    try:
        return request.META["wsgi.input"].read(size)
    except OSError as error:
        raise Interrupted(say("The connection broke while the body was read. Send the request again.")) from error


def _inflated(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    received = inflated = 0
    decoder = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
    for piece in _slices(pieces):
        received += len(piece)
        rest = piece
        while rest:
            if decoder.eof:
                decoder = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
            for output in _outputs(decoder, rest):
                inflated += len(output)
                if inflated > min(limit, FREE_INFLATED + RATIO * received):
                    raise BodyTooLarge(say("The gzip-encoded body inflates beyond what this server takes."))
                yield output
            rest = decoder.unused_data
    if received and not decoder.eof:
        raise Interrupted(say("The gzip-encoded body ends early. Send the request again."))


def _slices(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), _INFLATED_AT_ONCE):
            yield piece[start : start + _INFLATED_AT_ONCE]


def _outputs(decoder: Any, data: bytes) -> Iterator[bytes]:
    """What one slice inflates to, at most `PIECE` bytes at a time."""
    while True:
        try:
            output = decoder.decompress(data, PIECE)
        except IsalError as error:  # type: ignore[misc]  # its stub declares an instance
            raise Invalid(say("The body is not valid gzip, though its Content-Encoding says so.")) from error
        if output:
            yield output
        data = decoder.unconsumed_tail
        if decoder.eof or (not data and len(output) < PIECE):
            return


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(
        say("The request's body is larger than the {most} MiB that this server takes at once.", most=limit >> 20)
    )
