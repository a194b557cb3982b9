"""The bytes that objects are read from: in memory, or a file mapped into it."""

from mmap import mmap

Source = bytes | mmap | memoryview


def as_source(buffer: bytes | bytearray | mmap | memoryview) -> Source:
    """Return `buffer` as something that can be sliced without changing under the reader's hands.

    Nothing is copied. A memoryview is taken as plain bytes whatever its format.
    """
    if isinstance(buffer, bytes | mmap):
        return buffer
    view = memoryview(buffer)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")
