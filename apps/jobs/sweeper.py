"""What keeps the queue honest: attempts whose worker died, jobs that never reached the queue, rows that are old.

Run every few seconds by each `manage.py worker`; several at once do no harm.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django_q.brokers import get_broker

from apps.jobs import claims, events
from apps.jobs.claims import Ending
from apps.jobs.handle import Progress
from apps.jobs.models import ENDED, Job, State, Worker
from apps.jobs.queue import send

AT_ONCE: Final = 200
# A worker that gave no sign for so long is forgotten.
FORGOTTEN: Final = timedelta(hours=1)

logger = logging.getLogger(__name__)


def sweep() -> None:
    """End or requeue the attempts whose lease has lapsed, then send what is due."""
    for job in Job.objects.filter(state=State.RUNNING, lease_until__lt=timezone.now())[:AT_ONCE]:
        _give_up(job)
    for job in _due(timezone.now()):
        _send(job)


def prune() -> None:
    """Remove some of the rows of jobs that ended long ago, and of workers that are gone."""
    now = timezone.now()
    old = now - timedelta(days=settings.JOB_KEEP_DAYS)
    ended = Job.objects.filter(finished_at__lt=old, state__in=ENDED).values_list("pk", flat=True)
    Job.objects.filter(pk__in=list(ended[:AT_ONCE])).delete()
    Worker.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def tell_the_time() -> None:
    """Let the other parts of the server do what goes by the clock. What fails there is no fault of the queue's."""
    for receiver, answer in events.minute_passed.send_robust(sender=Worker):
        if isinstance(answer, Exception):
            logger.error("What goes by the clock failed: %s", receiver, exc_info=answer)


def send_now(job_id: int) -> None:
    """Send a queued job that was not sent yet, without waiting for the next sweep."""
    for job in Job.objects.filter(pk=job_id, state=State.QUEUED, sent_at=None, not_before__lte=timezone.now()):
        _send(job)


def release(worker: str) -> None:
    """Put back what this worker was stopped in the middle of, without counting the attempt."""
    for job in Job.objects.filter(state=State.RUNNING, worker=worker):
        claims.requeue(job, attempts=job.attempts - 1)


def _give_up(job: Job) -> None:
    logger.warning("job %s (%s) attempt %s: the worker gave no sign", job.pk, job.kind, job.attempts)
    said = Progress(job.progress_done, job.progress_total, job.progress_text)
    if job.cancel_requested:
        claims.settle(job, Ending(State.CANCELLED), said)
    else:
        claims.settle(job, Ending(State.FAILED, error=claims.STOPPED_DEAD), said)


def _due(now: datetime) -> list[Job]:
    """Jobs that were never sent and, once the queue is empty, those that were sent and didn't arrive."""
    unsent = Q(sent_at=None)
    if get_broker().queue_size() == 0:
        unsent |= Q(sent_at__lt=now - timedelta(seconds=settings.JOB_RESEND))
    due = Job.objects.filter(unsent, state=State.QUEUED, not_before__lte=now)
    return list(due.order_by("not_before")[:AT_ONCE])


def _send(job: Job) -> None:
    """One sweeper sends it: the one that notes it first. What the queue doesn't take is due again at once."""
    noted = Job.objects.filter(pk=job.pk, state=State.QUEUED, sent_at=job.sent_at)
    if not noted.update(sent_at=timezone.now()):
        return
    try:
        send(job.pk, job.kind)
    except Exception:
        Job.objects.filter(pk=job.pk, state=State.QUEUED).update(sent_at=None)
        raise
