"""What a worker does with the number of a job: claim it, do it, and write how it ended."""

import json
import logging
import traceback
from typing import Any, Final

from django.db import close_old_connections
from django_q.exceptions import TimeoutException

from apps.core.errors import FoveaError
from apps.jobs import claims, lanes, registry, sweeper
from apps.jobs.claims import Ending
from apps.jobs.handle import Cancelled, Elsewhere, JobHandle, Later, Lost
from apps.jobs.heartbeat import Heartbeat
from apps.jobs.models import Job, State
from apps.jobs.registry import UnknownKind
from apps.saying import say

RESULT_BYTES: Final = 64 << 10

logger = logging.getLogger(__name__)


class ResultTooLarge(ValueError):
    """A job's result is a few ids and numbers; what is larger belongs into the archive."""


def run(job_id: int) -> None:
    """The queue's one entry point. Called twice for a job, or too late, it does nothing."""
    with lanes.place(job_id) as has_place:
        if has_place and (job := claims.claim(job_id)):
            _work(job)


def _work(job: Job) -> None:
    handle = JobHandle(job.pk, job.attempts)
    try:
        ending = _attempt(job, handle)
    except Later as later:
        claims.requeue(job, pause=later.pause, attempts=job.attempts - 1)
        return
    except Elsewhere as elsewhere:
        if claims.requeue(job, attempts=job.attempts - 1, kind=elsewhere.kind):
            sweeper.send_now(job.pk)
        return
    close_old_connections()
    claims.settle(job, ending, handle.said)
    logger.info("job %s (%s) attempt %s: %s", job.pk, job.kind, job.attempts, ending.state.value)


def _attempt(job: Job, handle: JobHandle) -> Ending:
    """Do the work, and turn whatever comes out of it into an ending. Raises Later and Elsewhere."""
    try:
        return Ending(State.DONE, result=_do(job, handle))
    except (Later, Elsewhere):
        raise
    except (Exception, TimeoutException) as error:  # noqa: BLE001 - whatever a job raises ends its attempt alone
        return _ending_of(job, error)


def _ending_of(job: Job, error: BaseException) -> Ending:
    match error:
        case Cancelled():
            return Ending(State.CANCELLED)
        case Lost():
            # The row is another attempt's by now, so that nothing of this one is written.
            return Ending(State.FAILED, final=True)
        case FoveaError():
            return Ending(State.FAILED, error=error.detail, final=error.status < 500)
        case UnknownKind():
            return Ending(State.FAILED, error=say("This server does not know how to do this kind of job."), final=True)
        case TimeoutException():
            return Ending(State.FAILED, error=say("It took longer than it may. Try again, or ask your administrator."))
        case _:
            _log(job, error)
            return Ending(State.FAILED, error=say("It failed unexpectedly. The server's log says where."))


def _do(job: Job, handle: JobHandle) -> Any:
    kind = registry.find(job.kind)
    with Heartbeat(job, handle):
        result = kind.function(handle, **job.parameters)
    if len(json.dumps(result)) > RESULT_BYTES:
        raise ResultTooLarge
    return result


def _log(job: Job, error: BaseException) -> None:
    """The class and the place, not the message: that may quote a patient's data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    name = type(error).__qualname__
    logger.error("job %s (%s) attempt %s: %s at %s", job.pk, job.kind, job.attempts, name, place)
