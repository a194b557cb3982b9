"""Pieces of single-part resources: ranges, validators, HEAD."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils.http import http_date
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Practice
from apps.archive import retrieve
from apps.dicomweb.ranges import Span, Unsatisfiable, span
from apps.dicomweb.single_part import SinglePart, serve
from tests import dicoms
from tests.dicomweb.archive import body, keep, place

OCTETS = "application/octet-stream"
RESOURCES = {"": "application/dicom", "/frames/1": OCTETS, "/bulkdata/7FE00010": OCTETS}
DATA = bytes(range(10))
ETAG = '"ten"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=2-", Span(2, 8)),
        ("bytes=-3", Span(7, 3)),
        ("bytes=-30", Span(0, 10)),
        ("Bytes = 5 - 99999999999", Span(5, 5)),
        ("bytes=3-2", None),
        ("bytes=0-1,4-5", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("items=0-1", None),
        ("", None),
    ],
)
def test_a_range_is_read(header: str, expected: Span | None) -> None:
    """RFC 9110 14.1.2."""
    assert span(header, 10) == expected


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)])
def test_a_range_behind_the_end_can_not_be_given(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        span(header, size)


@given(st.text(alphabet="bytes=-,0123456789 ", max_size=40), st.integers(0, 10**6))
def test_whatever_the_header_says_the_piece_lies_within(header: str, size: int) -> None:
    try:
        piece = span(f"bytes={header}", size)
    except Unsatisfiable:
        return
    assert piece is None or (piece.length > 0 and piece.start >= 0 and piece.start + piece.length <= size)


def asked(method: str = "GET", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestFactory().generic(method, "/", headers=named)


def ten() -> SinglePart:
    return SinglePart.of_bytes(OCTETS, DATA, ETAG)


@pytest.mark.parametrize(
    ("headers", "status", "content"),
    [
        ({}, 200, DATA),
        ({"range": "bytes=2-4"}, 206, DATA[2:5]),
        ({"range": "bytes=2-4", "if_range": ETAG}, 206, DATA[2:5]),
        ({"range": "bytes=2-4", "if_range": '"another"'}, 200, DATA),
        ({"range": "bytes=2-4", "if_range": f"W/{ETAG}"}, 200, DATA),
        ({"range": "bytes=2-4", "if_range": "Sat, 21 Nov 2026 00:00:00 GMT"}, 200, DATA),
        ({"range": "bytes=2-4", "if_none_match": ETAG}, 304, b""),
        ({"range": "bytes=0-1,3-4"}, 200, DATA),
    ],
)
def test_preconditions_come_before_the_range(headers: dict[str, str], status: int, content: bytes) -> None:
    """RFC 9110 13.2.2."""
    response = serve(asked(**headers), ten())
    assert (response.status_code, body(response), response["ETag"]) == (status, content, ETAG)


MODIFIED = datetime(2026, 11, 21, tzinfo=UTC)
DATE, DAY_BEFORE, DAY_AFTER = (f"{day} Nov 2026 00:00:00 GMT" for day in ("Sat, 21", "Fri, 20", "Sun, 22"))


@pytest.mark.parametrize(
    ("headers", "status", "content"),
    [
        ({"range": "bytes=2-4", "if_range": DATE}, 206, DATA[2:5]),
        ({"range": "bytes=2-4", "if_range": DAY_BEFORE}, 200, DATA),
        ({"range": "bytes=2-4", "if_range": DAY_AFTER}, 200, DATA),
        ({"if_modified_since": DATE}, 304, b""),
        ({"if_modified_since": DAY_BEFORE}, 200, DATA),
        ({"if_modified_since": "yesterday"}, 200, DATA),
        ({"if_modified_since": DAY_AFTER, "if_none_match": '"another"'}, 200, DATA),
    ],
)
def test_a_date_is_a_validator_too(headers: dict[str, str], status: int, content: bytes) -> None:
    """RFC 9110 13.1.3, 13.1.5."""
    response = serve(asked(**headers), replace(ten(), modified=MODIFIED))
    assert (response.status_code, body(response), response["Last-Modified"]) == (status, content, DATE)


def test_a_date_of_this_very_second_proves_nothing() -> None:
    """RFC 9110 8.8.2.2."""
    now = datetime.now(UTC)
    headers = {"range": "bytes=2-4", "if_range": http_date(now.timestamp())}
    assert serve(asked(**headers), replace(ten(), modified=now)).status_code == 200


def test_a_range_behind_the_end_is_answered_with_the_size() -> None:
    """RFC 9110 15.5.17."""
    response = serve(asked(range="bytes=10-"), ten())
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10")
    assert response["Content-Type"] == "application/problem+json"


def test_a_file_is_given_by_pieces(tmp_path: Path) -> None:
    file = tmp_path / "movie.mp4"
    file.write_bytes(DATA * 100_000)
    part = SinglePart.of_file("video/mp4", file, ETAG)
    assert body(serve(asked(), part)) == DATA * 100_000
    assert body(serve(asked(range="bytes=999995-"), part)) == DATA[5:]


def test_head_reads_nothing_even_of_a_range() -> None:
    """RFC 9110 9.3.2, 14.2."""

    def pieces(start: int, length: int) -> Iterator[bytes]:
        raise AssertionError(f"{length} bytes from {start} were read")

    response = serve(asked("HEAD", range="bytes=0-1"), SinglePart(OCTETS, 5 << 30, ETAG, pieces))
    assert (response.status_code, body(response), response["Content-Length"]) == (200, b"", str(5 << 30))
    assert response["Accept-Ranges"] == "bytes"


@pytest.fixture
def address(practice: Practice) -> str:
    data = dicoms.ct_slice()
    keep(practice, data)
    return place(data)


@pytest.mark.django_db
@pytest.mark.parametrize(("suffix", "accept"), RESOURCES.items())
def test_every_single_part_resource_is_given_by_pieces(client: Client, address: str, suffix: str, accept: str) -> None:
    """Trap: Range, 206, 416, If-Range, Accept-Ranges, ETag, 304, Content-Length (RFC 9110 14)."""
    whole = client.get(address + suffix, headers={"accept": accept})
    assert (whole.status_code, whole["Accept-Ranges"]) == (200, "bytes")
    known = {"accept": accept, "if-range": whole["ETag"]}
    for wanted, expected in (("0-9", whole.content[:10]), ("100-", whole.content[100:]), ("-7", whole.content[-7:])):
        piece = client.get(address + suffix, headers={**known, "range": f"bytes={wanted}"})
        assert (piece.status_code, piece.content) == (206, expected)
        assert int(piece["Content-Length"]) == len(expected)
        assert piece["Content-Range"].endswith(f"/{len(whole.content)}")
    assert client.get(address + suffix, headers={**known, "range": "bytes=99999999-"}).status_code == 416
    current = client.get(address + suffix, headers={"accept": accept, "if-none-match": whole["ETag"]})
    assert (current.status_code, current.content) == (304, b"")


@pytest.mark.django_db
@pytest.mark.parametrize(("suffix", "accept"), RESOURCES.items())
def test_head_says_what_get_says(client: Client, address: str, suffix: str, accept: str) -> None:
    got, said = (call(address + suffix, headers={"accept": accept}) for call in (client.get, client.head))
    for header in ("Content-Type", "Content-Length", "ETag", "Accept-Ranges", "Cache-Control"):
        assert said[header] == got[header]
    assert said.content == b""


@pytest.mark.django_db
@pytest.mark.parametrize("suffix", ["", "/frames/1", "/bulkdata/7FE00010"])
def test_a_multipart_answer_is_no_copy_of_the_single_part(client: Client, address: str, suffix: str) -> None:
    """RFC 9110 8.8.3: representations of a resource differ in their tags."""
    parts = client.get(address + suffix, headers={"accept": "multipart/related", "range": "bytes=0-1"})
    alone = client.get(address + suffix, headers={"accept": RESOURCES[suffix], "if-none-match": parts["ETag"]})
    again = client.get(address + suffix, headers={"accept": "multipart/related", "if-none-match": parts["ETag"]})
    assert [parts.status_code, alone.status_code, again.status_code] == [200, 200, 304]


@pytest.mark.django_db
def test_head_of_many_objects_reads_none(client: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> Iterator[bytes]:
        raise AssertionError("read")
        yield b""

    monkeypatch.setattr(retrieve, "iter_file", read)
    study = address.partition("/series/")[0]
    for where in (study, address):
        said = client.head(where, headers={"accept": "multipart/related"})
        assert (said.status_code, body(said)) == (200, b"")
        assert "Content-Length" not in said


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["1-2", "0-6", "3-3", "4095-8191"])
def test_a_piece_of_a_big_endian_value_is_little_endian(client: Client, practice: Practice, wanted: str) -> None:
    data = dicoms.ct_slice(transfer_syntax="1.2.840.10008.1.2.2")
    keep(practice, data)
    where, accept = f"{place(data)}/bulkdata/7FE00010", {"accept": OCTETS}
    whole = client.get(where, headers=accept).content
    first, last = map(int, wanted.split("-"))
    piece = client.get(where, headers={**accept, "range": f"bytes={wanted}"})
    assert piece.content == whole[first : last + 1]


@pytest.mark.django_db
def test_a_piece_is_for_the_practice_alone(stranger_client: Client, anonymous: Client, address: str) -> None:
    headers = {"accept": "application/dicom", "range": "bytes=0-9"}
    assert stranger_client.get(address, headers=headers).status_code == 404
    assert anonymous.get(address, headers=headers).status_code == 401
