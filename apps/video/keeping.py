"""Where a film waits and is worked on: a folder of its own below `FOVEA_DATA/video`.

`source` is the file as it came. Each attempt works in a folder of its own within, so that one that was taken for dead
and is not can't spoil another's.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from apps.archive.objects import disk_errors
from apps.archive.storage import staging, write_whole
from apps.archive.waiting import WaitingFolder
from apps.core.errors import OutOfSpace, TooLarge
from apps.saying import say

SOURCE: Final = "source"
WORK: Final = "work-"
PIECE: Final = 4 << 20
# Of the source's size: what a conversion needs beside it, an intermediate file and the object.
NEEDED: Final = 2.1


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is safe on the disk: its size in bytes, and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


class Folder(WaitingFolder):
    """The folder of one film."""

    root = "video"

    @property
    def source(self) -> Path:
        return self.path / SOURCE

    def write(self, chunks: Iterable[bytes | memoryview]) -> Taken:
        """Keep a file, durably. Raises OutOfSpace, TooLarge beyond FOVEA_VIDEO_MB, and what reading `chunks` raises."""
        digest, size = hashlib.sha256(), 0
        try:
            with self.source.open("xb", buffering=0) as file:
                for chunk in chunks:
                    staging().check_space()
                    write_whole(file.fileno(), chunk)
                    digest.update(chunk)
                    size += len(chunk)
                    check_size(size)
                os.fdatasync(file.fileno())
            _sync(self.path)
            _sync(self.path.parent)
        except OSError as error:
            raise disk_errors(error) from error
        return Taken(size, digest.hexdigest())

    def link(self, path: Path) -> Taken:
        """Have a file that lies in FOVEA_DATA already and is safe, without copying it. Raises as `write`."""
        try:
            self.source.unlink(missing_ok=True)
            self.source.hardlink_to(path)
            _sync(self.path)
            _sync(self.path.parent)
            with self.source.open("rb", buffering=0) as file:
                digest = hashlib.file_digest(file, "sha256")
                size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise disk_errors(error) from error
        check_size(size)
        return Taken(size, digest.hexdigest())

    @contextmanager
    def work(self, attempt: int) -> Iterator[Path]:
        """An empty folder for an attempt, gone afterwards. Raises OutOfSpace and Unavailable."""
        self.clear()
        path = self.path / f"{WORK}{attempt}-{secrets.token_hex(4)}"
        try:
            _check_room(self.source)
            path.mkdir(mode=0o700)
        except OSError as error:
            raise disk_errors(error) from error
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def clear(self) -> None:
        """Nothing is left of earlier attempts."""
        for path in self.path.glob(f"{WORK}*"):
            shutil.rmtree(path, ignore_errors=True)


def pieces(path: Path) -> Iterator[bytes]:
    """A file's bytes. Raises Unavailable where it can't be read."""
    try:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise disk_errors(error) from error


def check_size(size: int) -> None:
    """Raises TooLarge for more bytes than a film may have."""
    if size > settings.VIDEO_BYTES:
        raise TooLarge(say("A video may have at most {most} MiB.", most=settings.VIDEO_BYTES >> 20))


def _check_room(source: Path) -> None:
    needed = int(source.stat().st_size * NEEDED)
    if shutil.disk_usage(source.parent).free - needed < settings.MIN_FREE_BYTES:
        raise OutOfSpace(say("There is not enough space to convert this video. Make room, then try again."))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
