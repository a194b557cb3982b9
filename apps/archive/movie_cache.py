"""The cache of movies: files that take long to make, each made once, kept within a bound.

A process that serves makes or awaits two at most; others are told to come again.
"""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from django.conf import settings

from apps.core.errors import Unavailable
from apps.saying import say

CACHE_BYTES: Final = 8 << 30
WAIT_SECONDS: Final = 150.0
PLACE_SECONDS: Final = 5.0
SLOTS: Final = 2
_POLL_SECONDS: Final = 0.05
_SLOT: Final = ".slot-"
_callers: Final = BoundedSemaphore(SLOTS)


def folder() -> Path:
    """The folder of the cache, for temporary files too."""
    path = Path(settings.DATA) / "cache" / "movies"
    path.mkdir(parents=True, exist_ok=True)
    return path


def kept(name: str, make: Callable[[str], None]) -> Path:
    """The file of this name; made first, by `make(path)`, where there is none. Nobody makes the same one twice."""
    path = folder() / name
    if _touched(path):
        return path
    with _place(), _turn(name):
        if not _touched(path):
            _made(path, make)
    return path


def ready(name: str) -> Path | None:
    """The file of this name where it has been made; it is then the last one to be thrown away."""
    path = folder() / name
    return path if _touched(path) else None


def kept_apart(name: str, make: Callable[[str], None]) -> Path:
    """The same without waiting for others, nor keeping any: for jobs, which take long, and for what takes no time.

    Two who ask at once may both make it.
    """
    path = folder() / name
    if not _touched(path):
        _made(path, make)
    return path


def _made(path: Path, make: Callable[[str], None]) -> None:
    """Have the file made: whole, or not there."""
    temporary = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        make(str(temporary))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _make_room(path)


def _touched(path: Path) -> bool:
    """Whether the file is there; it is then the last one to be thrown away."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _place() -> Iterator[None]:
    """One of the few places that a process has for movies: its other threads go on with quick requests."""
    if not _callers.acquire(timeout=PLACE_SECONDS):
        raise Unavailable(say("Other movies are being made; try again in a moment."))
    try:
        yield
    finally:
        _callers.release()


@contextmanager
def _turn(name: str) -> Iterator[None]:
    """Wait for the slot that a name falls into, in all processes together. Raises Unavailable after a while."""
    slot = int(hashlib.sha256(name.encode()).hexdigest(), 16) % SLOTS
    until = time.monotonic() + WAIT_SECONDS
    with (folder() / f"{_SLOT}{slot}").open("wb") as lock:
        while not _locked(lock.fileno()):
            if time.monotonic() > until:
                raise Unavailable(say("Other movies are being made; try again in a moment."))
            time.sleep(_POLL_SECONDS)
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_room(made: Path) -> None:
    """Throw away what was not asked for the longest time, until the cache keeps within its bound."""
    with os.scandir(made.parent) as entries:
        found = [entry for entry in entries if not entry.name.startswith(_SLOT)]
        files = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in found)
    excess = sum(size for _, size, _ in files) - CACHE_BYTES
    for _, size, path in files:
        if excess <= 0 or path == str(made):
            return
        Path(path).unlink(missing_ok=True)
        excess -= size
