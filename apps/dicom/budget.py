"""What one object may still ask for, of what its limits allow."""

from typing import Final

from apps.dicom.charset import Charset
from apps.dicom.errors import LimitExceeded, Truncated
from apps.dicom.heads import CUT_OFF
from apps.dicom.limits import Limits
from apps.dicom.scope import Scope

# How many bytes the walk may go before it asks again.
_STRIDE: Final = 1024 * 1024
_MAX_CHARSETS: Final = 16


class Budget:
    """The account of one walk, which starts at `origin`; `skipped` is the bulk data, which doesn't count."""

    def __init__(self, limits: Limits) -> None:
        self.origin = 0
        self.skipped = 0
        self._limits = limits
        self._count = 0
        self._charsets: set[Charset] = set()

    def check(self, scope: Scope, pos: int) -> int:
        """Check the limits at `pos`; return up to where the walk may go before it must ask again."""
        if pos > scope.end:
            raise Truncated(CUT_OFF)
        if pos - self.origin - self.skipped > self._limits.header_bytes:
            raise LimitExceeded(f"The header is larger than {self._limits.header_bytes} bytes.")
        self._count += len(scope.elements) - scope.counted
        scope.counted = len(scope.elements)
        if self._count > self._limits.elements:
            raise LimitExceeded(f"The object has more than {self._limits.elements} elements.")
        return min(scope.end, pos + _STRIDE)

    def spend(self) -> None:
        """Count an element that leaves no trace: a group length, a stray delimiter, one that was given before."""
        self._count += 1

    def meet(self, charset: Charset) -> None:
        """Count a Specific Character Set that the walk meets: what decodes its text takes time to make."""
        self._charsets.add(charset)
        if len(self._charsets) > _MAX_CHARSETS:
            raise LimitExceeded(f"The object declares more than {_MAX_CHARSETS} character sets.")

    def enter(self, item: Scope) -> None:
        """Count an item that the walk enters, and check how deep it is."""
        self._count += 1
        if item.depth > self._limits.depth:
            raise LimitExceeded(f"The object has sequences nested more than {self._limits.depth} deep.")
