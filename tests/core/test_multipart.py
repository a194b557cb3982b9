"""The parser of multipart/related: what clients send, split anywhere, and what nobody should send."""

import string
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import FoveaError, Invalid, TooLarge
from apps.core.multipart import Limits, parts

LIMITS = Limits(part_bytes=1 << 20, parts=50, header_bytes=256, around_bytes=512)
BOUNDARY = "b0undary"
DELIMITER = b"--b0undary"

Read = list[tuple[dict[str, str], bytes]]


def body_of(*contents: bytes, header: bytes = b"Content-Type: application/dicom\r\n") -> bytes:
    whole = b"".join(DELIMITER + b"\r\n" + header + b"\r\n" + content + b"\r\n" for content in contents)
    return whole + DELIMITER + b"--\r\n"


def read(body: bytes, *, splits: list[int] | None = None, limits: Limits = LIMITS) -> Read:
    chunks = split(body, splits or [])
    return [(dict(part.headers), b"".join(part.chunks)) for part in parts(chunks, BOUNDARY, limits)]


def split(body: bytes, at: list[int]) -> Iterator[bytes]:
    cuts = [0, *sorted(cut % (len(body) + 1) for cut in at), len(body)]
    return (body[start:end] for start, end in pairwise(cuts))


def contents(body: bytes) -> list[bytes]:
    return [content for _, content in read(body)]


def test_parts_come_in_order_with_their_headers() -> None:
    header = {"content-type": "application/dicom"}
    assert read(body_of(b"one", b"two")) == [(header, b"one"), (header, b"two")]


def test_a_part_without_headers_is_a_part() -> None:
    assert read(body_of(b"one", header=b"")) == [({}, b"one")]


def test_text_around_the_parts_is_ignored() -> None:
    assert contents(b"\r\n" + body_of(b"one")) == [b"one"]
    assert contents(b"This is MIME.\r\n" + body_of(b"one") + b"epilogue\r\n--b0undary\r\n") == [b"one"]


def test_lines_may_end_with_lf_alone() -> None:
    assert contents(body_of(b"one", b"two\r").replace(b"\r\n", b"\n")) == [b"one", b"two\r"]
    assert read(body_of(b"one", header=b"A: 1\nB: 2\n")) == [({"a": "1", "b": "2"}, b"one")]


def test_delimiter_lines_may_be_padded_and_the_last_needs_no_end() -> None:
    assert contents(b"--b0undary \t\r\n\r\none\r\n--b0undary--") == [b"one"]
    assert contents(b"--b0undary\r\n\r\none\r\n--b0undary--  ") == [b"one"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"a--b0undary--\r\n",
        b"\r\n--b0undar",
        b"\r\n--b0undaryX\r\n",
        b"\r\n--b0undary- \r\n",
        b"\n--b0undary\r\n",
    ],
)
def test_bytes_that_look_like_a_delimiter_stay_in_the_part(content: bytes) -> None:
    assert contents(body_of(content, b"next")) == [content, b"next"]


def test_folded_header_lines_are_joined() -> None:
    header = b"Content-Type: application/dicom;\r\n transfer-syntax=1.2\r\n"
    assert read(body_of(b"x", header=header))[0][0] == {"content-type": "application/dicom; transfer-syntax=1.2"}


def test_a_part_left_unread_is_skipped() -> None:
    numbers = [part.number for part in parts([body_of(b"one" * 999, b"two")], BOUNDARY, LIMITS)]
    assert numbers == [1, 2]


def test_a_part_read_in_part_is_skipped() -> None:
    first = [bytes(next(part.chunks))[:1] for part in parts([body_of(b"one", b"two")], BOUNDARY, LIMITS)]
    assert first == [b"o", b"t"]


def test_a_body_without_parts_has_none() -> None:
    assert read(b"--b0undary--\r\n") == []


@pytest.mark.parametrize("end", [0, 5, 30, 60, 70, 80])
def test_a_body_that_ends_early_is_invalid(end: int) -> None:
    with pytest.raises(Invalid):
        read(body_of(b"one", b"two")[:end])


def test_the_error_says_in_which_part_the_body_ends() -> None:
    with pytest.raises(Invalid, match="within part 2"):
        read(body_of(b"one", b"two").removesuffix(b"\r\n--b0undary--\r\n"))


@pytest.mark.parametrize("boundary", ["", "x" * 71, "é", "a\nb"])
def test_a_boundary_that_is_none_is_refused(boundary: str) -> None:
    with pytest.raises(Invalid, match="boundary"):
        parts([b""], boundary, LIMITS)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (body_of(b"x" * 101), TooLarge),
        (body_of(*[b"x"] * 4), TooLarge),
        (body_of(b"x", header=b"A: " + b"y" * 100 + b"\r\n"), Invalid),
        (body_of(b"x", header=b"no colon here\r\n"), Invalid),
        (b"p" * 101 + b"\r\n" + body_of(b"x"), Invalid),
        (body_of(b"x") + b"e" * 101, Invalid),
    ],
)
def test_what_is_too_much_is_refused(body: bytes, error: type[FoveaError]) -> None:
    with pytest.raises(error):
        read(body, limits=Limits(part_bytes=100, parts=3, header_bytes=100, around_bytes=100))


HEADER_TEXT = st.text(alphabet=string.ascii_letters + string.digits + "-/=", min_size=1, max_size=12)
LIKE_DELIMITERS = st.lists(
    st.sampled_from([b"\r\n", b"--", BOUNDARY.encode(), b"\n", b"\r", b"-", b"\x00", b" ", b"x"]), max_size=12
).map(b"".join)
CONTENT = st.one_of(st.binary(max_size=200), LIKE_DELIMITERS).filter(lambda content: DELIMITER not in content)


@given(
    expected=st.lists(
        st.tuples(st.dictionaries(HEADER_TEXT.map(str.lower), HEADER_TEXT, max_size=3), CONTENT), max_size=4
    ),
    splits=st.lists(st.integers(min_value=0, max_value=4000), max_size=40),
    preamble=st.sampled_from([b"", b"\r\n", b"text\r\n"]),
)
def test_any_parts_come_back_however_the_body_is_split(expected: Read, splits: list[int], preamble: bytes) -> None:
    whole = preamble
    for headers, content in expected:
        lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items())
        whole += DELIMITER + b"\r\n" + lines + b"\r\n" + content + b"\r\n"
    assert read(whole + DELIMITER + b"--\r\n", splits=splits) == expected


@given(body=LIKE_DELIMITERS, splits=st.lists(st.integers(min_value=0, max_value=400), max_size=20))
def test_the_split_never_changes_what_is_read(body: bytes, splits: list[int]) -> None:
    body = body_of(b"one")[:-4] + body + body_of(b"two")
    assert outcome(body, splits) == outcome(body, [])


@given(
    cut=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    inserted=st.one_of(st.binary(max_size=20), LIKE_DELIMITERS),
    splits=st.lists(st.integers(0, 400), max_size=10),
)
def test_a_mutated_body_raises_nothing_but_the_parsers_own_errors(
    cut: tuple[int, int], inserted: bytes, splits: list[int]
) -> None:
    body = body_of(b"one", b"two", b"three")
    mutated = body[: min(cut)] + inserted + body[max(cut) :]
    assert isinstance(outcome(mutated, splits), list | str)


def outcome(body: bytes, splits: list[int]) -> Read | str:
    """What is read, or the text of the parser's own error."""
    try:
        return read(body, splits=splits)
    except FoveaError as error:
        return error.detail
