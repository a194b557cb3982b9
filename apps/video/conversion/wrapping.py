"""A stream as the Pixel Data of a DICOM file: in as few fragments as can be, copied by the kernel.

Encapsulated (PS3.5 A.4): an empty Basic Offset Table, then the fragments, each padded to an even length, then the end.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from struct import pack
from typing import Final

from apps.video.conversion.outcome import Stream
from apps.video.conversion.syntaxes import JPEG_BASELINE, LARGEST_FRAGMENT
from apps.video.streams.telling import Tell, quiet

STAGE: Final = "write"
_PIXEL_DATA: Final = pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
_OFFSET_TABLE: Final = pack("<HHI", 0xFFFE, 0xE000, 0)
_END: Final = pack("<HHI", 0xFFFE, 0xE0DD, 0)
_AT_ONCE: Final = 64 << 20  # bytes that the kernel copies between two words of progress
_IN_MEMORY: Final = 1 << 20  # bytes that are copied here where the kernel can't
# What file systems answer that don't copy for others, or not between two of them.
_CANNOT: Final = (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM)


def wrap(
    stream: Stream, head: bytes, target: Path, *, largest: int = LARGEST_FRAGMENT, tell: Tell = quiet
) -> tuple[tuple[int, int], ...]:
    """Write a DICOM file: `head` is all of it before Pixel Data (7FE0,0010).

    No fragment is longer than `largest` bytes (even). Returns where each fragment's bytes begin in the file, and how
    many they are without padding. The caller removes `target` after an exception.
    """
    fragments: list[tuple[int, int]] = []
    done = 0
    with stream.file.open("rb") as source, target.open("wb") as file:
        file.write(head + _PIXEL_DATA + _OFFSET_TABLE)
        for offset, length in _spans(stream, largest):
            file.write(pack("<HHI", 0xFFFE, 0xE000, length + length % 2))
            fragments.append((file.tell(), length))
            file.flush()
            for begin in range(0, length, _AT_ONCE):
                size = min(_AT_ONCE, length - begin)
                _copy(source.fileno(), file.fileno(), offset + begin, size)
                done += size
                tell(STAGE, done, stream.size)
            file.seek(0, os.SEEK_END)
            file.write(bytes(length % 2))
        file.write(_END)
    return tuple(fragments)


def _spans(stream: Stream, largest: int) -> Iterator[tuple[int, int]]:
    """What becomes a fragment: each frame of JPEG (A.4.1), or as much of a stream as fits."""
    if stream.plan.transfer_syntax_uid == JPEG_BASELINE:
        yield from stream.spans
        return
    for begin in range(0, stream.size, largest):
        yield begin, min(largest, stream.size - begin)


def _copy(source: int, target: int, offset: int, length: int) -> None:
    """Append bytes of one open file to another, through the kernel if it can."""
    position, end = offset, offset + length
    while position < end:
        copied = _copied(source, target, position, end - position)
        if not copied:
            raise EOFError("The stream is shorter than it was.")
        position += copied


def _copied(source: int, target: int, offset: int, length: int) -> int:
    try:
        return os.copy_file_range(source, target, length, offset)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    data = os.pread(source, min(length, _IN_MEMORY), offset)
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]
    return len(data)
