"""What one object may still ask for, of what its limits allow."""

from typing import Final

from apps.dicom.errors import LimitExceeded, Truncated
from apps.dicom.heads import CUT_OFF
from apps.dicom.limits import Limits
from apps.dicom.scope import Scope

# How many bytes the walk may go before it asks again.
_STRIDE: Final = 1024 * 1024


class Budget:
    """The account of one walk, which starts at `origin`; `skipped` is the bulk data, which doesn't count."""

    def __init__(self, limits: Limits) -> None:
        self.origin = 0
        self.skipped = 0
        self._limits = limits
        self._count = 0

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

    def enter(self, item: Scope) -> None:
        """Count an item that the walk enters, and check how deep it is."""
        self._count += 1
        if item.depth > self._limits.depth:
            raise LimitExceeded(f"The object has sequences nested more than {self._limits.depth} deep.")
