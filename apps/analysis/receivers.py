"""What becomes of analyses when their jobs end."""

from typing import Any

from apps.analysis.asking import JOBS
from apps.analysis.models import Analysis
from apps.analysis.results import remove_leftovers
from apps.jobs.models import Job, State


def on_job_ending(*, job: Job, state: State, **_: Any) -> None:
    """Within the transaction that ends the job: an analysis knows how and why, when the job's row is gone."""
    if job.kind not in JOBS:
        return
    error = Job.objects.values_list("error", flat=True).get(pk=job.pk)
    Analysis.objects.filter(job=job.pk).update(last_state=state, reason=error)


def on_job_ended(*, job_pk: int, kind: str, state: State, **_: Any) -> None:
    """Of a run that broke off in the middle of storing nothing stays."""
    if kind not in JOBS or state == State.DONE:
        return
    for row in Analysis.objects.with_study().filter(job=job_pk):
        if row.leftover_uids:
            remove_leftovers(row)
