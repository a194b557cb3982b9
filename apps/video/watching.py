"""The watch folder: films that a device or a person puts there are taken in, and moved aside by what becomes of them.

A file is taken when it has stopped growing, with the sidecar that lies beside it (film.mp4.json or film.json). It waits
in `converting/` while its job goes on, and ends in `done/`, or in `refused/` with a text beside it that says why. The
number of its row is in its path there, so that a watcher that is started again goes on where the last one was; one that
was killed at the worst moment takes a film again, which then becomes the same object.
"""

import fcntl
import logging
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from django.conf import settings
from django.db import Error, close_old_connections

from apps.accounts.principal import Principal
from apps.core.errors import FoveaError, Invalid, Unavailable
from apps.jobs.models import State
from apps.video import receiving, wishes
from apps.video.local.identity import SIDECAR, details_of, digest_of, identified, sidecar_beside, written
from apps.video.models import Video
from apps.video.receiving import Sender

NAME: Final = "watch folder"
# Seconds between two looks.
LOOK: Final = 2.0
CONVERTING, DONE, REFUSED = "converting", "done", "refused"
REASON: Final = ".txt"
LOCK: Final = ".fovea-watch"
# How many films at most wait for their jobs, and how many files of the folder are looked at.
MOST_CONVERTING: Final = 20
MOST_FILES: Final = 10_000
# Bytes of the name of a film that was moved, of the 255 that file systems have.
LONGEST_NAME: Final = 200
# Names of what is still being written.
UNFINISHED: Final = frozenset({".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart"})
FORGOTTEN: Final = "The video was removed from the list of videos before it was converted."
CANCELLED: Final = "The conversion was cancelled."

logger = logging.getLogger("fovea.video")


class CannotWatch(Exception):
    """Why the folder can't be watched, and what to do."""


@contextmanager
def only_watcher(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises CannotWatch where it is none, can't be written or is watched already."""
    try:
        for name in (CONVERTING, DONE, REFUSED):
            _make(folder / name)
        lock = (folder / LOCK).open("ab")
    except OSError as error:
        raise CannotWatch(f"The folder {folder} can't be watched: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotWatch(f"The folder {folder} is watched already.") from None
        yield


@dataclass(frozen=True, slots=True)
class Look:
    """What a file was like: size in bytes, its time of change, and since when it has been so (monotonic seconds)."""

    size: int
    changed: int
    since: float


class Watcher:
    """Takes the films of a folder in for a practice; `look` is to be called every now and then."""

    def __init__(self, folder: Path, practice_id: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._practice_id = practice_id
        self._principal = Principal.worker(practice_id, NAME)
        self._clock = clock
        self._looks: dict[str, Look] = {}

    def run(self, stopping: Event) -> None:
        """Go on until `stopping`. What is away for a moment, the disk or the database, is tried again."""
        while not stopping.is_set():
            try:
                self.look()
            except (OSError, Error, FoveaError) as error:
                logger.warning("watch folder: %s", type(error).__name__)
            close_old_connections()
            stopping.wait(LOOK)

    def look(self) -> None:
        """Move what has ended, then take in what has stopped growing.

        Raises OutOfSpace where there is no room now: the films stay where they are. OSError (of the folder itself) and
        Error come through.
        """
        self._end()
        free = MOST_CONVERTING - sum(1 for _ in self._converting())
        for film in self._still()[: max(0, free)]:
            try:
                self._take(film)
            except (OSError, Unavailable) as error:
                logger.warning("watch folder: a film could not be read: %s", type(error).__name__)
                # The others need not wait for it; it is tried again when it has rested once more.
                self._looks.pop(film.name, None)

    def _still(self) -> list[Path]:
        """The films that have not changed for FOVEA_VIDEO_WATCH_SECONDS, nor their sidecars, the oldest first."""
        seen = dict(self._seen())
        now = self._clock()
        self._looks = {
            name: Look(found.st_size, found.st_mtime_ns, self._since(name, found, now)) for name, found in seen.items()
        }
        rests = {name for name, look in self._looks.items() if now - look.since >= settings.VIDEO_WATCH_SECONDS}
        films = [self._folder / name for name in rests if not name.endswith(SIDECAR)]
        still = [film for film in films if (beside := sidecar_beside(film)) is None or beside.name in rests]
        return sorted(still, key=lambda film: (self._looks[film.name].changed, film.name))

    def _since(self, name: str, found: os.stat_result, now: float) -> float:
        known = self._looks.get(name)
        is_same = known is not None and (known.size, known.changed) == (found.st_size, found.st_mtime_ns)
        return known.since if known is not None and is_same else now

    def _seen(self) -> Iterator[tuple[str, os.stat_result]]:
        """Plain files, no links (they could lead anywhere), none that is hidden or unfinished by its name."""
        with os.scandir(self._folder) as entries:
            for _, entry in zip(range(MOST_FILES), entries, strict=False):
                if entry.name.startswith(".") or Path(entry.name).suffix.lower() in UNFINISHED:
                    continue
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # somebody has just taken it away again
                    continue
                if stat.S_ISREG(found.st_mode):
                    yield entry.name, found

    def _take(self, film: Path) -> None:
        """Have it converted; one that can't be is refused at once."""
        beside = sidecar_beside(film)
        try:
            video = self._received(film, beside)
        except FoveaError as error:
            if error.status >= 500:
                raise  # no room, or no storage, now
            self._put(REFUSED, film, beside, _told(error))
            return
        logger.info("watch folder: video %s taken", video.pk)
        place = self._folder / CONVERTING / str(video.pk)
        place.mkdir(exist_ok=True)
        for file in filter(None, (beside, film)):
            file.rename(place / file.name)

    def _received(self, film: Path, beside: Path | None) -> Video:
        said = {"preset": settings.VIDEO_WATCH_PRESET} if settings.VIDEO_WATCH_PRESET and beside is None else {}
        wish = wishes.read(self._practice_id, said, details_of(beside), study="")
        wish = identified(wish, self._practice_id, digest_of(film))
        name = written(film.name)
        batch = receiving.batch_key(self._principal, self._practice_id, name)
        return receiving.receive(film, wish, Sender(self._principal, self._practice_id, NAME, batch), name)

    def _converting(self) -> Iterator[tuple[int, Path]]:
        """The numbers of the films that wait for their jobs, and their folders."""
        for place in sorted((self._folder / CONVERTING).iterdir()):
            if place.name.isdecimal() and place.is_dir():
                yield int(place.name[:18]), place

    def _end(self) -> None:
        """Move the films whose jobs have ended."""
        waiting = dict(self._converting())
        videos = Video.objects.select_related("job").filter(practice=self._practice_id).in_bulk(list(waiting))
        for number, place in waiting.items():
            video = videos.get(number)
            if video is None:
                self._move(place, REFUSED, FORGOTTEN)
            elif video.state == State.DONE:
                self._move(place, DONE, "")
            elif video.is_ended:
                self._move(place, REFUSED, video.error or CANCELLED)

    def _move(self, place: Path, where: str, reason: str) -> None:
        files = sorted(place.iterdir())
        films = [file for file in files if not file.name.endswith(SIDECAR)]
        for film in films or files:
            self._put(where, film, sidecar_beside(film), reason)
        # What somebody has put there besides follows at the next look.
        if not any(place.iterdir()):
            place.rmdir()

    def _put(self, where: str, film: Path, beside: Path | None, reason: str) -> None:
        """Move a film and its sidecar, under names that are free there, with a text that says why it is refused."""
        target = _free(self._folder / where / _shortened(film.name))
        if reason:
            text = target.with_name(target.name + REASON)
            text.write_text(f"{reason}\n", encoding="utf-8")
            # Whoever may read the film may read what is the matter with it.
            text.chmod(stat.S_IMODE(film.stat().st_mode) & 0o666)
        if beside is not None:
            beside.rename(target.with_name(target.name + SIDECAR))
        film.rename(target)


def _free(path: Path) -> Path:
    """The path, or one with a number where that is taken: film-2.mp4."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def _make(folder: Path) -> None:
    """A folder for whoever may use the one that it is in."""
    if not folder.is_dir():
        folder.mkdir()
        folder.chmod(stat.S_IMODE(folder.parent.stat().st_mode))


def _shortened(name: str) -> str:
    """The name, cut so that a number and another suffix have room behind it."""
    path = Path(name)
    suffix = path.suffix if len(os.fsencode(path.suffix)) < LONGEST_NAME // 2 else ""
    stem = os.fsencode(name.removesuffix(suffix))
    return os.fsdecode(stem[: LONGEST_NAME - len(os.fsencode(suffix))]) + suffix


def _told(error: FoveaError) -> str:
    """The reason, and which fields are wrong."""
    if isinstance(error, Invalid) and error.errors:
        return " ".join(f"{name}: {text}" for name, text in error.errors)
    return error.detail
