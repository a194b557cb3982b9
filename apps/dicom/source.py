"""The bytes that objects are read from: in memory, or a file mapped into it."""

from mmap import mmap
from typing import Final

Source = bytes | mmap | memoryview
_BLOCK: Final = 1024 * 1024


def as_source(buffer: bytes | bytearray | mmap | memoryview) -> Source:
    """Return `buffer` as something that can be sliced without changing under the reader's hands.

    Nothing is copied. A memoryview is taken as plain bytes whatever its format.
    """
    if isinstance(buffer, bytes | mmap):
        return buffer
    view = memoryview(buffer)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def is_zero(buffer: Source, start: int, end: int) -> bool:
    """Say whether a stretch of the buffer is all zeros, without copying it whole."""
    return not any(bytes(buffer[at : min(at + _BLOCK, end)]).strip(b"\0") for at in range(start, end, _BLOCK))
