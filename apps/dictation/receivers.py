"""What becomes of dictations when their jobs break off, and after a day."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from apps.dictation import files
from apps.dictation.models import ERROR_LENGTH, Dictation
from apps.dictation.models import State as Heard
from apps.dictation.taking import JOB
from apps.jobs.models import Job, State

KEPT: Final = timedelta(days=1)
AT_ONCE: Final = 500


def on_job_ending(*, job: Job, state: State, **_: Any) -> None:
    """Within the transaction that ends the job: whoever waits for its dictation is told that it failed."""
    if job.kind != JOB or state == State.DONE:
        return
    error = Job.objects.values_list("error", flat=True).get(pk=job.pk)
    waiting = Dictation.objects.filter(pk=job.parameters["dictation"], state=Heard.WAITING)
    waiting.update(state=Heard.FAILED, error=error[:ERROR_LENGTH])


def on_minute(**_: Any) -> None:
    """Forget what was dictated a day ago, and sounds that no job took."""
    old = Dictation.objects.filter(created_at__lt=timezone.now() - KEPT).order_by().values_list("pk", flat=True)
    if pks := list(old[:AT_ONCE]):
        Dictation.objects.filter(pk__in=pks).delete()
    files.sweep()
