"""What happens elsewhere that concerns films."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.jobs.models import Job, State
from apps.video.cameras.models import Procedure
from apps.video.models import Video


def on_job_ending(*, job: Job, state: State, **_: Any) -> None:
    """Within the transaction that ends the job: a film knows how, when the job's row is gone.

    What failed can be tried again for FOVEA_VIDEO_KEEP_DAYS.
    """
    video = Video.objects.filter(job=job.pk)
    video.update(last_state=state)
    video.filter(has_file=True).update(kept_until=timezone.now() + timedelta(days=settings.VIDEO_KEEP_DAYS))
    Procedure.objects.filter(job=job.pk).update(last_state=state)
