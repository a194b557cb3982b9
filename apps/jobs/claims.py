"""Who has a job. Each change is one UPDATE, conditional on what its author believes, so that two can't both succeed.

An attempt's number is its author's proof: a worker that was given up (it paused, its machine slept) finds that the row
counts another attempt, or none running, and what it brings is left out.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.jobs.events import tell_ended
from apps.jobs.handle import Progress, Sign
from apps.jobs.models import TEXT_LENGTH, Job, State
from apps.saying import say

# Known before a worker forks its pool, and so the same in all of its processes.
WORKER: Final = f"{socket.gethostname()[:80]}:{os.getpid()}"
LONGEST_BACKOFF: Final = timedelta(minutes=10)
STOPPED_DEAD: Final = say(
    "The worker stopped without a word in each attempt: the work may need more memory than there is. "
    "Ask your administrator before you try again."
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended. `final` is set where another attempt can't end otherwise."""

    state: State
    result: Any = None
    error: str = ""
    final: bool = False


def claim(job_id: int) -> Job | None:
    """Count an attempt and take the job for one lease, before any work; None when it isn't to be had."""
    now = timezone.now()
    free = Q(state=State.QUEUED, not_before__lte=now) | Q(state=State.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=job_id, attempts__lt=F("max_attempts"), cancel_requested=False).update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        worker=WORKER,
        lease_until=_lease(now),
        heartbeat_at=now,
        started_at=Coalesce("started_at", now),
        error="",
    )
    return Job.objects.get(pk=job_id) if taken else None


def renew(job: Job, progress: Progress) -> Sign:
    """Keep the job for another lease and show its progress; tells whether to go on."""
    now = timezone.now()
    kept = _mine(job).update(heartbeat_at=now, lease_until=_lease(now), **_columns(progress))
    if not kept:
        return Sign.LOST
    return look(job)


def look(job: Job) -> Sign:
    """Whether the attempt is to go on, at the price of one read."""
    cancelled = _mine(job).values_list("cancel_requested", flat=True).first()
    if cancelled is None:
        return Sign.LOST
    return Sign.CANCEL if cancelled else Sign.GO_ON


def settle(job: Job, ending: Ending, progress: Progress) -> None:
    """Write how the attempt ended: for good, or back into the queue for another one after a pause."""
    if ending.state == State.FAILED and not ending.final and job.attempts < job.max_attempts:
        requeue(job, error=ending.error, pause=backoff(job.attempts))
        return
    columns = {"result": ending.result, "error": ending.error[:500], **_columns(progress)}
    _end(job, ending.state, columns)


def requeue(
    job: Job, *, error: str = "", pause: timedelta = timedelta(0), attempts: int | None = None, kind: str = ""
) -> bool:
    """Put the attempt's job back into the queue, unless it is no longer that attempt's; with `kind`, as one of that.

    It is cancelled instead where that was asked for, and where the same work was asked for again meanwhile. Tells
    whether it is queued.
    """
    back = {
        "kind": kind or job.kind,
        "state": State.QUEUED,
        "attempts": job.attempts if attempts is None else attempts,
        "not_before": timezone.now() + pause,
        "sent_at": None,
        "lease_until": None,
        "error": error[:500],
    }
    try:
        with transaction.atomic():
            requeued = _mine(job).filter(cancel_requested=False).update(**back)
    except IntegrityError:
        _cancel(job, say("The same work was asked for again meanwhile."))
        return False
    if not requeued:
        _cancel(job, "")
    return bool(requeued)


def _cancel(job: Job, error: str) -> None:
    _end(job, State.CANCELLED, {"error": error})


def _end(job: Job, state: State, columns: dict[str, Any]) -> None:
    """End it for good, unless it is another attempt's by now."""
    with transaction.atomic():
        if _mine(job).update(state=state, finished_at=timezone.now(), lease_until=None, **columns):
            tell_ended(job, state)


def backoff(attempts: int) -> timedelta:
    """The pause after that many attempts: it doubles, up to ten minutes."""
    return min(LONGEST_BACKOFF, timedelta(seconds=settings.JOB_BACKOFF) * 2 ** (min(attempts, 16) - 1))


def _mine(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts)


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.JOB_LEASE)


def _columns(progress: Progress) -> dict[str, Any]:
    return {
        "progress_done": progress.done,
        "progress_total": progress.total,
        "progress_text": progress.text[:TEXT_LENGTH],
    }
