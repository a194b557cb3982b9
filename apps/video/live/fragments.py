"""Fragmented MP4 as it lies on disk after a crash: what of it is whole (ISO/IEC 14496-12 4.2, 8.8)."""

import os
import struct
from pathlib import Path
from typing import BinaryIO, Final

# More boxes than a day of fragments of a second has.
_MOST_BOXES: Final = 1 << 20
_HEAD: Final = 8
_LARGE_HEAD: Final = 16


def whole_length(file: Path) -> int:
    """How many bytes of the file are whole fragments behind a head; 0 where no fragment is whole.

    A fragment is a `moof` box and the `mdat` box behind it; what a crash cut off is the last one's end.
    """
    size, whole, has_head = file.stat().st_size, 0, False
    with file.open("rb") as source:
        at = 0
        for _ in range(_MOST_BOXES):
            kind, length = _box(source, at)
            if not length or at + length > size:
                break
            at += length
            has_head = has_head or kind == b"moov"
            if kind == b"mdat" and has_head:
                whole = at
    return whole


def cut_to_whole(file: Path) -> bool:
    """Cut off what is no whole fragment, durably; whether anything is left."""
    whole = whole_length(file)
    with file.open("r+b") as target:
        target.truncate(whole)
        os.fsync(target.fileno())
    return whole > 0


def _box(source: BinaryIO, at: int) -> tuple[bytes, int]:
    """The kind and the whole length of the box at a place; a length of 0 where there is none that can be read."""
    source.seek(at)
    head = source.read(_LARGE_HEAD)
    if len(head) < _HEAD:
        return b"", 0
    length, kind = struct.unpack_from(">I4s", head)
    if length == 1 and len(head) == _LARGE_HEAD:
        (length,) = struct.unpack_from(">Q", head, _HEAD)
    return kind, length if length >= _HEAD else 0
