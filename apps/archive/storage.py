"""The storage of this site, and the way of an object into it: staged, kept, and only then in the index.

An object is staged in a folder that belongs to this process alone. Before a batch is kept, its keys are noted beside
the staged files (`intents`). `sweep` removes what a killed process left behind: staged files, and kept objects that no
row names.
"""

import fcntl
import logging
import mmap
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from blake3 import blake3
from django.conf import settings
from django.db import DatabaseError

from apps.archive import objects
from apps.archive.intents import Intents, keys_in
from apps.archive.models import Instance, Quarantined
from apps.archive.objects import Objects, disk_errors
from apps.core.errors import OutOfSpace, TooLarge, Unavailable
from apps.dicom.filemeta import HEAD_SIZE, PREAMBLE_SIZE, starts_with_preamble
from apps.saying import say

logger = logging.getLogger(__name__)

PIECE: Final = 1 << 20
LOCK_NAME: Final = "lock"
# How many keys one query asks about.
AT_ONCE: Final = 500


def site_objects() -> Objects:
    """The site's storage, as FOVEA_STORAGE_URL says."""
    return _objects(settings.STORAGE_URL, settings.DATA)


@lru_cache(maxsize=4)
def _objects(url: str, data: Path) -> Objects:
    return objects.from_url(url, data)


@dataclass(slots=True)
class Staged:
    """An object's bytes in a temporary file, not yet durable."""

    path: Path
    descriptor: int
    size: int
    digest: bytes
    is_open: bool = True

    @contextmanager
    def mapped(self) -> Iterator[mmap.mmap | bytes]:
        """The bytes, without reading them all into memory."""
        if not self.size:
            yield b""
            return
        with mmap.mmap(self.descriptor, self.size, access=mmap.ACCESS_READ) as view:
            yield view

    def keep(self, key: str) -> None:
        """Put it into the storage, durably. Raises OutOfSpace and Unavailable."""
        try:
            site_objects().put(self.path, self.descriptor, key)
        except OSError as error:
            raise disk_errors(error) from error
        self._close()

    def discard(self) -> None:
        """Nothing is left of it, unless it has been kept."""
        if self.is_open:
            self._close()
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self.is_open:
            self.is_open = False
            os.close(self.descriptor)


@dataclass(slots=True)
class Kept:
    """Objects that are in the storage and not yet in the index; `dropped` go when the index has let go of them."""

    keys: list[str]
    intents: Intents
    dropped: list[str] = field(default_factory=list)

    def drop(self, keys: Sequence[str]) -> None:
        """Have these objects removed too, once the index has let go of them. Raises OutOfSpace and Unavailable."""
        self.dropped.extend(keys)
        _intended(self.intents.add, keys)


class Staging:
    """The folder where one process stages objects. Its lock tells others that the process lives."""

    def __init__(self, data: Path) -> None:
        self.pid = os.getpid()
        self.folder = data / "incoming" / f"{self.pid}-{secrets.token_hex(4)}"
        self.folder.mkdir(parents=True)
        self._lock = (self.folder / LOCK_NAME).open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._intents = Intents(self.folder)

    def close(self) -> None:
        """Leave the folder to the next sweep."""
        self._intents.close()
        self._lock.close()

    def stage(self, chunks: Iterable[bytes | memoryview]) -> Staged:
        """Write one object, its preamble zeroed (it could be a program: CVE-2019-11687), and hash it on the way.

        Raises OutOfSpace and TooLarge; then nothing is left of it.
        """
        self.check_space()
        path = self.folder / secrets.token_hex(16)
        try:
            staged = Staged(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), 0, b"")
        except OSError as error:
            raise disk_errors(error) from error
        try:
            _fill(staged, _without_preamble(chunks))
        except BaseException:
            staged.discard()
            raise
        return staged

    def adopt(self, file: Path, most: int) -> Staged:
        """Take an object that this server wrote, without copying it: it is gone from its place, its preamble zeroed.

        It lies on the file system of FOVEA_DATA. Raises OutOfSpace, Unavailable, and TooLarge for more than `most`
        bytes; then it stays where it is.
        """
        try:
            staged = Staged(self.folder / secrets.token_hex(16), os.open(file, os.O_RDWR | os.O_CLOEXEC), 0, b"")
        except OSError as error:
            raise disk_errors(error) from error
        try:
            staged.size = os.fstat(staged.descriptor).st_size
            _check_size(staged.size, most)
            staged.digest = _digest_without_preamble(staged)
            file.rename(staged.path)
        except OSError as error:
            staged.discard()
            raise disk_errors(error) from error
        except BaseException:
            staged.discard()
            raise
        return staged

    @contextmanager
    def kept(self, staged: Sequence[Staged]) -> Iterator["Kept"]:
        """Put these files into the storage, durably, for the index to name before the context ends.

        With no files it serves a deletion. When it ends well, what was dropped is removed; when it ends in an error,
        whatever the index does not name.
        """
        keys = [site_objects().new_key() for _ in staged]
        _intended(self._intents.begin, keys)
        kept = Kept(keys, self._intents)
        try:
            for file, key in zip(staged, keys, strict=True):
                file.keep(key)
            yield kept
        except BaseException:
            self._clean_up(settle, [*keys, *kept.dropped])
            raise
        else:
            self._clean_up(delete_objects, kept.dropped)
        finally:
            self._intents.end()

    def _clean_up(self, clean: Callable[[Sequence[str]], object], keys: Sequence[str]) -> None:
        """What can't be removed now is left to the next sweep: the caller's own work is over."""
        try:
            clean(keys)
        except (OSError, Unavailable, DatabaseError):
            logger.exception("Objects could not be removed; the next start tries again.")
            self._intents.leave()

    def check_space(self) -> None:
        """Raises OutOfSpace where less than FOVEA_MIN_FREE_MB is free."""
        stat = os.statvfs(self.folder)
        if stat.f_bavail * stat.f_frsize < settings.MIN_FREE_BYTES:
            raise OutOfSpace(say("The storage is full. Nothing of this object was stored."))


def _intended(write: Callable[[Sequence[str]], None], keys: Sequence[str]) -> None:
    try:
        write(keys)
    except OSError as error:
        raise disk_errors(error) from error


def _fill(staged: Staged, chunks: Iterable[bytes | memoryview]) -> None:
    most = settings.MAX_INSTANCE_BYTES
    digest = blake3()
    for chunk in chunks:
        staged.size += len(chunk)
        _check_size(staged.size, most)
        digest.update(chunk)
        write_whole(staged.descriptor, chunk)
    staged.digest = digest.digest()


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise TooLarge(say("An object may have at most {most} MiB.", most=most >> 20))


def _digest_without_preamble(staged: Staged) -> bytes:
    """The digest of a file's bytes, when its preamble has been zeroed."""
    if starts_with_preamble(os.pread(staged.descriptor, HEAD_SIZE, 0)):
        os.pwrite(staged.descriptor, bytes(PREAMBLE_SIZE), 0)
    digest, piece = blake3(), memoryview(bytearray(PIECE))
    offset = 0
    while count := os.preadv(staged.descriptor, [piece], offset):
        digest.update(piece[:count])
        offset += count
    return digest.digest()


def write_whole(descriptor: int, chunk: bytes | memoryview) -> None:
    """Write all of it. Raises OutOfSpace or Unavailable."""
    try:
        written = os.write(descriptor, chunk)
        while written < len(chunk):
            written += os.write(descriptor, memoryview(chunk)[written:])
    except OSError as error:
        raise disk_errors(error) from error


def _without_preamble(chunks: Iterable[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    """The same bytes, with the 128 bytes before the magic word zeroed (PS3.10 7.1)."""
    iterator = iter(chunks)
    head: bytes | memoryview = b""
    for chunk in iterator:
        head = b"".join((head, chunk)) if head else chunk
        if len(head) >= HEAD_SIZE:
            break
    if starts_with_preamble(head):
        yield bytes(PREAMBLE_SIZE)
        head = memoryview(head)[PREAMBLE_SIZE:]
    if head:
        yield head
    yield from iterator


_staging: dict[Path, Staging] = {}


def staging() -> Staging:
    """This process's staging folder; a forked process gets its own."""
    known = _staging.get(settings.DATA)
    if known is None or known.pid != os.getpid():
        known = _staging[settings.DATA] = Staging(settings.DATA)
    return known


def close_staging() -> None:
    """This process stages nothing any more, unless it asks for the folder again."""
    known = _staging.pop(settings.DATA, None)
    if known is not None:
        known.close()


def sweep() -> int:
    """Remove what killed processes left: staged files, and kept objects that no row names.

    Returns how many orphaned objects were removed. Folders of living processes are left alone.
    """
    incoming = settings.DATA / "incoming"
    folders = [folder for folder in incoming.iterdir() if folder.is_dir()] if incoming.exists() else []
    return sum(_sweep_folder(folder) for folder in folders)


def settle(keys: Iterable[str]) -> int:
    """Remove those of these objects that the index does not name. Returns how many there were."""
    orphans = _orphans(sorted(set(keys)))
    delete_objects(orphans)
    return len(orphans)


def _orphans(keys: Sequence[str]) -> list[str]:
    known = {key for start in range(0, len(keys), AT_ONCE) for key in indexed(keys[start : start + AT_ONCE])}
    return [key for key in keys if key not in known]


def delete_objects(keys: Iterable[str]) -> None:
    """Remove objects that the index has let go of. Raises OSError and Unavailable."""
    for key in keys:
        site_objects().delete(key)


def indexed(keys: Sequence[str]) -> set[str]:
    """Those of the keys that a row names."""
    return {
        key
        for model in (Instance, Quarantined)
        for key in model.objects.filter(file_key__in=keys).values_list("file_key", flat=True)
    }


def _sweep_folder(folder: Path) -> int:
    with (folder / LOCK_NAME).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        removed = settle(keys_in(folder))
        shutil.rmtree(folder)
    return removed
