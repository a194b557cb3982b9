"""The head of an element (PS3.5 7.1): tag, VR, length, also where a writer got them wrong."""

from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

from apps.dicom.dictionary import private_vr, standard_vr
from apps.dicom.errors import Truncated
from apps.dicom.fragments import UNDEFINED
from apps.dicom.header import first_value
from apps.dicom.scope import Scope
from apps.dicom.source import Source
from apps.dicom.syntax import is_vr
from apps.dicom.values import LONG_VRS
from apps.saying import say

# Items and their delimiters (PS3.5 7.5) have no VR in any encoding.
ITEM_GROUP: Final = 0xFFFE
CUT_OFF: Final = say("The file is cut off: its last element is incomplete.")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the heads of elements are packed in one byte order."""

    explicit: Struct
    implicit: Struct
    tag: Struct
    length: Struct


LAYOUTS: Final = {
    big: Layout(Struct(f"{order}6sH"), Struct(f"{order}4sI"), Struct(f"{order}HH"), Struct(f"{order}I"))
    for big, order in ((False, "<"), (True, ">"))
}


class Head(NamedTuple):
    """One element's head. `start` is where its value starts; `length` may be UNDEFINED.

    `was_unknown` says that the file has UN and `vr` is from the dictionaries: what is nested in such a
    value is Implicit VR Little Endian (PS3.5 6.2.2). `was_invalid` says that the file's VR is no VR.
    """

    key: str
    group: int
    element: int
    vr: bytes
    start: int
    length: int
    was_unknown: bool = False
    was_invalid: bool = False


def implicit_head(buffer: Source, big_endian: bool, scope: Scope, pos: int) -> Head:
    """Return the head at `pos` (8 bytes at least), its VR from the dictionaries."""
    layout = LAYOUTS[big_endian]
    raw_tag, length = layout.implicit.unpack_from(buffer, pos)
    group, element = layout.tag.unpack(raw_tag)
    vr = known_vr(scope, group, element)
    return Head(f"{group:04X}{element:04X}", group, element, vr, pos + 8, length)


def explicit_head(buffer: Source, scope: Scope, pos: int) -> Head:
    """Return the head at `pos` (8 bytes at least) of a data set in Explicit VR."""
    layout = LAYOUTS[scope.encoding.big_endian]
    tag_and_vr, length = layout.explicit.unpack_from(buffer, pos)
    vr = tag_and_vr[4:]
    group, element = layout.tag.unpack_from(tag_and_vr)
    if group == ITEM_GROUP:
        return implicit_head(buffer, scope.encoding.big_endian, scope, pos)
    key = f"{group:04X}{element:04X}"
    if vr in LONG_VRS:
        length = _long_length(buffer, scope, pos + 8)
        if vr != b"UN":
            return Head(key, group, element, vr, pos + 12, length)
        return Head(key, group, element, known_vr(scope, group, element), pos + 12, length, was_unknown=True)
    if vr in scope.tables.converters:
        return Head(key, group, element, vr, pos + 8, length)
    return _odd_head(buffer, scope, pos, vr, length)


def _odd_head(buffer: Source, scope: Scope, pos: int, vr: bytes, short_length: int) -> Head:
    """Return a head whose VR is none.

    Two capital letters may be a VR to come, which has a 32-bit length after two zero bytes (PS3.5 7.1.2);
    without those they are taken for a mistyped short one. Anything else is an element in Implicit VR.
    """
    head = implicit_head(buffer, scope.encoding.big_endian, scope, pos)._replace(was_invalid=True)
    if not is_vr(vr):
        return head
    if short_length == 0 and pos + 12 <= scope.end:
        length = _long_length(buffer, scope, pos + 8)
        if length == UNDEFINED or pos + 12 + length <= scope.end:
            return head._replace(start=pos + 12, length=length)
    return head._replace(length=short_length)


def _long_length(buffer: Source, scope: Scope, pos: int) -> int:
    if pos + 4 > scope.end:
        raise Truncated(CUT_OFF)
    length: int = LAYOUTS[scope.encoding.big_endian].length.unpack_from(buffer, pos)[0]
    return length


def known_vr(scope: Scope, group: int, element: int) -> bytes:
    """Return an element's VR by the dictionaries, UN if they don't have it."""
    tag = group << 16 | element
    if not group & 1:
        return standard_vr(tag) or b"UN"
    if 0x10 <= element <= 0xFF:
        return b"LO"
    creator = first_value(scope.elements, f"{group:04X}{element >> 8:04X}")
    return (private_vr(creator, tag) if isinstance(creator, str) else b"") or b"UN"
