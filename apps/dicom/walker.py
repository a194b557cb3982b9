"""The walk over the elements of a data set (PS3.5 7) that turns them into the DICOM JSON model.

This is the hottest code of storing an object. The two loops read the elements that nearly all of a header
consists of; whatever is unusual goes to `_place`, which may take its time.
"""

from typing import Final

from apps.dicom.budget import ODDITY, Budget
from apps.dicom.charset import UNDECLARED, Charset, complaint
from apps.dicom.dictionary import US_OR_SS, standard_vr
from apps.dicom.errors import LimitExceeded, Truncated, Unreadable
from apps.dicom.fragments import UNDEFINED, Fragments, read_fragments
from apps.dicom.header import BulkValue, is_bulk
from apps.dicom.heads import CUT_OFF, ITEM_GROUP, LAYOUTS, Head, explicit_head, implicit_head
from apps.dicom.items import ITEM, ITEM_END, SEQUENCE_END, item_head, item_scope
from apps.dicom.limits import Limits
from apps.dicom.plans import tables
from apps.dicom.scope import CHARSET, Scope, json_charset
from apps.dicom.source import Source, is_zero
from apps.dicom.syntax import Encoding
from apps.dicom.values import WORD_SIZES, Element, inline_binary, word_size
from apps.dicom.warning import (
    BAD_VR,
    DELIMITER,
    DISORDER,
    DUPLICATE,
    GARBAGE,
    MISFIT,
    OVERLONG,
    OVERLONG_ITEM,
    UNCLOSED,
    UNSEQUENCED,
    Warnings,
)
from apps.saying import say

PIXEL_DATA: Final = ("7FE00008", "7FE00009", "7FE00010")
# Documents and waveforms are fetched by their address however small they are (PS3.18 10.4.1.1.5).
ALWAYS_BULK: Final = frozenset({*PIXEL_DATA, "00420011", "54001010"})
_HEAD_SIZE: Final = 8


class Walker:
    """One walk over one buffer, within its limits. `walk` may be called once."""

    def __init__(self, buffer: Source, limits: Limits, warnings: Warnings) -> None:
        self.bulk: dict[str, BulkValue] = {}
        self.pixel_data: BulkValue | None = None
        self.fragments: Fragments | None = None
        self.charset: Charset = ()
        self._buffer = buffer
        self._is_view = isinstance(buffer, memoryview)
        self._limits = limits
        self._warnings = warnings
        self._unsigned: list[tuple[Scope, str, bytes]] = []
        self._budget = Budget(limits, buffer)
        self._looked_for_padding = False

    def walk(self, start: int, end: int, encoding: Encoding) -> dict[str, Element]:
        """Return the elements of the data set from `start` to `end` in the DICOM JSON model.

        Raises Unreadable where the bytes make no sense, end too early or exceed the limits.
        """
        self._budget.origin = start
        root = Scope(encoding, end, (), tables(encoding.big_endian, ()))
        try:
            self._elements(root, start)
        except LimitExceeded:
            raise
        except Unreadable:
            if self.pixel_data is None:
                raise
            self._warnings.add(GARBAGE)
        for scope, key, raw in self._unsigned:
            if scope.pixel_representation() == 1:
                scope.elements[key] = self._converted(scope, b"SS", raw)
        if UNDECLARED in self._warnings and CHARSET not in root.elements:
            root.elements[CHARSET] = json_charset()
            root.disordered = True
        if DUPLICATE in self._warnings or GARBAGE in self._warnings:
            self._prune_bulk(root.elements)
        return root.ordered()

    def _elements(self, scope: Scope, pos: int) -> int:
        """Walk one data set; return the position after it."""
        pos = self._explicit(scope, pos) if scope.encoding.explicit else self._implicit(scope, pos)
        self._budget.check(scope, pos)
        if scope.ended or (pos == scope.end and not scope.delimited):
            return pos
        if scope.parent is not None or not (self.pixel_data or is_zero(self._buffer, pos, scope.end)):
            raise Truncated(CUT_OFF)
        self._warnings.add(GARBAGE)
        return scope.end

    def _explicit(self, scope: Scope, pos: int) -> int:
        buffer, is_view, elements, last_head = self._buffer, self._is_view, scope.elements, scope.end - _HEAD_SIZE
        unpack = LAYOUTS[scope.encoding.big_endian].explicit.unpack_from
        plan, last = scope.tables.explicit, scope.last
        checked = self._budget.check(scope, pos)
        while pos <= last_head:
            head, length = unpack(buffer, pos)
            key, convert = plan[head]
            if key <= last:
                scope.last = last
                pos = self._place(scope, explicit_head(buffer, scope, pos))
                if scope.ended:
                    return pos
                plan, last = scope.tables.explicit, scope.last
                checked = self._budget.check(scope, pos)
                continue
            start = pos + _HEAD_SIZE
            pos = start + length
            if pos > checked:
                checked = self._budget.check(scope, pos)
            raw = buffer[start:pos]
            try:
                elements[key] = convert(bytes(raw) if is_view else raw)  # type: ignore[arg-type]
            except ValueError:
                elements[key] = self._misfit(scope, head[4:], bytes(raw))
            last = key
        scope.last = last
        return pos

    def _implicit(self, scope: Scope, pos: int) -> int:
        buffer, is_view, elements, last_head = self._buffer, self._is_view, scope.elements, scope.end - _HEAD_SIZE
        big_endian, max_length = scope.encoding.big_endian, self._limits.value_bytes
        unpack = LAYOUTS[big_endian].implicit.unpack_from
        plan, last = scope.tables.implicit, scope.last
        checked = self._budget.check(scope, pos)
        while pos <= last_head:
            tag, length = unpack(buffer, pos)
            key, convert = plan[tag]
            if key <= last or length > max_length:
                scope.last = last
                pos = self._place(scope, implicit_head(buffer, big_endian, scope, pos))
                if scope.ended:
                    return pos
                plan, last = scope.tables.implicit, scope.last
                checked = self._budget.check(scope, pos)
                continue
            start = pos + _HEAD_SIZE
            pos = start + length
            if pos > checked:
                checked = self._budget.check(scope, pos)
            raw = buffer[start:pos]
            try:
                elements[key] = convert(bytes(raw) if is_view else raw)  # type: ignore[arg-type]
            except ValueError:
                elements[key] = self._misfit(scope, standard_vr(int(key, 16)), bytes(raw))
            last = key
        scope.last = last
        return pos

    def _place(self, scope: Scope, head: Head) -> int:
        """Put an element that the loops left aside into its data set; return the position after it."""
        if head.was_invalid:
            self._warnings.add(BAD_VR)
        if head.group == ITEM_GROUP:
            return self._delimiter(scope, head)
        if head.length == UNDEFINED:
            self._keep_order(scope, head.key)
            return self._undefined_length(scope, head)
        if head.start + head.length > scope.end:
            return self._overlong(scope, head)
        return self._group_length(scope, head) if head.element == 0 else self._value(scope, head)

    def _value(self, scope: Scope, head: Head) -> int:
        """Put a value of defined length into its data set; return the position after it."""
        self._keep_order(scope, head.key)
        if head.vr == b"SQ":
            return self._defined_sequence(scope, head)
        if head.vr in WORD_SIZES or head.key in PIXEL_DATA or head.length > self._limits.value_bytes:
            return self._binary(scope, head)
        end = head.start + head.length
        scope.elements[head.key] = self._element(scope, head, bytes(self._buffer[head.start : end]))
        return end

    def _delimiter(self, scope: Scope, head: Head) -> int:
        """Handle an item or delimiter among elements: the end of this data set, or something stray."""
        if head.element == ITEM_END and scope.delimited:
            scope.ended = True
            return head.start
        self._warnings.add(DELIMITER)
        self._budget.spend()
        if scope.delimited:
            # The sequence that this item is in finds out what it is.
            scope.ended = True
            return head.start - _HEAD_SIZE
        is_item = head.element == ITEM and head.length <= scope.end - head.start
        return head.start + head.length if is_item else head.start

    def _overlong(self, scope: Scope, head: Head) -> int:
        """Handle a value that ends after its data set: of pixel data there may be enough all the same."""
        if scope.parent is not None or head.key not in PIXEL_DATA or head.start >= scope.end:
            raise Truncated(say("The file is cut off: element {key} ends after it.", key=head.key))
        self._warnings.add(OVERLONG)
        return self._binary(scope, head._replace(length=scope.end - head.start))

    def _group_length(self, scope: Scope, head: Head) -> int:
        """Skip a group length (PS3.5 7.2), or all that remains if it's nothing but zeros."""
        end = head.start + head.length
        self._budget.spend()
        if head.group == 0 and scope.parent is None and not self._looked_for_padding:
            self._looked_for_padding = True
            if is_zero(self._buffer, head.start, scope.end):
                self._warnings.add(GARBAGE)
                return scope.end
        return end

    def _keep_order(self, scope: Scope, key: str) -> None:
        """Note an element's place in the order; after the pixel data only known elements may be out of it."""
        if key > scope.last:
            scope.last = key
            return
        if scope.parent is None and self.pixel_data is not None and not standard_vr(int(key, 16)):
            raise Truncated(CUT_OFF)
        scope.disordered = True
        self._budget.spend(ODDITY)
        self._warnings.add(DUPLICATE if key in scope.elements else DISORDER)

    def _element(self, scope: Scope, head: Head, raw: bytes) -> Element:
        if head.key == CHARSET:
            names = scope.tables.converters[b"CS"](raw).get("Value", [])
            scope.charset = tuple(name or "" for name in names)
            if scope.parent is None:
                self.charset = scope.charset
            self._budget.meet(scope.charset)
            scope.tables = tables(scope.encoding.big_endian, scope.charset)
            return json_charset()
        vr = head.vr
        if vr == US_OR_SS:
            sign = scope.pixel_representation()
            if sign is None:
                self._unsigned.append((scope, head.key, raw))
            vr = b"SS" if sign == 1 else b"US"
        return self._converted(scope, vr, raw)

    def _converted(self, scope: Scope, vr: bytes, raw: bytes) -> Element:
        try:
            return scope.tables.converters[vr](raw)
        except ValueError:
            return self._misfit(scope, vr, raw)

    def _misfit(self, scope: Scope, vr: bytes, raw: bytes) -> Element:
        """Convert what doesn't fit: text as well as it goes, anything else as bytes of unknown meaning."""
        try:
            element = tables(scope.encoding.big_endian, scope.charset, "replace").converters[vr](raw)
        except ValueError:
            self._warnings.add(MISFIT)
            return inline_binary(b"UN", raw)
        self._warnings.add(complaint(scope.charset))
        return element

    def _binary(self, scope: Scope, head: Head) -> int:
        """Put a value of bytes inline if it's small, otherwise among the bulk data."""
        end, big_endian = head.start + head.length, scope.encoding.big_endian
        inline_bytes = 0 if head.key in ALWAYS_BULK else self._limits.inline_bytes
        if head.vr in WORD_SIZES and head.length <= inline_bytes:
            raw = bytes(self._buffer[head.start : end])
            scope.elements[head.key] = inline_binary(head.vr, raw, big_endian)
            return end
        vr = b"OW" if head.vr == US_OR_SS else head.vr
        value = BulkValue(vr.decode("ascii"), head.start, head.length, word_size(vr) if big_endian else 1)
        self._add_bulk(scope, head.key, value, end)
        return end

    def _add_bulk(self, scope: Scope, key: str, value: BulkValue, end: int) -> None:
        path = scope.path + key
        self.bulk[path] = value
        scope.elements[key] = {"vr": value.vr, "BulkDataURI": path}
        self._budget.skip(value.offset, end)
        if scope.parent is None and key in PIXEL_DATA:
            self.pixel_data = value

    def _undefined_length(self, scope: Scope, head: Head) -> int:
        """Read a value that ends with a delimiter: fragments (PS3.5 A.4) or items (7.5)."""
        is_certain = scope.encoding.explicit or not head.group & 1
        is_bytes = head.vr in WORD_SIZES and head.vr != b"UN" and not head.was_unknown
        if head.key not in PIXEL_DATA and not (is_bytes and is_certain):
            return self._sequence(scope, head, scope.end)
        fragments = read_fragments(self._buffer, head.start, scope.end, self._limits.frames)
        if not fragments.closed:
            self._warnings.add(UNCLOSED)
        self._add_bulk(scope, head.key, BulkValue("OB", head.start, None), fragments.end)
        if self.pixel_data is not None and self.pixel_data.offset == head.start:
            self.fragments = fragments
        return fragments.end

    def _defined_sequence(self, scope: Scope, head: Head) -> int:
        """Read a sequence of defined length; if only the dictionary says that it's one, it may be none."""
        end = head.start + head.length
        bulk, skipped = len(self.bulk), self._budget.skipped
        try:
            return self._sequence(scope, head, end)
        except LimitExceeded:
            raise
        except Unreadable:
            if not head.was_unknown and (scope.encoding.explicit or not head.group & 1):
                raise
        self._warnings.add(UNSEQUENCED)
        self._budget.skipped = skipped
        while len(self.bulk) > bulk:
            self.bulk.popitem()
        return self._binary(scope, head._replace(vr=b"UN"))

    def _sequence(self, scope: Scope, head: Head, end: int) -> int:
        """Read the items of a sequence (PS3.5 7.5) up to its delimiter, or to `end` if its length is defined."""
        items: list[dict[str, Element]] = []
        is_open, pos = head.length == UNDEFINED, head.start
        while pos < end or is_open:
            item = item_head(self._buffer, head, scope, pos, end)
            pos = item.start
            if item.element == SEQUENCE_END:
                break
            if item.was_invalid:
                self._warnings.add(OVERLONG_ITEM)
            inner = item_scope(self._buffer, scope, head, item, f"{head.key}.{len(items) + 1}.", end)
            self._budget.enter(inner)
            pos = self._elements(inner, pos)
            items.append(inner.ordered())
        scope.elements[head.key] = {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
        return pos if is_open else end

    def _prune_bulk(self, root: dict[str, Element]) -> None:
        """Forget the bulk data of elements that were given again as something else, or not read to their end."""
        self.bulk = {path: value for path, value in self.bulk.items() if is_bulk(root, path)}
