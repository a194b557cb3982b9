"""The walk over the elements of a data set (PS3.5 7) that turns them into the DICOM JSON model.

This is the hottest code of storing an object. The two loops read the elements that nearly all of a header
consists of; whatever is unusual goes to `_place`, which may take its time.
"""

from typing import Final

from apps.dicom.charset import UNDECLARED, complaint
from apps.dicom.dictionary import US_OR_SS, standard_vr
from apps.dicom.errors import LimitExceeded, Truncated, Unreadable
from apps.dicom.fragments import UNDEFINED, Fragments, read_fragments
from apps.dicom.header import BulkValue, is_bulk
from apps.dicom.heads import CUT_OFF, ITEM_GROUP, LAYOUTS, Head, explicit_head, implicit_head
from apps.dicom.limits import Limits
from apps.dicom.plans import tables
from apps.dicom.scope import CHARSET, JSON_CHARSET, Scope
from apps.dicom.source import Source
from apps.dicom.syntax import Encoding, is_vr
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

PIXEL_DATA: Final = ("7FE00008", "7FE00009", "7FE00010")
# Documents and waveforms are fetched by their address however small they are (PS3.18 10.4.1.1.5).
ALWAYS_BULK: Final = frozenset({*PIXEL_DATA, "00420011", "54001010"})
# How many bytes the loops may go before they look at the limits again.
_STRIDE: Final = 1024 * 1024
_HEAD_SIZE: Final = 8
_BIG_ENDIAN_ITEM_GROUP: Final = b"\xff\xfe"
_ITEM, _ITEM_END, _SEQUENCE_END = 0xE000, 0xE00D, 0xE0DD


class Walker:
    """One walk over one buffer, within its limits. `walk` may be called once."""

    def __init__(self, buffer: Source, limits: Limits, warnings: Warnings) -> None:
        self.bulk: dict[str, BulkValue] = {}
        self.pixel_data: BulkValue | None = None
        self.fragments: Fragments | None = None
        self._buffer = buffer
        self._is_view = isinstance(buffer, memoryview)
        self._limits = limits
        self._warnings = warnings
        self._unsigned: list[tuple[Scope, str, bytes]] = []
        self._origin = 0
        self._skipped = 0
        self._count = 0
        self._looked_for_padding = False

    def walk(self, start: int, end: int, encoding: Encoding) -> dict[str, Element]:
        """Return the elements of the data set from `start` to `end` in the DICOM JSON model.

        Raises Unreadable where the bytes make no sense, end too early or exceed the limits.
        """
        self._origin = start
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
            root.elements[CHARSET] = dict(JSON_CHARSET)
            root.disordered = True
        if DUPLICATE in self._warnings:
            self._prune_bulk(root.elements)
        return root.ordered()

    def _elements(self, scope: Scope, pos: int) -> int:
        """Walk one data set; return the position after it."""
        pos = self._explicit(scope, pos) if scope.encoding.explicit else self._implicit(scope, pos)
        self._within_limits(scope, pos)
        if scope.ended or (pos == scope.end and not scope.delimited):
            return pos
        if scope.parent is not None or not (self.pixel_data or self._is_zero(pos, scope.end)):
            raise Truncated(CUT_OFF)
        self._warnings.add(GARBAGE)
        return scope.end

    def _explicit(self, scope: Scope, pos: int) -> int:
        buffer, is_view, elements, last_head = self._buffer, self._is_view, scope.elements, scope.end - _HEAD_SIZE
        unpack = LAYOUTS[scope.encoding.big_endian].explicit.unpack_from
        plan, last = scope.tables.explicit, scope.last
        checked = self._within_limits(scope, pos)
        while pos <= last_head:
            head, length = unpack(buffer, pos)
            key, convert = plan[head]
            if key <= last:
                scope.last = last
                pos = self._place(scope, explicit_head(buffer, scope, pos))
                if scope.ended:
                    return pos
                plan, last = scope.tables.explicit, scope.last
                checked = self._within_limits(scope, pos)
                continue
            start = pos + _HEAD_SIZE
            pos = start + length
            if pos > checked:
                checked = self._within_limits(scope, pos)
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
        checked = self._within_limits(scope, pos)
        while pos <= last_head:
            tag, length = unpack(buffer, pos)
            key, convert = plan[tag]
            if key <= last or length > max_length:
                scope.last = last
                pos = self._place(scope, implicit_head(buffer, big_endian, scope, pos))
                if scope.ended:
                    return pos
                plan, last = scope.tables.implicit, scope.last
                checked = self._within_limits(scope, pos)
                continue
            start = pos + _HEAD_SIZE
            pos = start + length
            if pos > checked:
                checked = self._within_limits(scope, pos)
            raw = buffer[start:pos]
            try:
                elements[key] = convert(bytes(raw) if is_view else raw)  # type: ignore[arg-type]
            except ValueError:
                elements[key] = self._misfit(scope, standard_vr(int(key, 16)), bytes(raw))
            last = key
        scope.last = last
        return pos

    def _within_limits(self, scope: Scope, pos: int) -> int:
        """Check the limits at `pos`; return up to where the loop may go before it asks again."""
        if pos > scope.end:
            raise Truncated(CUT_OFF)
        if pos - self._origin - self._skipped > self._limits.header_bytes:
            raise LimitExceeded(f"The header is larger than {self._limits.header_bytes} bytes.")
        self._count += len(scope.elements) - scope.counted
        scope.counted = len(scope.elements)
        if self._count > self._limits.elements:
            raise LimitExceeded(f"The object has more than {self._limits.elements} elements.")
        return min(scope.end, pos + _STRIDE)

    def _place(self, scope: Scope, head: Head) -> int:
        """Put an element that the loops left aside into its data set; return the position after it."""
        if head.group == ITEM_GROUP:
            return self._delimiter(scope, head)
        if head.was_invalid:
            self._warnings.add(BAD_VR)
        if head.length == UNDEFINED:
            self._keep_order(scope, head.key)
            return self._undefined_length(scope, head)
        end = head.start + head.length
        if end > scope.end:
            return self._overlong(scope, head)
        if head.element == 0:
            return self._group_length(scope, head)
        self._keep_order(scope, head.key)
        if head.vr == b"SQ":
            return self._defined_sequence(scope, head)
        if head.vr in WORD_SIZES or head.key in PIXEL_DATA or head.length > self._limits.value_bytes:
            return self._binary(scope, head)
        scope.elements[head.key] = self._element(scope, head, bytes(self._buffer[head.start : end]))
        return end

    def _delimiter(self, scope: Scope, head: Head) -> int:
        """Handle an item or delimiter among elements: the end of this data set, or something stray."""
        if head.element == _ITEM_END and scope.delimited:
            scope.ended = True
            return head.start
        self._warnings.add(DELIMITER)
        if scope.delimited:
            # The sequence that this item is in finds out what it is.
            scope.ended = True
            return head.start - _HEAD_SIZE
        is_item = head.element == _ITEM and head.length <= scope.end - head.start
        return head.start + head.length if is_item else head.start

    def _overlong(self, scope: Scope, head: Head) -> int:
        """Handle a value that ends after its data set: of pixel data there may be enough all the same."""
        if scope.parent is not None or head.key not in PIXEL_DATA or head.start >= scope.end:
            raise Truncated(f"The file is cut off: element {head.key} ends after it.")
        self._warnings.add(OVERLONG)
        return self._binary(scope, head._replace(length=scope.end - head.start))

    def _group_length(self, scope: Scope, head: Head) -> int:
        """Skip a group length (PS3.5 7.2), or all that remains if it's nothing but zeros."""
        end = head.start + head.length
        if head.group == 0 and scope.parent is None and not self._looked_for_padding:
            self._looked_for_padding = True
            if self._is_zero(head.start, scope.end):
                self._warnings.add(GARBAGE)
                return scope.end
        return end

    def _is_zero(self, start: int, end: int) -> bool:
        blocks = range(start, end, _STRIDE)
        return not any(bytes(self._buffer[at : min(at + _STRIDE, end)]).strip(b"\0") for at in blocks)

    def _keep_order(self, scope: Scope, key: str) -> None:
        """Note an element's place in the order; after the pixel data only known elements may be out of it."""
        if key > scope.last:
            scope.last = key
            return
        if scope.parent is None and self.pixel_data is not None and not standard_vr(int(key, 16)):
            raise Truncated(CUT_OFF)
        scope.disordered = True
        self._warnings.add(DUPLICATE if key in scope.elements else DISORDER)

    def _element(self, scope: Scope, head: Head, raw: bytes) -> Element:
        if head.key == CHARSET:
            names = scope.tables.converters[b"CS"](raw).get("Value", [])
            scope.charset = tuple(name or "" for name in names)
            scope.tables = tables(scope.encoding.big_endian, scope.charset)
            return dict(JSON_CHARSET)
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
        self._skipped += end - value.offset
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
        bulk, skipped = len(self.bulk), self._skipped
        try:
            return self._sequence(scope, head, end)
        except LimitExceeded:
            raise
        except Unreadable:
            if not head.was_unknown and (scope.encoding.explicit or not head.group & 1):
                raise
        self._warnings.add(UNSEQUENCED)
        self._skipped = skipped
        while len(self.bulk) > bulk:
            self.bulk.popitem()
        return self._binary(scope, head._replace(vr=b"UN"))

    def _sequence(self, scope: Scope, head: Head, end: int) -> int:
        """Read the items of a sequence (PS3.5 7.5) up to its delimiter, or to `end` if its length is defined."""
        if scope.depth >= self._limits.depth:
            raise LimitExceeded(f"The object has sequences nested more than {self._limits.depth} deep.")
        items: list[dict[str, Element]] = []
        is_open, pos = head.length == UNDEFINED, head.start
        while pos < end or is_open:
            item = self._item_head(scope, head, pos, end)
            pos = item.start
            if item.element == _SEQUENCE_END:
                break
            inner = self._entered(scope, head, item, len(items) + 1, end)
            pos = self._elements(inner, pos)
            items.append(inner.ordered())
        scope.elements[head.key] = {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
        return pos if is_open else end

    def _item_head(self, scope: Scope, sequence: Head, pos: int, end: int) -> Head:
        """Return the head of the item or delimiter at `pos`, its value before `end`."""
        if pos + _HEAD_SIZE > end:
            raise Truncated(f"The file is cut off: sequence {sequence.key} does not end.")
        item = implicit_head(self._buffer, self._is_big_endian(pos), scope, pos)
        if item.group != ITEM_GROUP or item.element not in (_ITEM, _SEQUENCE_END):
            raise Unreadable(f"Sequence {sequence.key} holds something that is no item.")
        if item.length == UNDEFINED or item.start + item.length <= end:
            return item
        if sequence.length == UNDEFINED:
            raise Truncated(f"The file is cut off: an item of sequence {sequence.key} does not end.")
        self._warnings.add(OVERLONG_ITEM)
        return item._replace(length=end - item.start)

    def _is_big_endian(self, pos: int) -> bool:
        """Say in which order of bytes an item at `pos` is: what came as UN may be in the other one."""
        return bytes(self._buffer[pos : pos + 2]) == _BIG_ENDIAN_ITEM_GROUP

    def _entered(self, scope: Scope, sequence: Head, item: Head, number: int, end: int) -> Scope:
        """Return the scope of an item; it inherits the character set, and mostly the encoding."""
        self._count += 1
        is_open = item.length == UNDEFINED
        big_endian = self._is_big_endian(item.start - _HEAD_SIZE)
        end = end if is_open else item.start + item.length
        return Scope(
            Encoding(self._is_explicit(scope, sequence, item.start, end), big_endian),
            end,
            scope.charset,
            tables(big_endian, scope.charset),
            path=f"{scope.path}{sequence.key}.{number}.",
            depth=scope.depth + 1,
            delimited=is_open,
            parent=scope,
        )

    def _is_explicit(self, scope: Scope, sequence: Head, start: int, end: int) -> bool:
        """Say whether an item's elements have a VR, by the first one.

        A sequence that came as UN is in Implicit VR (PS3.5 6.2.2), and some writers mix the two elsewhere. In
        Implicit VR two letters may be part of a length, unless it's longer than the item.
        """
        if end - start < _HEAD_SIZE:
            return scope.encoding.explicit
        head = bytes(self._buffer[start : start + _HEAD_SIZE])
        if not is_vr(head[4:6]) or scope.encoding.explicit:
            return is_vr(head[4:6])
        return int.from_bytes(head[4:], "little") > end - start - _HEAD_SIZE

    def _prune_bulk(self, root: dict[str, Element]) -> None:
        """Forget the bulk data of elements that were given again as something else."""
        self.bulk = {path: value for path, value in self.bulk.items() if is_bulk(root, path)}
