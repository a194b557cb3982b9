"""Parts of a file read as if they were one: a video stream that lies in the fragments of an object."""

import io
import os
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from apps.dicom.frames import Span


class SpanFile(io.RawIOBase):
    """The bytes of `spans`, (offset, length) each, of the file at `path`, one after the other. Seekable."""

    def __init__(self, path: Path, spans: Sequence[Span]) -> None:
        super().__init__()
        self._spans = [span for span in spans if span[1]]
        self._starts = [0, *accumulate(length for _, length in self._spans)]
        self._position = 0
        self._descriptor = os.open(path, os.O_RDONLY)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self._starts[-1]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill the buffer up to the end of one span; 0 at the end of all."""
        if self._position >= self.size:
            return 0
        at = bisect_right(self._starts, self._position) - 1
        offset, length = self._spans[at]
        within = self._position - self._starts[at]
        room = memoryview(buffer)[: length - within]
        count = os.preadv(self._descriptor, [room], offset + within)
        self._position += count
        return count

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def part_of(spans: Sequence[Span], start: int, length: int) -> list[Span]:
    """The spans of `length` bytes from byte `start` of what `spans` are one after the other; fewer at the end."""
    found: list[Span] = []
    end = start + length
    before = 0
    for offset, size in spans:
        first, last = max(start, before), min(end, before + size)
        if first < last:
            found.append((offset + first - before, last - first))
        before += size
    return found
