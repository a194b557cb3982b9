"""What has come of an upload, on the disk: a file that grows, and whose turn it is to let it grow.

One request at a time has the turn: a lock on a file beside it, which is free again as soon as a process dies. A request
whose client has gone without a word (a phone that changed its network) would keep it for hours: after a few seconds
without a byte the next one takes it away, by putting another file in the place of the lock. So who writes makes sure,
under a lock on the file itself and each time, that the turn is still its own.
"""

import fcntl
import glob
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from apps.archive.objects import disk_errors
from apps.archive.storage import staging, write_whole
from apps.core.errors import NotFound
from apps.saying import say
from apps.uploads.models import new_key
from apps.uploads.resumable.errors import UploadBusy, UploadGone

ROOT: Final = "uploads"
TURN: Final = ".turn"
# Seconds without a byte after which another request may take over.
SILENT_SECONDS: Final = 3.0
NOT_HERE: Final = say("There is no such upload among yours.")
LOST: Final = say("What was received of this upload is not here any more. Begin it again.")
BUSY: Final = say("Another request brings this upload's bytes. Wait a moment, ask for its offset and go on.")
TAKEN_OVER: Final = say("Another request goes on with this upload.")


def path_of(key: str) -> Path:
    """Where the bytes of the upload lie."""
    folder: Path = settings.DATA / ROOT
    return folder / key


def create(key: str) -> None:
    """An empty file, durably. Raises OutOfSpace and Unavailable."""
    path = path_of(key)
    staging().check_space()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=False)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise disk_errors(error) from error


def discard(key: str) -> None:
    """Nothing is left of the upload; who writes it finds out with the next piece."""
    path = path_of(key)
    path.with_suffix(TURN).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def discard_all(key: str) -> None:
    """Nothing is left of the upload, nor of what its job was given."""
    for path in path_of(key).parent.glob(f"{glob.escape(key)}*"):
        path.unlink(missing_ok=True)


def kept() -> Iterator[tuple[str, float]]:
    """The uploads that something is left of on the disk: their keys, and when it was last changed."""
    folder = settings.DATA / ROOT
    for path in folder.iterdir() if folder.exists() else ():
        with suppress(FileNotFoundError):
            yield path.stem, path.stat().st_mtime


class Part:
    """The bytes of an upload, to be written by whoever has the turn."""

    def __init__(self, path: Path, data: int, turn: int) -> None:
        self._path = path
        self._data = data
        self._turn = turn

    def begin(self, received: int) -> None:
        """Go on behind what is safe: what came after that, and was never acknowledged, goes. Raises UploadGone."""
        with self.guarded():
            if os.fstat(self._data).st_size < received:
                raise UploadGone(LOST)
            os.ftruncate(self._data, received)
            os.lseek(self._data, received, os.SEEK_SET)

    def write(self, chunk: bytes) -> None:
        """Raises OutOfSpace, Unavailable, UploadBusy."""
        staging().check_space()
        with self.guarded():
            write_whole(self._data, chunk)

    def sync(self) -> None:
        """What was written is durable. To be called under `guarded`. Raises OutOfSpace and Unavailable."""
        try:
            os.fdatasync(self._data)
        except OSError as error:
            raise disk_errors(error) from error

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Nobody takes the turn away within. Raises UploadBusy where somebody has, NotFound where the upload ended."""
        fcntl.flock(self._data, fcntl.LOCK_EX)
        try:
            if not _is_at(self._turn, self._path.with_suffix(TURN)):
                raise UploadBusy(TAKEN_OVER) if self._path.exists() else NotFound(NOT_HERE)
            yield
        finally:
            fcntl.flock(self._data, fcntl.LOCK_UN)


@contextmanager
def turn(key: str) -> Iterator[Part]:
    """Be the one who writes. Raises UploadBusy while somebody else does, UploadGone where the file is lost."""
    path = path_of(key)
    try:
        data = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise UploadGone(LOST) from error
    try:
        taken = _take(path)
        try:
            yield Part(path, data, taken)
        finally:
            os.close(taken)
    finally:
        os.close(data)


def _take(path: Path) -> int:
    """The lock, which is open as long as the turn lasts."""
    place = path.with_suffix(TURN)
    lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        if not _is_silent(path, place):
            raise UploadBusy(BUSY) from error
        return _taken_away(place)
    if not _is_at(lock, place):
        os.close(lock)
        raise UploadBusy(BUSY)
    os.utime(lock)
    return lock


def _taken_away(place: Path) -> int:
    """A lock of one's own in the place of the one that somebody holds."""
    own = place.with_name(f"{place.stem}.{new_key()}")
    lock = os.open(own, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    own.replace(place)
    return lock


def _is_silent(*paths: Path) -> bool:
    """Whether nothing has been written for some seconds, since somebody took the turn."""
    try:
        return time.time() - max(path.stat().st_mtime for path in paths) > SILENT_SECONDS
    except FileNotFoundError:
        return False


def _is_at(descriptor: int, place: Path) -> bool:
    try:
        there = place.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(descriptor)
    return (there.st_ino, there.st_dev) == (mine.st_ino, mine.st_dev)
