"""Lanes: kinds of jobs of which only a few run at once, so that what is quick never waits behind what is long.

A machine has half as many places in a lane as it has cores, and one fewer than its pool has processes at the most. A
place is a lock on a file: it is free again as soon as its process is gone, however that went. Who finds no place lets
go of the job's number, and takes the next one; whoever leaves the lane sends for the job that has waited longest.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, Final

from django.conf import settings
from django.utils import timezone

from apps.jobs import registry, sweeper
from apps.jobs.models import Job, State

ROOT: Final = "lanes"
# The lane of what takes minutes of all of a core: videos that are encoded, volumes that are segmented.
LONG: Final = "long"
# After which a job that found no place is sent again, where nobody has called it before.
PAUSE: Final = timedelta(seconds=15)


def places() -> int:
    """How many jobs of a lane run at once on this machine."""
    return max(1, min(len(os.sched_getaffinity(0)) // 2, settings.WORKERS - 1))


@contextmanager
def place(job_id: int) -> Iterator[bool]:
    """Hold a place in the job's lane, where its kind has one; tells whether there was any. Nothing is changed else.

    Raises OSError where FOVEA_DATA can't be written.
    """
    lane = _lane(job_id)
    if not lane:
        yield True
        return
    held = _take(lane)
    if held is None:
        _wait(job_id)
        yield False
        return
    with held:
        yield True
    _call_next(lane)


def _lane(job_id: int) -> str:
    kind = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    return registry.lane_of(kind) if kind else ""


def _take(lane: str) -> IO[bytes] | None:
    """The lock of a place, which is held while it is open; None where all are taken."""
    folder = settings.DATA / ROOT
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(places()):
        file = (folder / f"{lane}-{os.uname().nodename[:80]}-{number}").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None


def _wait(job_id: int) -> None:
    """Back into the queue's rows: it is sent when a place is free, or after a while."""
    queued = Job.objects.filter(pk=job_id, state=State.QUEUED, not_before__lte=timezone.now())
    queued.update(sent_at=None, not_before=timezone.now() + PAUSE)


def _call_next(lane: str) -> None:
    """Send for the job that found no place longest ago. One that has failed before waits out its pause."""
    waiting = Job.objects.filter(kind__in=registry.of_lane(lane), state=State.QUEUED, sent_at=None, attempts=0)
    waiting = waiting.filter(not_before__lte=timezone.now() + PAUSE).order_by("pk")
    if (longest := waiting.values_list("pk", flat=True).first()) is not None:
        Job.objects.filter(pk=longest, state=State.QUEUED, sent_at=None).update(not_before=timezone.now())
        sweeper.send_now(longest)
