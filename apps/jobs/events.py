"""What jobs and their workers tell the rest of the server."""

from functools import partial

from django.db import transaction
from django.dispatch import Signal

from apps.jobs.models import Job, State

# About once a minute, in each worker: for what goes by the clock. Several at once must do no harm; it is short work.
minute_passed = Signal()
# Within the transaction that ends a job for good: job (Job, as it was before), state (State). For who must not lose it:
# a listener writes a row in a savepoint of its own, or nothing.
ending = Signal()
# After a job has ended for good, by whoever ended it, after the commit: job_pk (int), kind (str), state (State, one of
# ENDED), practice_id and requested_by_id (int or None). A job that is tried again ends again. Listeners do short work.
ended = Signal()


def tell_ended(job: Job, state: State) -> None:
    """Tell of a job whose row was just changed so, in this transaction: within it, and once it is committed."""
    # Robust: what a listener can't do is logged, and neither the job nor the next listener suffers from it.
    ending.send_robust(sender=Job, job=job, state=state)
    if ended.has_listeners(Job):
        transaction.on_commit(partial(_send_ended, job, state), robust=True)


def _send_ended(job: Job, state: State) -> None:
    ended.send_robust(
        sender=Job,
        job_pk=job.pk,
        kind=job.kind,
        state=state,
        practice_id=job.practice_id,
        requested_by_id=job.requested_by_id,
    )
