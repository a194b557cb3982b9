"""The items of an encapsulated value (PS3.5 A.4): where its fragments lie."""

from array import array
from dataclasses import dataclass
from struct import Struct
from typing import Final

from apps.dicom.errors import LimitExceeded, Truncated, Unreadable
from apps.dicom.source import Source
from apps.saying import say

ITEM: Final = b"\xfe\xff\x00\xe0"
ITEM_END: Final = b"\xfe\xff\x0d\xe0"
SEQUENCE_END: Final = b"\xfe\xff\xdd\xe0"
UNDEFINED: Final = 0xFFFFFFFF
_HEAD: Final = Struct("<4sI")


@dataclass(frozen=True, slots=True)
class Fragments:
    """The items of one encapsulated value, the offset table (its first item) included.

    `offsets` and `lengths` are of the items' values, in bytes; `end` is the position after the value.
    `closed` is False if the delimiter was missing, the last item ending where the object does.
    """

    offsets: "array[int]"
    lengths: "array[int]"
    end: int
    closed: bool


def read_fragments(buffer: Source, start: int, end: int, limit: int) -> Fragments:
    """Return the items between `start` and their delimiter, at the latest at `end`; their bytes stay unread.

    Raises Truncated if an item ends beyond `end`, LimitExceeded at more than `limit` items, Unreadable
    if something else than items is found. Encapsulation is always little endian (A.4).
    """
    offsets, lengths = array("Q"), array("Q")
    unpack = _HEAD.unpack_from
    pos = start
    while pos + 8 <= end:
        tag, length = unpack(buffer, pos)
        pos += 8
        if tag == SEQUENCE_END:
            return Fragments(offsets, lengths, pos, closed=True)
        if tag != ITEM or length == UNDEFINED:
            raise Unreadable(say("The compressed pixel data is broken: a fragment does not start where it should."))
        if length > end - pos:
            raise Truncated(say("The file ends in the middle of its compressed pixel data."))
        if len(offsets) > limit:
            raise LimitExceeded(say("The compressed pixel data has more than {limit} fragments.", limit=limit))
        offsets.append(pos)
        lengths.append(length)
        pos += length
    if pos != end or not offsets:
        raise Truncated(say("The file ends in the middle of its compressed pixel data."))
    return Fragments(offsets, lengths, end, closed=False)
