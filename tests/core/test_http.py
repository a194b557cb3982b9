"""`body_stream`: whole bodies, chunked ones, gzip, and clients that send too much or too little."""

import gzip
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import FoveaError, Invalid, Unsupported
from apps.core.http import PIECE, BodyTooLarge, Interrupted, body_stream

LIMIT = 300 << 20


def request_with(body: bytes, **environ: Any) -> WSGIRequest:
    return WSGIRequest(
        {"REQUEST_METHOD": "POST", "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))} | environ
    )


def read(body: bytes, limit: int = LIMIT, **environ: Any) -> bytes:
    return b"".join(body_stream(request_with(body, **environ), limit=limit))


def test_a_body_comes_in_big_pieces() -> None:
    sizes = [len(piece) for piece in body_stream(request_with(bytes(PIECE + 5)), limit=LIMIT)]
    assert sizes == [PIECE, 5]


def test_nothing_is_read_beyond_the_declared_length() -> None:
    assert read(b"one request, the next", CONTENT_LENGTH="11") == b"one request"


def test_no_body_is_read_where_none_is_announced() -> None:
    assert read(b"what a keep-alive connection brings next", CONTENT_LENGTH="") == b""


@pytest.mark.parametrize("environ", [{"HTTP_TRANSFER_ENCODING": "Chunked"}, {"wsgi.input_terminated": True}])
def test_a_chunked_body_is_read_to_its_end(environ: dict[str, Any]) -> None:
    assert read(b"x" * 5000, CONTENT_LENGTH="", **environ) == b"x" * 5000


def test_a_shorter_body_than_declared_was_interrupted() -> None:
    with pytest.raises(Interrupted, match="after 3 of 9 bytes"):
        read(b"abc", CONTENT_LENGTH="9")


def test_a_broken_connection_interrupts() -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    request = request_with(b"abc", **{"wsgi.input": Broken()})
    with pytest.raises(Interrupted):
        list(body_stream(request, limit=LIMIT))


def test_a_length_that_is_no_number_is_invalid() -> None:
    with pytest.raises(Invalid):
        read(b"abc", CONTENT_LENGTH="-3")


def test_a_declared_length_beyond_the_limit_is_refused_before_reading() -> None:
    with pytest.raises(BodyTooLarge):
        body_stream(request_with(b"", CONTENT_LENGTH="11"), limit=10)


def test_a_chunked_body_is_refused_when_it_passes_the_limit() -> None:
    with pytest.raises(BodyTooLarge):
        read(b"x" * 11, limit=10, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")


def test_another_content_encoding_is_unsupported() -> None:
    with pytest.raises(Unsupported):
        read(b"x", HTTP_CONTENT_ENCODING="br")


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_gzip_is_decoded(encoding: str) -> None:
    content = bytes(range(256)) * 9000
    assert read(gzip.compress(content), HTTP_CONTENT_ENCODING=encoding) == content


def test_gzip_of_several_members_is_decoded() -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two")
    assert read(body, HTTP_CONTENT_ENCODING="gzip") == b"one two"


def test_inflated_pieces_are_bounded() -> None:
    request = request_with(gzip.compress(bytes(3 * PIECE)), HTTP_CONTENT_ENCODING="gzip")
    assert max(len(piece) for piece in body_stream(request, limit=LIMIT)) <= PIECE


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda body: body[:-9], Interrupted),
        (lambda body: b"no" + body, Invalid),
        (lambda body: body + b"?", FoveaError),
    ],
)
def test_broken_gzip_is_the_clients_error(spoil: Callable[[bytes], bytes], error: type[FoveaError]) -> None:
    with pytest.raises(error):
        read(spoil(gzip.compress(b"content" * 99)), HTTP_CONTENT_ENCODING="gzip")


def test_a_bomb_is_refused_by_its_ratio() -> None:
    bomb = gzip.compress(bytes(100 << 20))
    with pytest.raises(BodyTooLarge, match="inflates"):
        read(bomb, HTTP_CONTENT_ENCODING="gzip")


def test_an_inflated_body_is_held_to_the_limit() -> None:
    with pytest.raises(BodyTooLarge, match="inflates"):
        read(gzip.compress(bytes(2000)), limit=1000, HTTP_CONTENT_ENCODING="gzip")


@given(st.binary(max_size=300))
def test_any_bytes_as_gzip_raise_only_errors_for_the_client(body: bytes) -> None:
    with suppress(Invalid, BodyTooLarge):
        read(body, HTTP_CONTENT_ENCODING="gzip")
