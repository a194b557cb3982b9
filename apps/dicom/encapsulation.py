"""Encapsulating frames (PS3.5 A.4): the tables that say where they start, and the items that hold them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import pack
from typing import Final

from apps.dicom.elements import MAX_LENGTH
from apps.dicom.errors import Unreadable
from apps.dicom.fragments import ITEM, SEQUENCE_END
from apps.saying import say

Pieces = Callable[[int, int], Iterator[bytes]]

_ITEM_HEAD_SIZE: Final = 8
_MAX_OFFSET: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Bulk:
    """A bulk data value, or one frame of it: `size` bytes, of which `pieces` gives those from a start to an end.

    An end beyond them is their own. `transfer_syntax_uid` is that of a compressed frame, "" for bytes in little endian.
    """

    size: int
    pieces: Pieces
    transfer_syntax_uid: str = ""

    @classmethod
    def of_bytes(cls, data: bytes) -> "Bulk":
        """What is in memory already."""
        return cls(len(data), lambda start, end: iter((data[start:end],)))


@dataclass(frozen=True, slots=True)
class OffsetTables:
    """Where the frames start: as Basic Offset Table, or as Extended Offset Table with the frames' lengths.

    Of the two the other is empty; all are packed in little endian (PS3.5 A.4, PS3.3 C.7.6.3.1.8).
    """

    basic: bytes = b""
    extended: bytes = b""
    lengths: bytes = b""


def offset_tables(frames: Sequence[Bulk], *, extended: bool) -> OffsetTables:
    """Return the tables of frames with one fragment each; extended where it is asked for, or 32 bits are too few.

    Raises Unreadable for a frame of 4 GiB, which has no room in one fragment.
    """
    if any(frame.size > MAX_LENGTH for frame in frames):
        raise Unreadable(say("A frame of the pixel data is larger than a fragment of 4 GiB can hold."))
    sizes = (_ITEM_HEAD_SIZE + frame.size + frame.size % 2 for frame in frames[:-1])
    offsets = [0, *accumulate(sizes)]
    if not extended and offsets[-1] <= _MAX_OFFSET:
        return OffsetTables(basic=_packed("I", offsets))
    return OffsetTables(extended=_packed("Q", offsets), lengths=_packed("Q", [frame.size for frame in frames]))


def encapsulated(frames: Iterable[Bulk], basic_offset_table: bytes) -> Iterator[bytes]:
    """Yield the value of Pixel Data, from the item of its Basic Offset Table to its delimiter.

    What is longer than a fragment can be, as a video's stream may be, goes on in further ones.
    """
    yield ITEM + pack("<I", len(basic_offset_table)) + basic_offset_table
    for frame in frames:
        for start in range(0, max(frame.size, 1), MAX_LENGTH):
            end = min(start + MAX_LENGTH, frame.size)
            padding = (end - start) % 2
            yield ITEM + pack("<I", end - start + padding)
            yield from frame.pieces(start, end)
            yield bytes(padding)
    yield SEQUENCE_END + bytes(4)


def _packed(code: str, numbers: Sequence[int]) -> bytes:
    return pack(f"<{len(numbers)}{code}", *numbers)
