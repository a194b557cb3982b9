"""The items of a sequence (PS3.5 7.5), also where they are not in the encoding that their sequence is in."""

from typing import Final

from apps.dicom.errors import Truncated, Unreadable
from apps.dicom.fragments import UNDEFINED
from apps.dicom.heads import ITEM_GROUP, LAYOUTS, Head, implicit_head
from apps.dicom.plans import tables
from apps.dicom.scope import Scope
from apps.dicom.source import Source
from apps.dicom.syntax import Encoding, is_vr
from apps.saying import say

# The element numbers of an item and of the delimiters.
ITEM: Final = 0xE000
ITEM_END: Final = 0xE00D
SEQUENCE_END: Final = 0xE0DD
_HEAD_SIZE: Final = 8
_LITTLE_ENDIAN_HEAD: Final = LAYOUTS[False].implicit
_LITTLE_ENDIAN_ITEM: Final = b"\xfe\xff\x00\xe0"
_BIG_ENDIAN_GROUP: Final = b"\xff\xfe"


def item_head(buffer: Source, sequence: Head, scope: Scope, pos: int, end: int) -> Head:
    """Return the head of the item or Sequence Delimitation Item at `pos`; it and its value lie before `end`.

    An item longer than the defined length of its sequence ends with it, and `was_invalid` says so.
    Raises Truncated if there's no room, Unreadable if there is anything else.
    """
    if pos + _HEAD_SIZE > end:
        raise Truncated(say("The file is cut off: sequence {key} does not end.", key=sequence.key))
    tag, length = _LITTLE_ENDIAN_HEAD.unpack_from(buffer, pos)
    if tag == _LITTLE_ENDIAN_ITEM and (length == UNDEFINED or pos + _HEAD_SIZE + length <= end):
        return Head("", ITEM_GROUP, ITEM, b"", pos + _HEAD_SIZE, length)
    item = implicit_head(buffer, _is_big_endian(buffer, pos), scope, pos)
    if item.group != ITEM_GROUP or item.element not in (ITEM, SEQUENCE_END):
        raise Unreadable(say("Sequence {key} holds something that is no item.", key=sequence.key))
    if item.element == SEQUENCE_END or item.length == UNDEFINED or item.start + item.length <= end:
        return item
    if sequence.length == UNDEFINED:
        raise Truncated(say("The file is cut off: an item of sequence {key} does not end.", key=sequence.key))
    return item._replace(length=end - item.start, was_invalid=True)


def item_scope(buffer: Source, scope: Scope, sequence: Head, item: Head, step: str, end: int) -> Scope:
    """Return the scope of an item; it inherits the character set, and mostly the encoding.

    `step` is what the item adds to the path of bulk data; `end` is where its sequence ends at the latest.
    """
    is_open = item.length == UNDEFINED
    end = end if is_open else item.start + item.length
    encoding, known = scope.encoding, scope.tables
    big_endian = _is_big_endian(buffer, item.start - _HEAD_SIZE)
    explicit = _is_explicit(buffer, scope, item.start, end)
    if big_endian != encoding.big_endian:
        known = tables(big_endian, scope.charset)
    if (explicit, big_endian) != encoding:
        encoding = Encoding(explicit, big_endian)
    return Scope(
        encoding,
        end,
        scope.charset,
        known,
        path=scope.path + step,
        depth=scope.depth + 1,
        delimited=is_open,
        parent=scope,
    )


def _is_big_endian(buffer: Source, pos: int) -> bool:
    """Say in which order of bytes the item at `pos` is: a sequence that came as UN may be in the other one."""
    return bytes(buffer[pos : pos + 2]) == _BIG_ENDIAN_GROUP


def _is_explicit(buffer: Source, scope: Scope, start: int, end: int) -> bool:
    """Say whether an item's elements have a VR, by the first one.

    A sequence that came as UN is in Implicit VR (PS3.5 6.2.2), and some writers mix the two elsewhere. In
    Implicit VR two letters may be part of a length, unless it's longer than the item.
    """
    if end - start < _HEAD_SIZE:
        return scope.encoding.explicit
    head = bytes(buffer[start : start + _HEAD_SIZE])
    if not is_vr(head[4:6]) or scope.encoding.explicit:
        return is_vr(head[4:6])
    return int.from_bytes(head[4:], "little") > end - start - _HEAD_SIZE
