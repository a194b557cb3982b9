"""Asking for work: a row in the caller's transaction, and its number to the queue once that has committed."""

import json
import logging
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from apps.accounts.principal import Principal
from apps.core.errors import Conflict
from apps.jobs import registry
from apps.jobs.models import Job, Parameters, State
from apps.saying import say

PARAMETER_BYTES: Final = 16 << 10
INSERT_TRIES: Final = 3
NOW: Final = timedelta(0)

logger = logging.getLogger(__name__)


def enqueue(
    kind: str,
    parameters: Parameters | None = None,
    *,
    principal: Principal | None = None,
    practice: int | None = None,
    key: str = "",
    delay: timedelta = NOW,
) -> Job:
    """Ask for a job of a registered kind. `parameters` are JSON: ids and options, never patient data.

    The job belongs to `practice`, or to the principal's active one. Of jobs with the same kind and `key`, one is
    queued at a time: asking again gives that one. With `delay` it waits so long at least. Raises registry.UnknownKind,
    and ValueError for parameters that are too large.
    """
    job = _new(kind, parameters or {}, principal, practice, key, delay)
    if not key:
        job.save(force_insert=True)
    elif (queued := _insert_once(job)) is not job:
        return queued
    if not delay:
        # Robust: the row is committed, and what the queue didn't take is sent by the sweeper.
        transaction.on_commit(partial(send, job.pk, kind), robust=True)
    return job


def enqueue_settling(kind: str, asked: dict[str, Parameters], *, practice: int, delay: timedelta) -> None:
    """Ask, in one statement, for a delayed job for each key (with its parameters) that has none queued."""
    jobs = [_new(kind, parameters, None, practice, key, delay) for key, parameters in asked.items()]
    Job.objects.bulk_create(jobs, ignore_conflicts=True)


def send(job_id: int, kind: str) -> None:
    """Hand the job's number to django-q2. Sending twice does no harm: one worker alone can claim the job."""
    options = {"timeout": _timeout(kind), "save": False, "task_name": f"{kind} {job_id}"}
    async_task("apps.jobs.worker.run", job_id, q_options=options)


def _new(
    kind: str,
    parameters: Parameters,
    principal: Principal | None,
    practice: int | None,
    key: str,
    delay: timedelta,
) -> Job:
    if len(json.dumps(parameters)) > PARAMETER_BYTES:
        raise ValueError("A job takes ids, not data: its parameters are too large.")
    now = timezone.now()
    return Job(
        kind=kind,
        key=key,
        parameters=parameters,
        practice_id=practice or (principal.practice_id if principal else None),
        requested_by_id=(principal.user_id or None) if principal else None,
        max_attempts=registry.find(kind).max_attempts,
        created_at=now,
        not_before=now + delay,
        # Noted before it is sent: should this process die first, the sweeper sends it after a while.
        sent_at=None if delay else now,
    )


def _insert_once(job: Job) -> Job:
    """Insert the job unless one with its key is queued; return the one that is.

    The queued one is locked until the caller's transaction ends, so that it can't start before it can see what the
    caller wrote.
    """
    same = Job.objects.filter(kind=job.kind, key=job.key, state=State.QUEUED)
    for _ in range(INSERT_TRIES):
        with transaction.atomic():
            if known := same.select_for_update().first():
                return known
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:
            continue
        return job
    raise Conflict(say("The same work is being asked for by too many at once; try again."))


def _timeout(kind: str) -> int:
    try:
        return registry.find(kind).timeout
    except registry.UnknownKind:
        return registry.DEFAULT_TIMEOUT
