"""A data set of any encoding as Explicit VR Little Endian, element by element (PS3.5 7.1.2, A.2).

The bytes of values stay as they are but for their order, and for text where it is to be in UTF-8: nothing is lost. The
VRs are those that the reader found when the object was stored, so that file and metadata agree.
"""

from struct import pack
from typing import Any, Final

from apps.dicom.charset import Charset, decoder
from apps.dicom.dictionary import US_OR_SS
from apps.dicom.elements import element, element_head
from apps.dicom.errors import Truncated, Unreadable
from apps.dicom.fragments import UNDEFINED, read_fragments
from apps.dicom.heads import CUT_OFF, ITEM_GROUP, Head, explicit_head, implicit_head
from apps.dicom.items import ITEM, ITEM_END, SEQUENCE_END, item_head, item_scope
from apps.dicom.limits import Limits
from apps.dicom.plans import tables
from apps.dicom.scope import CHARSET, Scope
from apps.dicom.source import Source
from apps.dicom.syntax import Encoding
from apps.dicom.values import WORD_SIZES, Element, swapped, word_size
from apps.dicom.walker import PIXEL_DATA
from apps.saying import say

_HEAD_SIZE: Final = 8
_LIMITS: Final = Limits()
_FIRST_GROUP: Final = 0x0004
# Those whose text is in the Specific Character Set (PS3.5 6.1.2.2).
_IN_CHARSET: Final = frozenset((b"LO", b"LT", b"PN", b"SH", b"ST", b"UC", b"UT"))
_UTF8: Final = b"ISO_IR 192"


def rewrite(
    buffer: Source,
    start: int,
    end: int,
    encoding: Encoding,
    attributes: dict[str, Element],
    *,
    recode_from: Charset | None = None,
    keep_icons: bool = False,
) -> dict[str, bytes]:
    """Return the elements from `start` to `end` (at the latest the pixel data) by tag, each encoded anew.

    `attributes` is the object's header in the DICOM JSON Model. Command and file meta elements, group lengths and the
    pixel data are left out; so are sequences with compressed icons, which belong to the old transfer syntax, unless
    `keep_icons` says that it stays. With `recode_from`, the character sets that are in force at `start`, text becomes
    UTF-8; bytes that don't fit theirs are taken as the metadata tell them.
    Raises Unreadable for what the reader would not have accepted.
    """
    charset = recode_from or ()
    scope = Scope(encoding, end, charset, tables(encoding.big_endian, ()), elements=attributes)
    elements, _ = _Rewriter(buffer, is_recoding=recode_from is not None, keep_icons=keep_icons).data_set(scope, start)
    return elements


def charset_of(elements: dict[str, bytes]) -> Charset:
    """Return the values of Specific Character Set among the elements that `rewrite` gave."""
    return _names(elements.get(CHARSET, b"")[_HEAD_SIZE:])


def _names(raw: bytes) -> Charset:
    text = raw.decode("latin-1").strip(" \0")
    return tuple(name.strip(" ") for name in text.split("\\")) if text else ()


class _Rewriter:
    """The rewriting of one buffer."""

    def __init__(self, buffer: Source, *, is_recoding: bool, keep_icons: bool) -> None:
        self._buffer = buffer
        self._is_recoding = is_recoding
        self._keep_icons = keep_icons
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
                return self._fragments(scope, head, vr)
            return self._sequence(scope, head, scope.end)
        end = head.start + head.length
        if end > scope.end:
            raise Truncated(CUT_OFF)
        if vr == b"SQ":
            return self._sequence(scope, head, end)
        raw = bytes(self._buffer[head.start : end])
        if self._is_recoding and (vr in _IN_CHARSET or head.key == CHARSET):
            raw = _recoded(scope, head, vr, raw)
        return element(head.key, vr, _little_endian(vr, raw) if scope.encoding.big_endian else raw), end

    def _fragments(self, scope: Scope, head: Head, vr: bytes) -> tuple[bytes, int]:
        """Pass over encapsulated values, which only items have here."""
        end = read_fragments(self._buffer, head.start, scope.end, _LIMITS.frames).end
        if self._keep_icons and scope.parent is not None:
            return element_head(head.key, vr, UNDEFINED) + bytes(self._buffer[head.start : end]), end
        self._met_fragments = True
        return b"", end

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
                raise Unreadable(say("The object has sequences nested more than {depth} deep.", depth=_LIMITS.depth))
            inner.elements = known[len(items)] if len(items) < len(known) else {}
            elements, pos = self.data_set(inner, pos)
            content = b"".join(elements.values())
            items.append(pack("<HHI", ITEM_GROUP, ITEM, len(content)) + content)
        value = b"".join(items)
        return element_head(head.key, b"SQ", len(value)) + value, pos if is_open else end


def _recoded(scope: Scope, head: Head, vr: bytes, raw: bytes) -> bytes:
    """Return text in UTF-8, and Specific Character Set as it says so; from here on text is in what it said before."""
    if head.key == CHARSET:
        scope.charset = _names(raw)
        return _UTF8
    return decoder(scope.charset, "replace", person_names=vr == b"PN")(raw).encode()


def _vr_of(scope: Scope, head: Head) -> bytes:
    """Return the VR that the reader settled on, which may have taken the whole data set to know."""
    known: dict[str, Any] = scope.elements.get(head.key, {})
    vr = str(known.get("vr", "")).encode("ascii")
    return vr or (b"US" if head.vr == US_OR_SS else head.vr)


def _little_endian(vr: bytes, raw: bytes) -> bytes:
    return swapped(raw, 2 if vr == b"AT" else word_size(vr))
