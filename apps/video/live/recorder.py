"""The recorder: sees to it that what is to be recorded is, each source by a process of its own, and files the segments.

What is to be done stands in rows, what was recorded in folders: a recorder that dies is replaced by another, which
takes the rows over when their leases lapse, saves what lies on the disk, and goes on.
"""

import logging
import os
import secrets
import shutil
import time
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any, Final

from django.conf import settings
from django.db import Error, close_old_connections, connections
from django.db.models import Max, Q
from django.utils import timezone

from apps.audit import access
from apps.core.sealed import Unsealable, unseal
from apps.saying import say
from apps.video.live import shelf
from apps.video.live.capture import FIRST_PAUSE, LONGEST_PAUSE, Word
from apps.video.live.filing import file_finished, folder_of
from apps.video.live.models import HOLDER_LENGTH, REASON_LENGTH, Recording, RecordingState
from apps.video.live.process import CaptureProcess
from apps.video.wishes import policy_of_json

TICK: Final = 0.5
LEASE: Final = timedelta(seconds=30)
# Seconds between looking for what is new, and renewing leases.
PULSE: Final = 5.0
# Seconds a process may take to finish its segment.
GRACE: Final = 12.0
# Seconds after which segments are filed again for which there was no room.
FILING_PAUSE: Final = 15.0
CUT_BYTES: Final = 2 << 30
LOST: Final = say("The source can't be reached. It is tried again.")
SEALED: Final = say("The site's key has changed since this recording was asked for. Start another one.")

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Held:
    """A recording that this recorder sees to; `process` is none while its next start is waited for."""

    row: Recording
    process: CaptureProcess | None = None
    due: float = 0.0
    pause: float = FIRST_PAUSE
    ended: Word | None = None
    reason: str = ""
    before: tuple[int, int, int] = (0, 0, 0)
    filing_due: float = 0.0
    counted: dict[str, Any] = field(default_factory=dict)


class Recorder:
    """Runs until `stopping` is set; then each process gets the grace to finish its segment."""

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self.name = f"{_host()}:{os.getpid()}:{secrets.token_hex(4)}"[:HOLDER_LENGTH]
        self._held: dict[int, Held] = {}
        self._pulsed = 0.0

    def run(self) -> None:
        while not self._stopping.is_set():
            self.round()
            self._stopping.wait(TICK)
        self._leave()
        access.flush()

    def round(self) -> None:
        """Look at everything once. A database that is away is waited for: recording goes on meanwhile."""
        try:
            close_old_connections()
            if time.monotonic() - self._pulsed >= PULSE:
                self._pulsed = time.monotonic()
                self._renew()
                self._claim()
            self._look()
        except Error as error:
            logger.warning("recordings could not be looked after: %s", type(error).__name__)
            connections.close_all()

    def _claim(self) -> None:
        """Take over what nobody sees to, as long as there is room for it."""
        now = timezone.now()
        free = Recording.objects.running().filter(Q(lease_until=None) | Q(lease_until__lt=now))
        for pk in free.order_by("pk").values_list("pk", flat=True)[: max(0, settings.RECORDINGS - len(self._held))]:
            if free.filter(pk=pk).update(holder=self.name, lease_until=now + LEASE):
                self._held[pk] = _held(Recording.objects.select_related("requested_by", "step").get(pk=pk))

    def _renew(self) -> None:
        """Keep what is held; let go of what somebody else has taken over."""
        mine = Recording.objects.filter(pk__in=self._held, holder=self.name)
        mine.update(lease_until=timezone.now() + LEASE)
        kept = set(mine.values_list("pk", flat=True))
        for pk in self._held.keys() - kept:
            held = self._held.pop(pk)
            if held.process:
                held.process.stop()
                held.process.close(GRACE)

    def _look(self) -> None:
        stopped = Recording.objects.filter(pk__in=self._held).exclude(stop_requested_at=None)
        to_stop = set(stopped.values_list("pk", flat=True))
        for pk, held in list(self._held.items()):
            self._tend(held, is_to_stop=pk in to_stop)
            if held.ended and self._is_closed(held):
                del self._held[pk]

    def _tend(self, held: Held, *, is_to_stop: bool) -> None:
        """Start its process if it is due, note how it goes, and when it has ended why."""
        if held.process is None:
            if is_to_stop or _seconds_left(held.row) <= 0:
                held.ended = held.ended or Word.ENDED
            elif not held.ended and time.monotonic() >= held.due:
                _start(held)
            return
        if is_to_stop:
            held.process.stop()
        _note(held, held.process.listen())
        if held.process.is_over:
            _gather(held, is_to_stop=is_to_stop)
        _file(held)

    def _is_closed(self, held: Held) -> bool:
        """Whether all that was recorded is filed; the row then says how it ended, and the folder goes."""
        folder = folder_of(held.row)
        try:
            with shelf.locked(folder):
                shelf.salvage(folder)
                if not _file(held):
                    return False
        except shelf.Taken:
            return False
        state = RecordingState.FAILED if held.ended is Word.REFUSED else RecordingState.DONE
        _save(held.row, state=state, reason=held.reason[:REASON_LENGTH], ended_at=timezone.now(), lease_until=None)
        shutil.rmtree(folder, ignore_errors=True)
        return True

    def _leave(self) -> None:
        """End all processes; what they were at goes on with the next recorder."""
        for held in self._held.values():
            if held.process:
                held.process.stop()
        until = time.monotonic() + GRACE
        for held in self._held.values():
            if held.process:
                held.process.close(max(0.0, until - time.monotonic()))
                _note(held, held.process.heard)
            file_finished(held.row)
        Recording.objects.filter(pk__in=self._held, holder=self.name).update(holder="", lease_until=None)


def _held(row: Recording) -> Held:
    return Held(row, before=(row.pictures, row.bytes, row.connections))


def _file(held: Held) -> bool:
    """File what is finished, and after a failure not again at once; whether nothing is left."""
    if time.monotonic() < held.filing_due:
        return False
    is_done = file_finished(held.row)
    held.filing_due = 0.0 if is_done else time.monotonic() + FILING_PAUSE
    return is_done


def _start(held: Held) -> None:
    row = held.row
    try:
        url = unseal(row.address)
    except Unsealable:
        held.ended, held.reason = Word.REFUSED, SEALED
        return
    if row.started_at is None:
        _save(row, started_at=timezone.now())
    last = row.segments.aggregate(last=Max("number"))["last"] or 0
    held.process = CaptureProcess(
        {
            "url": url,
            "folder": str(folder_of(row)),
            "networks": [str(network) for network in settings.RECORDING_NETWORKS],
            "cut_seconds": row.segment_seconds,
            "cut_bytes": CUT_BYTES,
            "seconds": _seconds_left(row),
            "has_sound": policy_of_json(row.policy).sound.value == "keep",
            "first_number": last + 1,
        }
    )


def _seconds_left(row: Recording) -> float:
    since = timezone.now() - row.started_at if row.started_at else timedelta()
    return row.most_seconds - since.total_seconds()


def _note(held: Held, said: dict[str, Any]) -> None:
    """Write down how it goes, where that has changed."""
    if not said or said == held.counted:
        return
    more = said.get("pictures", 0) != held.counted.get("pictures", 0)
    held.counted = said
    counts = [_count(said.get(name)) for name in ("pictures", "bytes", "connections")]
    pictures, size, connected = (before + count for before, count in zip(held.before, counts, strict=True))
    columns: dict[str, Any] = {"pictures": pictures, "bytes": size, "connections": connected}
    word = said.get("state")
    if word == Word.RECORDING:
        columns |= {"state": RecordingState.RECORDING, "reason": ""}
    elif word in (Word.WAITING, Word.CONNECTING) and pictures:
        columns |= {"state": RecordingState.RECONNECTING, "reason": LOST}
    elif word == Word.WAITING:
        columns |= {"reason": LOST}
    if more:
        columns["heard_at"] = timezone.now()
    _save(held.row, **columns)


def _gather(held: Held, *, is_to_stop: bool) -> None:
    """A process has ended: in peace, refused for good, or by an accident, after which it is started again."""
    if held.process is None:
        return
    said = held.process.listen()
    held.process.close()
    held.process = None
    held.before = (held.row.pictures, held.row.bytes, held.row.connections)
    word = said.get("state")
    if word == Word.REFUSED:
        held.ended, held.reason = Word.REFUSED, str(said.get("error", ""))
    elif is_to_stop or word == Word.ENDED:
        held.ended = Word.ENDED
    else:
        logger.warning("the process of recording %d ended; it is started again", held.row.pk)
        held.due, held.pause = time.monotonic() + held.pause, min(2 * held.pause, LONGEST_PAUSE)


def _save(row: Recording, **columns: Any) -> None:
    """Write these columns, unless the row is no longer this recorder's. One that is being stopped stays so."""
    wanted = dict(columns)
    if row.stop_requested_at is None:
        row.stop_requested_at = Recording.objects.values_list("stop_requested_at", flat=True).get(pk=row.pk)
    if row.stop_requested_at is not None and wanted.get("state") not in (RecordingState.DONE, RecordingState.FAILED):
        wanted.pop("state", None)
    for name, value in wanted.items():
        setattr(row, name, value)
    Recording.objects.filter(pk=row.pk, holder=row.holder).update(**wanted)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 1 << 62 else 0


def _host() -> str:
    return os.uname().nodename
