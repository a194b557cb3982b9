"""Which fragments of encapsulated pixel data make up which frame (PS3.5 A.4, PS3.3 C.7.6.3.1.8)."""

from array import array
from base64 import b64decode
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

from apps.dicom.fragments import Fragments
from apps.dicom.geometry import number_of_frames
from apps.dicom.header import Header, first_value
from apps.dicom.source import Source

_NUMBER_OF_FRAMES: Final = "00280008"
_OFFSETS, _LENGTHS = "7FE00001", "7FE00002"
# How a picture starts: JPEG and JPEG-LS, JPEG 2000 as codestream and as JP2, JPEG XL bare and boxed.
_PICTURE_STARTS: Final = (
    b"\xff\xd8\xff",
    b"\xff\x4f\xff\x51",
    b"\x00\x00\x00\x0cjP  ",
    b"\xff\x0a",
    b"\x00\x00\x00\x0cJXL ",
)
_LONGEST_START: Final = max(map(len, _PICTURE_STARTS))
# How JPEG, JPEG-LS and JPEG 2000 end, perhaps with padding behind.
_PICTURE_END: Final = b"\xff\xd9"
_END_WINDOW: Final = 10


def frame_starts(source: Source, header: Header, fragments: Fragments) -> tuple[list[int], "array[int]"]:
    """Return the number of the first fragment of every frame, and the fragments' lengths.

    The first item, the Basic Offset Table, doesn't count. An Extended Offset Table gives exact lengths,
    without padding. Tables that fit the fragments and Number of Frames are believed; otherwise the
    fragments themselves tell, and where that leads nowhere a fragment is a frame.
    """
    lengths = fragments.lengths[1:]
    declared = number_of_frames(header)
    extended = _by_offsets(fragments, _extended_table(source, header))
    basic = _by_offsets(fragments, _basic_table(source, fragments))
    # A table of one offset may be all that its writer cared to give; of several, they are meant.
    believed = next((starts for starts in (extended, basic) if len(starts) in (declared, max(len(starts), 2))), [])
    starts = believed or _guessed(source, header, fragments, declared)
    return starts, _exact_lengths(source, header, starts, lengths) if starts is extended else lengths


def _basic_table(source: Source, fragments: Fragments) -> Sequence[int]:
    start, length = fragments.offsets[0], fragments.lengths[0]
    return _integers(bytes(source[start : start + length - length % 4]), "I")


def _extended_table(source: Source, header: Header) -> Sequence[int]:
    raw = _value(source, header, _OFFSETS)
    return _integers(raw[: len(raw) - len(raw) % 8], "Q")


def _integers(raw: bytes, code: Literal["I", "Q"]) -> Sequence[int]:
    """Return the little-endian integers of 4 ("I") or 8 ("Q") bytes in `raw`, a multiple of that."""
    return memoryview(raw).cast(code)


def _value(source: Source, header: Header, tag: str) -> bytes:
    bulk = header.bulk.get(tag)
    if bulk is not None and bulk.length is not None:
        return bytes(source[bulk.offset : bulk.offset + bulk.length])
    return b64decode(header.attributes.get(tag, {}).get("InlineBinary", ""))


def _by_offsets(fragments: Fragments, table: Sequence[int]) -> list[int]:
    """Return the fragments that an offset table points to; [] if it's empty, or points anywhere else."""
    if not len(table):
        return []
    first = fragments.offsets[0] + fragments.lengths[0] + 8
    numbers = {offset - first: number for number, offset in enumerate(fragments.offsets[1:])}
    starts = [numbers.get(offset, -1) for offset in table]
    is_ascending = all(one < next_one for one, next_one in pairwise(starts))
    return starts if starts[0] == 0 and is_ascending else []


def _exact_lengths(source: Source, header: Header, starts: list[int], lengths: "array[int]") -> "array[int]":
    """Return the lengths of the Extended Offset Table if they fit, one fragment to a frame."""
    raw = _value(source, header, _LENGTHS)
    exact = array("Q", _integers(raw[: len(raw) - len(raw) % 8], "Q"))
    fits = len(exact) == len(starts) == len(lengths) and all(map(int.__le__, exact, lengths))
    return exact if fits else lengths


def _guessed(source: Source, header: Header, fragments: Fragments, declared: int) -> list[int]:
    count = len(fragments.offsets) - 1
    if count <= declared:
        return list(range(count))
    spans = list(zip(fragments.offsets[1:], fragments.lengths[1:], strict=True))
    by_start = [n for n, (start, length) in enumerate(spans) if _starts_picture(source, start, length)]
    if declared == 1 and (first_value(header.attributes, _NUMBER_OF_FRAMES) is not None or len(by_start) != count):
        return [0]
    by_end = [0, *(n + 1 for n, (start, length) in enumerate(spans[:-1]) if _ends_picture(source, start, length))]
    guesses = [guess for guess in (by_start, by_end) if guess and guess[0] == 0]
    best = next((guess for guess in guesses if len(guess) == declared), None)
    return best or (by_start if by_start[:1] == [0] else list(range(count)))


def _starts_picture(source: Source, start: int, length: int) -> bool:
    return bytes(source[start : start + min(length, _LONGEST_START)]).startswith(_PICTURE_STARTS)


def _ends_picture(source: Source, start: int, length: int) -> bool:
    return _PICTURE_END in bytes(source[start + max(length - _END_WINDOW, 0) : start + length])
