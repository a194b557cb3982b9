"""The folder of a recording: its segments by their names, which tell their numbers and when they began.

    00001-20261122T101530.250000Z.part     being written: fragmented MP4, of which all but the last fragment is whole
    00001-20261122T101530.250000Z.mp4      finished

The folder is the truth about what was recorded: whoever writes has its lock, and whatever dies leaves names behind
that say all that is needed to go on.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from apps.video.live.fragments import cut_to_whole

_NAME: Final = re.compile(r"(\d{5,7})-(\d{8}T\d{6}\.\d{6})Z\.(part|mp4)", re.ASCII)
_MOMENT: Final = "%Y%m%dT%H%M%S.%f"
_LOCK: Final = ".lock"


class Taken(Exception):
    """Another process records into this folder."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of a recording: `number` counts from 1, `started_at` is when its first picture came."""

    file: Path
    number: int
    started_at: datetime
    is_finished: bool


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only one who writes into the folder, which is made where it is not there. Raises Taken."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / _LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Taken from error
        yield


def segments(folder: Path) -> list[Segment]:
    """What lies there, in its order; nothing where there is no folder."""
    if not folder.is_dir():
        return []
    return sorted(filter(None, map(_segment, folder.iterdir())), key=lambda each: (each.number, each.is_finished))


def part(folder: Path, number: int, started_at: datetime) -> Path:
    """The name of a segment that is to be written."""
    return folder / f"{number:05}-{started_at.astimezone(UTC).strftime(_MOMENT)}Z.part"


def finish(written: Path) -> Path:
    """Give a segment that is whole, and is on disk, its last name; durable when it returns."""
    target = written.with_suffix(".mp4")
    written.replace(target)
    sync(target.parent)
    return target


def salvage(folder: Path) -> int:
    """Finish what was being written when its writer died; how many were kept. Only under the folder's lock.

    Parts without a whole fragment are removed.
    """
    kept = 0
    for left in [each for each in segments(folder) if not each.is_finished]:
        if cut_to_whole(left.file):
            finish(left.file)
            kept += 1
        else:
            left.file.unlink()
    return kept


def sync(folder: Path) -> None:
    """Make the folder's names durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _segment(file: Path) -> Segment | None:
    found = _NAME.fullmatch(file.name)
    if found is None:
        return None
    started_at = datetime.strptime(found[2], _MOMENT).replace(tzinfo=UTC)
    return Segment(file, int(found[1]), started_at, found[3] == "mp4")
