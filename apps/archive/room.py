"""How much room there is: the disk that the data is on, and what the caches take of it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

# A cache's size is told to people: counting stops here and what is shown is "at least".
FILES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of FOVEA_DATA, bytes."""

    total: int
    used: int
    free: int

    @property
    def percent(self) -> int:
        return round(100 * self.used / self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of things that can be made again."""

    name: str
    files: int
    size: int
    complete: bool


def disk() -> Disk:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    usage = shutil.disk_usage(settings.DATA)
    return Disk(usage.total, usage.total - usage.free, usage.free)


def caches() -> list[Cache]:
    """Each folder of the cache."""
    root: Path = settings.DATA / "cache"
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.exists() else []
    return [_measure(folder) for folder in folders]


def _measure(folder: Path) -> Cache:
    files = size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if files == FILES:
                return Cache(folder.name, files, size, complete=False)
            files += 1
            size += _size(Path(place) / name)
    return Cache(folder.name, files, size, complete=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # the cache throws things away while it is counted
        return 0
