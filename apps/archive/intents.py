"""What a process is about to bring into the storage or to take from it, until the index has been told.

Keys are added to one file that stays open; it is emptied when nothing is under way any more. What a killed process
leaves there, the sweep at the next start compares with the index.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

SUFFIX: Final = ".intent"
NAME: Final = f"all{SUFFIX}"
# The file is emptied when it has grown to so many bytes, and nothing is under way.
MOST: Final = 64 << 10
# A file that a power cut has left may hold anything.
_KEY: Final = re.compile(rb"[0-9a-f]+/[0-9a-f]+")


class Intents:
    """One process's, in its staging folder."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
        self._under_way = 0
        self._size = 0
        self._stays = False
        self._lock = Lock()

    def begin(self, keys: Sequence[str]) -> None:
        """These are under way, until `end`. Raises OSError where the disk is full."""
        with self._lock:
            self._write(keys)
            self._under_way += 1

    def add(self, keys: Sequence[str]) -> None:
        """These too, by one that has begun."""
        with self._lock:
            self._write(keys)

    def end(self) -> None:
        """One that has begun is over: the index names what it kept, and what it dropped is gone."""
        with self._lock:
            self._under_way -= 1
            if not self._under_way and self._size >= MOST and not self._stays:
                os.ftruncate(self._file, 0)
                self._size = 0

    def close(self) -> None:
        """The process notes nothing any more; what stays, stays for the sweep."""
        os.close(self._file)

    def leave(self) -> None:
        """Leave what is under way to the sweep after this process: it could not be removed."""
        self._stays = True

    def _write(self, keys: Sequence[str]) -> None:
        if keys:
            self._size += os.write(self._file, "".join([f"{key}\n" for key in keys]).encode("ascii"))


def keys_in(folder: Path) -> set[str]:
    """The keys that a process's staging folder names."""
    return {key.decode("ascii") for file in folder.glob(f"*{SUFFIX}") for key in _KEY.findall(file.read_bytes())}
