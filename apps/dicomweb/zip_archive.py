"""Zip archives as a stream (APPNOTE 6.3.10): entries stored as they are, sizes known beforehand, Zip64 where needed.

Each entry's check sum stands before its bytes, which are read twice for it: readers that go from the front need no data
descriptors, and the length of the whole is known before anything is sent.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from struct import pack
from typing import Final

from isal import isal_zlib

_LARGE: Final = 0xFFFFFFFF
_MANY: Final = 0xFFFF
_PLAIN, _ZIP64 = 20, 45
_UNIX: Final = 3 << 8
_READABLE: Final = 0o100644 << 16
# 1980-01-01 00:00, the first moment that a zip archive knows: the same files make the same archive.
_TIME, _DATE = 0, (1 << 5) | 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: its name in ASCII, its size in bytes, and its bytes, which may be asked for again."""

    name: str
    size: int
    pieces: Callable[[], Iterable[bytes]]


def archive(entries: Sequence[Entry]) -> Iterator[bytes]:
    """The archive's bytes in pieces."""
    offset = 0
    directory: list[bytes] = []
    for entry in entries:
        checksum = _checksum(entry)
        head = _local_header(entry, checksum)
        yield head
        yield from entry.pieces()
        directory.append(_central_header(entry, checksum, offset))
        offset += len(head) + entry.size
    yield from directory
    yield _end(len(directory), sum(map(len, directory)), offset)


def archive_size(entries: Sequence[Entry]) -> int:
    """How long the archive is in bytes, told without reading an entry."""
    offset = central = 0
    for entry in entries:
        central += len(_central_header(entry, 0, offset))
        offset += len(_local_header(entry, 0)) + entry.size
    return offset + central + len(_end(len(entries), central, offset))


def _checksum(entry: Entry) -> int:
    checksum = 0
    for piece in entry.pieces():
        checksum = isal_zlib.crc32(piece, checksum)
    return checksum


def _local_header(entry: Entry, checksum: int) -> bytes:
    """APPNOTE 4.3.7, with both sizes in a Zip64 field (4.5.3) where one of them is large."""
    name = entry.name.encode("ascii")
    is_large = entry.size >= _LARGE
    extra = pack("<HHQQ", 1, 16, entry.size, entry.size) if is_large else b""
    size = min(entry.size, _LARGE)
    fixed = pack(
        "<4sHHHHHLLLHH",
        *(b"PK\x03\x04", _ZIP64 if is_large else _PLAIN, 0, 0, _TIME, _DATE),
        *(checksum, size, size, len(name), len(extra)),
    )
    return fixed + name + extra


def _central_header(entry: Entry, checksum: int, offset: int) -> bytes:
    """APPNOTE 4.3.12."""
    name = entry.name.encode("ascii")
    large = [entry.size] * 2 if entry.size >= _LARGE else []
    if offset >= _LARGE:
        large.append(offset)
    extra = pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    version = _ZIP64 if large else _PLAIN
    size = min(entry.size, _LARGE)
    fixed = pack(
        "<4sHHHHHHLLLHHHHHLL",
        *(b"PK\x01\x02", _UNIX | version, version, 0, 0, _TIME, _DATE, checksum, size, size),
        *(len(name), len(extra), 0, 0, 0, _READABLE, min(offset, _LARGE)),
    )
    return fixed + name + extra


def _end(count: int, size: int, offset: int) -> bytes:
    """APPNOTE 4.3.14 to 4.3.16, for a directory of `count` entries and `size` bytes at `offset`."""
    zip64 = b""
    if count >= _MANY or size >= _LARGE or offset >= _LARGE:
        zip64 = pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, _UNIX | _ZIP64, _ZIP64, 0, 0, count, count, size, offset)
        zip64 += pack("<4sLQL", b"PK\x06\x07", 0, offset + size, 1)
    known = min(count, _MANY)
    return zip64 + pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, known, known, min(size, _LARGE), min(offset, _LARGE), 0)
