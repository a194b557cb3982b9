"""What one object may still ask for, of what its limits allow."""

from itertools import islice
from typing import Final

from apps.dicom.charset import Charset
from apps.dicom.errors import LimitExceeded, Truncated
from apps.dicom.heads import CUT_OFF
from apps.dicom.limits import Limits
from apps.dicom.scope import Scope
from apps.dicom.source import Source
from apps.saying import say

# How many bytes the walk may go before it asks again.
_STRIDE: Final = 1024 * 1024
# What values cost is counted beyond so many bytes of header only: what fits into them is harmless.
_FREE: Final = 1024 * 1024
_MAX_CHARSETS: Final = 16
_ESCAPE: Final = b"\x1b"
# How many numbers a value is worth; items are counted as they are entered.
_WEIGHTS: Final = {"SQ": 0, "PN": 12} | dict.fromkeys(("DS", "IS", "FD", "FL", "SL", "SS", "UL", "US"), 1)
_WEIGHT_OF_TEXT: Final = 2
# How many elements these are worth by the time or memory that they take.
ITEM, ODDITY, BULK_VALUE = 2, 4, 8


class Budget:
    """The account of one walk through `buffer`, which starts at `origin`; bulk data doesn't count."""

    def __init__(self, limits: Limits, buffer: Source) -> None:
        self.origin = 0
        self.skipped = 0
        self._limits = limits
        self._buffer = buffer
        self._count = 0
        self._values = 0
        self._escapes = 0
        self._seen = 0
        self._has_escapes = False
        self._charsets: set[Charset] = set()

    def check(self, scope: Scope, pos: int) -> int:
        """Check the limits at `pos`; return up to where the walk may go before it must ask again."""
        if pos > scope.end:
            raise Truncated(CUT_OFF)
        walked = pos - self.origin - self.skipped
        if walked > self._limits.header_bytes:
            raise LimitExceeded(
                say("The header is larger than {header_bytes} bytes.", header_bytes=self._limits.header_bytes)
            )
        grown = len(scope.elements) - scope.counted
        self._count += grown
        scope.counted += grown
        if self._count > self._limits.elements:
            raise LimitExceeded(say("The object has more than {elements} elements.", elements=self._limits.elements))
        if walked > _FREE:
            self._weigh(scope, grown, pos)
        return min(scope.end, pos + _STRIDE)

    def spend(self, elements: int = 1) -> None:
        """Count what leaves no trace, or takes more than it shows: a group length, an element given before."""
        self._count += elements

    def skip(self, start: int, end: int) -> None:
        """Leave bulk data out of the account, which takes the bytes from `start` to `end`."""
        self.skipped += end - start
        self._seen = max(self._seen, end)
        self._count += BULK_VALUE

    def meet(self, charset: Charset) -> None:
        """Count a Specific Character Set that the walk meets: what decodes its text takes time to make."""
        self._charsets.add(charset)
        self._has_escapes |= len(charset) > 1
        if len(self._charsets) > _MAX_CHARSETS:
            raise LimitExceeded(
                say("The object declares more than {max_charsets} character sets.", max_charsets=_MAX_CHARSETS)
            )

    def enter(self, item: Scope) -> None:
        """Count an item that the walk enters, and check how deep it is."""
        self._count += ITEM
        if item.depth > self._limits.depth:
            raise LimitExceeded(
                say("The object has sequences nested more than {depth} deep.", depth=self._limits.depth)
            )

    def _weigh(self, scope: Scope, grown: int, pos: int) -> None:
        """Count the values of the elements that have come since the last check, and the escape sequences."""
        for element in islice(reversed(scope.elements.values()), grown):
            if values := element.get("Value"):
                self._values += len(values) * _WEIGHTS.get(element["vr"], _WEIGHT_OF_TEXT)
        if self._has_escapes and self._seen < pos:
            self._escapes += bytes(self._buffer[self._seen : pos]).count(_ESCAPE)
            self._seen = pos
        if self._values > self._limits.values or self._escapes > self._limits.escapes:
            raise LimitExceeded(say("The header has more values than the server takes."))
