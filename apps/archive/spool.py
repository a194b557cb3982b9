"""What a request brings before it can be used, on disk and not in memory: gone with the process, whatever ends it."""

import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from types import TracebackType
from typing import Final, Self

from apps.archive.storage import staging, write_whole

PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Extent:
    """Where something lies in a spool, in bytes."""

    offset: int
    size: int


class Spool:
    """A temporary file without a name, in the staging folder. Use it as a context."""

    def __init__(self) -> None:
        self._file = TemporaryFile(dir=staging().folder, buffering=0)  # noqa: SIM115
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, chunks: Iterable[bytes | memoryview]) -> Extent:
        """Write these bytes behind the others. Raises OutOfSpace, and what reading `chunks` raises."""
        staging().check_space()
        start = self._size
        self._file.seek(start)
        for chunk in chunks:
            write_whole(self._file.fileno(), chunk)
            self._size += len(chunk)
        return Extent(start, self._size - start)

    def pieces(self, extent: Extent, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes of an extent, or those from `start` to `end` of it, in pieces."""
        last = extent.offset + (extent.size if end is None else min(end, extent.size))
        for offset in range(extent.offset + start, last, PIECE):
            yield os.pread(self._file.fileno(), min(PIECE, last - offset), offset)

    @contextmanager
    def mapped(self, extent: Extent) -> Iterator[memoryview]:
        """The bytes of an extent, without reading them all into memory."""
        if not extent.size:
            yield memoryview(b"")
            return
        before = extent.offset % mmap.ALLOCATIONGRANULARITY
        with (
            mmap.mmap(
                self._file.fileno(), before + extent.size, access=mmap.ACCESS_READ, offset=extent.offset - before
            ) as view,
            memoryview(view) as whole,
            whole[before:] as part,
        ):
            yield part
