"""A data set of any encoding as Explicit VR Little Endian, element by element (PS3.5 7.1.2, A.2).

The bytes of values stay as they are but for their order: no text is decoded, nothing is lost. The VRs are those that
the reader found when the object was stored, so that file and metadata agree.
"""

from struct import pack
from typing import Any, Final

from apps.dicom.dictionary import US_OR_SS
from apps.dicom.elements import element, element_head
from apps.dicom.errors import Truncated, Unreadable
from apps.dicom.fragments import UNDEFINED, read_fragments
from apps.dicom.heads import CUT_OFF, ITEM_GROUP, Head, explicit_head, implicit_head
from apps.dicom.items import ITEM, ITEM_END, SEQUENCE_END, item_head, item_scope
from apps.dicom.limits import Limits
from apps.dicom.plans import tables
from apps.dicom.scope import Scope
from apps.dicom.source import Source
from apps.dicom.syntax import Encoding
from apps.dicom.values import WORD_SIZES, Element, swapped, word_size
from apps.dicom.walker import PIXEL_DATA

_HEAD_SIZE: Final = 8
_LIMITS: Final = Limits()
_FIRST_GROUP: Final = 0x0004


def rewrite(
    buffer: Source, start: int, end: int, encoding: Encoding, attributes: dict[str, Element]
) -> dict[str, bytes]:
    """Return the elements from `start` to `end` (at the latest the pixel data) by tag, each encoded anew.

    `attributes` is the object's header in the DICOM JSON Model. Command and file meta elements, group lengths and the
    pixel data are left out; so are sequences with compressed icons, which belong to the old transfer syntax.
    Raises Unreadable for what the reader would not have accepted.
    """
    scope = Scope(encoding, end, (), tables(encoding.big_endian, ()), elements=attributes)
    elements, _ = _Rewriter(buffer).data_set(scope, start)
    return elements


class _Rewriter:
    """The rewriting of one buffer."""

    def __init__(self, buffer: Source) -> None:
        self._buffer = buffer
        self._met_fragments = False

    def data_set(self, scope: Scope, pos: int) -> tuple[dict[str, bytes], int]:
        """Return the elements of a data set, in order of tag, and the position after it."""
        found: dict[str, bytes] = {}
        while pos + _HEAD_SIZE <= scope.end:
            head = self._head(scope, pos)
            if head.group == ITEM_GROUP:
                pos = self._after_delimiter(scope, head)
                if scope.ended:
                    break
            elif scope.parent is None and head.key in PIXEL_DATA:
                break
            else:
                pos = self._place(scope, head, found)
        return dict(sorted(found.items())), pos if scope.delimited else scope.end

    def _head(self, scope: Scope, pos: int) -> Head:
        if scope.encoding.explicit:
            return explicit_head(self._buffer, scope, pos)
        return implicit_head(self._buffer, scope.encoding.big_endian, scope, pos)

    def _after_delimiter(self, scope: Scope, head: Head) -> int:
        """Return where to go on after an item or delimiter among elements: the reader's own rules."""
        if head.element == ITEM_END and scope.delimited:
            scope.ended = True
            return head.start
        if scope.delimited:
            scope.ended = True
            return head.start - _HEAD_SIZE
        is_item = head.element == ITEM and head.length <= scope.end - head.start
        return head.start + head.length if is_item else head.start

    def _place(self, scope: Scope, head: Head, found: dict[str, bytes]) -> int:
        """Put an element into `found`, encoded anew; return the position after it."""
        encoded, pos = self._encoded(scope, head)
        if scope.parent is not None:
            if head.element:
                found[head.key] = encoded
            return pos
        if head.element and head.group >= _FIRST_GROUP and not self._met_fragments:
            found[head.key] = encoded
        self._met_fragments = False
        return pos

    def _encoded(self, scope: Scope, head: Head) -> tuple[bytes, int]:
        vr = _vr_of(scope, head)
        if head.length == UNDEFINED:
            if head.key in PIXEL_DATA or (vr in WORD_SIZES and vr != b"UN" and not head.was_unknown):
                self._met_fragments = True
                return b"", read_fragments(self._buffer, head.start, scope.end, _LIMITS.frames).end
            return self._sequence(scope, head, scope.end)
        end = head.start + head.length
        if end > scope.end:
            raise Truncated(CUT_OFF)
        if vr == b"SQ":
            return self._sequence(scope, head, end)
        raw = bytes(self._buffer[head.start : end])
        return element(head.key, vr, _little_endian(vr, raw) if scope.encoding.big_endian else raw), end

    def _sequence(self, scope: Scope, head: Head, end: int) -> tuple[bytes, int]:
        """Encode a sequence, its length and those of its items defined (PS3.5 7.5.1)."""
        items: list[bytes] = []
        known = scope.elements.get(head.key, {}).get("Value") or []
        is_open, pos = head.length == UNDEFINED, head.start
        while pos < end or is_open:
            item = item_head(self._buffer, head, scope, pos, end)
            pos = item.start
            if item.element == SEQUENCE_END:
                break
            inner = item_scope(self._buffer, scope, head, item, "", end)
            if inner.depth > _LIMITS.depth:
                raise Unreadable(f"The object has sequences nested more than {_LIMITS.depth} deep.")
            inner.elements = known[len(items)] if len(items) < len(known) else {}
            elements, pos = self.data_set(inner, pos)
            content = b"".join(elements.values())
            items.append(pack("<HHI", ITEM_GROUP, ITEM, len(content)) + content)
        value = b"".join(items)
        return element_head(head.key, b"SQ", len(value)) + value, pos if is_open else end


def _vr_of(scope: Scope, head: Head) -> bytes:
    """Return the VR that the reader settled on, which may have taken the whole data set to know."""
    known: dict[str, Any] = scope.elements.get(head.key, {})
    vr = str(known.get("vr", "")).encode("ascii")
    return vr or (b"US" if head.vr == US_OR_SS else head.vr)


def _little_endian(vr: bytes, raw: bytes) -> bytes:
    return swapped(raw, 2 if vr == b"AT" else word_size(vr))
