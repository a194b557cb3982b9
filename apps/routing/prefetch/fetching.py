"""Fetching what was chosen: one patient at a time from each archive, by jobs that end in time and are tried again."""

from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.core.errors import NotFound
from apps.jobs.handle import JobHandle
from apps.jobs.models import ENDED, State
from apps.jobs.queue import enqueue
from apps.remotes import importing
from apps.remotes.reaching import usable
from apps.routing.prefetch.asking import worker
from apps.routing.prefetch.models import Outcome, PrefetchAnswer, PrefetchSource
from apps.saying import say

KIND: Final = "prefetch-import"
AT_ONCE: Final = 1
# A slow archive keeps a worker so long at a time; what has come stays, and the next attempt goes on from there.
SECONDS: Final = 15 * 60
ATTEMPTS: Final = 5
# A row whose job is gone for good is not waited for.
LOST: Final = timedelta(days=1)


def collect(source: PrefetchSource) -> None:
    """Note what became of the jobs that fetch from the archive."""
    for answer in source.answers.filter(outcome=Outcome.FETCHING).select_related("job"):
        job = answer.job
        if job is None and answer.changed_at < timezone.now() - LOST:
            _end(answer, Outcome.FAILED, "Its job was removed before it had ended.")
        elif job is not None and job.state == State.DONE:
            _end(answer, Outcome.FETCHED, "")
        elif job is not None and job.state in ENDED:
            _end(answer, Outcome.FAILED, job.error or "The job was cancelled.")


def begin(source: PrefetchSource) -> None:
    """Have the next patient's priors fetched, unless the archive is at work already."""
    if source.answers.filter(outcome=Outcome.FETCHING).count() >= AT_ONCE:
        return
    with transaction.atomic():
        answer = source.answers.filter(outcome=Outcome.CHOSEN).order_by("-is_urgent", "pk").first()
        if answer is None:
            return
        mine = PrefetchAnswer.objects.filter(pk=answer.pk, outcome=Outcome.CHOSEN)
        if mine.update(outcome=Outcome.FETCHING, changed_at=timezone.now()):
            job = enqueue(KIND, {"answer": answer.pk}, practice=source.practice_id)
            PrefetchAnswer.objects.filter(pk=answer.pk).update(job=job)


def fetch(handle: JobHandle, answer_pk: int) -> dict[str, Any]:
    """The work of such a job. Raises as `importing.run`."""
    answer = PrefetchAnswer.objects.select_related("source").filter(pk=answer_pk).first()
    if answer is None:
        raise NotFound(say("What was to be fetched is no longer wanted."))
    who = worker(answer.source.practice_id)
    remote = usable(who, answer.source.remote_id, Permission.FETCH)
    return importing.run(handle, remote, answer.studies, who)


def _end(answer: PrefetchAnswer, outcome: Outcome, detail: str) -> None:
    PrefetchAnswer.objects.filter(pk=answer.pk, outcome=Outcome.FETCHING).update(
        outcome=outcome, detail=detail[:400], changed_at=timezone.now()
    )
