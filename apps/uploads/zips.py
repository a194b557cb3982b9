"""Zip archives as media: their members in place, never unpacked to a path that the archive names.

Bounded in count, depth, size and ratio; only the methods that everybody writes (stored, deflated) are read.
"""

import io
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from apps.saying import say
from apps.uploads import dicomdir
from apps.uploads.dicomdir import FileId
from apps.uploads.entries import Broken, Kind, Passed, Place, Problem
from apps.uploads.sources import Budget, Source

MAX_MEMBERS: Final = 500_000
MAX_DIRECTORY_BYTES: Final = 64 << 20
SPOOLED_IN_MEMORY: Final = 16 << 20
TOO_MANY: Final = f"The zip archive has more than {MAX_MEMBERS} files: unpack it first."
METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1
_UNIX_MODE: Final = 16
# The end of central directory record, its Zip64 form and what points to that (APPNOTE 4.3.14 to 4.3.16).
_END, _END_SIZE, _MAX_COMMENT = b"PK\x05\x06", 22, 0xFFFF
_END64, _END64_SIZE = b"PK\x06\x06", 56
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_IN_ZIP64: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, open for reading, and how to tell whether another one lies beside it."""

    place: Place
    source: Source
    is_there: Callable[[FileId], bool]


def members(source: Source, head: bytes, place: Place, budget: Budget) -> Iterator[Member | Passed | Problem]:
    """The files of an archive whose first bytes `head` were read already. Raises Broken for a broken archive."""
    with _seekable(source, head) as stream, _opened(stream) as archive:
        files = [info for info in archive.infolist() if not info.filename.endswith("/")]
        listing = dicomdir.Listing(info.filename for info in files)
        for info in files:
            inner = _place(info, place)
            if stat.S_ISLNK(info.external_attr >> _UNIX_MODE):
                yield Passed(inner, Kind.LINK)
            elif reason := _unreadable(info):
                yield Problem(inner.label, reason, inner.weight)
            else:
                with _member(archive, info) as opened:
                    yield Member(inner, Source(opened, budget), listing.below(_folder(info)))


def names(stream: IO[bytes]) -> list[str]:
    """The files of the archive, by its directory. Raises Broken for a broken archive, or one of too many."""
    with _opened(stream) as archive:
        return [info.filename for info in archive.infolist() if not info.filename.endswith("/")]


def leads_out(name: str) -> bool:
    """Whether a file of this name would lie outside of the folder that an archive is unpacked in."""
    path = name.replace("\\", "/")
    return path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(info)
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError):
        return _Damaged()


class _Damaged(io.BytesIO):
    """A member whose own header is broken: reading it says so, and the archive's other members go on."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise zipfile.BadZipFile


def _folder(info: zipfile.ZipInfo) -> str:
    return info.filename.rpartition("/")[0]


def _unreadable(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _ENCRYPTED:
        return "It is encrypted: unpack the archive with its password first."
    if info.compress_type not in METHODS:
        return "It is packed by a method that is not read here: unpack the archive first."
    return ""


def _place(info: zipfile.ZipInfo, outer: Place) -> Place:
    """A member's place. Names may recur in an archive; where a member starts tells it apart."""
    name = info.filename.encode("utf-8", "backslashreplace").decode()
    key = outer.key + b"!%d" % info.header_offset
    return Place(f"{outer.label} > {name}", key, outer.size, outer.modified_ns, info.compress_size)


def _seekable(source: Source, head: bytes) -> IO[bytes]:
    """The archive itself, or a copy of an archive within an archive, whose directory is at its end."""
    if not isinstance(source.stream, zipfile.ZipExtFile):
        return source.stream
    copy: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOLED_IN_MEMORY)  # noqa: SIM115 -- the caller's
    try:
        for piece in source.pieces(head):
            copy.write(piece)
    except BaseException:
        copy.close()
        raise
    return copy


def _opened(stream: IO[bytes]) -> zipfile.ZipFile:
    try:
        _check_directory(stream)
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Broken(say("The zip archive is damaged: it has no directory that can be read.")) from error
    if len(archive.infolist()) > MAX_MEMBERS:
        raise Broken(TOO_MANY)
    return archive


def _check_directory(stream: IO[bytes]) -> None:
    """Refuse a directory too large to be read at once, before anything reads it."""
    size = stream.seek(0, 2)
    start = max(0, size - _END_SIZE - _MAX_COMMENT - _LOCATOR_SIZE)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_END)
    directory = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    locator = tail[max(0, at - _LOCATOR_SIZE) : at]
    if directory == _IN_ZIP64 and locator.startswith(_LOCATOR):
        stream.seek(int.from_bytes(locator[8:16], "little"))
        directory = int.from_bytes(stream.read(_END64_SIZE)[40:48], "little")
    if directory > MAX_DIRECTORY_BYTES:
        raise Broken(TOO_MANY)
