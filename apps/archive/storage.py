"""The storage of this site, and the way of an object into it: staged, kept, and only then in the index.

An object is staged in a folder that belongs to this process alone. Before a batch is kept, its keys are written to an
intent beside the staged files; the intent goes when the index has them. `sweep` removes what a killed process left
behind: staged files, and kept objects that no row names.
"""

import fcntl
import logging
import mmap
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from blake3 import blake3
from django.conf import settings
from django.db import DatabaseError

from apps.archive import objects
from apps.archive.models import Instance, Quarantined
from apps.archive.objects import Objects, disk_errors
from apps.core.errors import OutOfSpace, TooLarge, Unavailable
from apps.dicom.filemeta import HEAD_SIZE, PREAMBLE_SIZE, starts_with_preamble

logger = logging.getLogger(__name__)

PIECE: Final = 1 << 20
LOCK_NAME: Final = "lock"
INTENT_SUFFIX: Final = ".intent"


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
    file: BinaryIO
    size: int
    digest: bytes

    @contextmanager
    def mapped(self) -> Iterator[mmap.mmap | bytes]:
        """The bytes, without reading them all into memory."""
        if not self.size:
            yield b""
            return
        with mmap.mmap(self.file.fileno(), self.size, access=mmap.ACCESS_READ) as view:
            yield view

    def make_durable(self) -> None:
        try:
            os.fdatasync(self.file.fileno())
        except OSError as error:
            raise disk_errors(error) from error
        self.file.close()

    def discard(self) -> None:
        self.file.close()
        self.path.unlink(missing_ok=True)


@dataclass(slots=True)
class Kept:
    """Objects that are in the storage and not yet in the index."""

    keys: list[str]
    intent: Path
    dropped: list[str] = field(default_factory=list)

    def drop(self, keys: Sequence[str]) -> None:
        """Have these objects removed too, once the index has let go of them."""
        self.dropped.extend(keys)
        with self.intent.open("a", encoding="ascii") as file:
            file.write("\n" + "\n".join(keys))


class Staging:
    """The folder where one process stages objects. Its lock tells others that the process lives."""

    def __init__(self, data: Path) -> None:
        self.pid = os.getpid()
        self.folder = data / "incoming" / f"{self.pid}-{secrets.token_hex(4)}"
        self.folder.mkdir(parents=True)
        self._lock = (self.folder / LOCK_NAME).open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def stage(self, chunks: Iterable[bytes | memoryview]) -> Staged:
        """Write one object, its preamble zeroed (it could be a program: CVE-2019-11687), and hash it on the way.

        Raises OutOfSpace and TooLarge; then nothing is left of it.
        """
        self.check_space()
        path = self.folder / secrets.token_hex(16)
        file = path.open("w+b", buffering=0)
        try:
            size, digest = _write(file, _without_preamble(chunks))
        except BaseException:
            file.close()
            path.unlink(missing_ok=True)
            raise
        return Staged(path, file, size, digest)

    @contextmanager
    def kept(self, staged: Sequence[Staged]) -> Iterator["Kept"]:
        """Make these files durable and put them into the storage, for the index to name before the context ends.

        With no files it serves a deletion. When it ends well, what was dropped is removed; when it ends in an error,
        whatever the index does not name.
        """
        for file in staged:
            file.make_durable()
        keys = site_objects().new_keys(len(staged))
        kept = Kept(keys, self._intend(keys))
        try:
            _put(staged, keys)
            yield kept
        except BaseException:
            _settle_or_leave(kept.intent)
            raise
        delete_objects(kept.dropped, kept.intent)

    def _intend(self, keys: Sequence[str]) -> Path:
        intent = self.folder / f"{secrets.token_hex(8)}{INTENT_SUFFIX}"
        intent.write_text("\n".join(keys), encoding="ascii")
        return intent

    def check_space(self) -> None:
        """Raises OutOfSpace where less than FOVEA_MIN_FREE_MB is free."""
        stat = os.statvfs(self.folder)
        if stat.f_bavail * stat.f_frsize < settings.MIN_FREE_BYTES:
            raise OutOfSpace("The storage is full. Nothing of this object was stored.")


def _put(staged: Sequence[Staged], keys: Sequence[str]) -> None:
    try:
        site_objects().put([file.path for file in staged], keys)
    except OSError as error:
        raise disk_errors(error) from error


def _write(file: BinaryIO, chunks: Iterable[bytes | memoryview]) -> tuple[int, bytes]:
    size = 0
    digest = blake3()
    for chunk in chunks:
        size += len(chunk)
        if size > settings.MAX_INSTANCE_BYTES:
            raise TooLarge(f"An object may have at most {settings.MAX_INSTANCE_BYTES >> 20} MiB.")
        digest.update(chunk)
        write_whole(file, chunk)
    return size, digest.digest()


def write_whole(file: BinaryIO, chunk: bytes | memoryview) -> None:
    """Write all of it to an unbuffered file. Raises OutOfSpace or Unavailable."""
    view = memoryview(chunk)
    try:
        while view:
            view = view[file.write(view) :]
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


def sweep() -> int:
    """Remove what killed processes left: staged files, and kept objects that no row names.

    Returns how many orphaned objects were removed. Folders of living processes are left alone.
    """
    incoming = settings.DATA / "incoming"
    folders = [folder for folder in incoming.iterdir() if folder.is_dir()] if incoming.exists() else []
    return sum(_sweep_folder(folder) for folder in folders)


def settle(intent: Path) -> int:
    """Remove the objects of an intent that the index does not name, then the intent. Returns how many there were."""
    keys = intent.read_text(encoding="ascii").split()
    orphans = set(keys) - indexed(keys)
    for key in orphans:
        site_objects().delete(key)
    intent.unlink(missing_ok=True)
    return len(orphans)


def delete_objects(keys: Sequence[str], intent: Path) -> None:
    """Remove objects that the index has let go of, then the intent that names them.

    What can't be removed now is left to the next sweep, since the caller's work is done and durable.
    """
    try:
        for key in keys:
            site_objects().delete(key)
    except (OSError, Unavailable):
        logger.exception("Objects could not be removed; the next start tries again.")
    else:
        intent.unlink(missing_ok=True)


def _settle_or_leave(intent: Path) -> None:
    """After an error: remove what the index does not name, or leave it to the next sweep when that can't be known."""
    try:
        settle(intent)
    except (OSError, Unavailable, DatabaseError):
        logger.exception("A failed batch could not be cleaned up; the next start does it.")


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
        removed = sum(settle(intent) for intent in folder.glob(f"*{INTENT_SUFFIX}"))
        shutil.rmtree(folder)
    return removed
