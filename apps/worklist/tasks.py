"""The jobs of the worklist: studies that arrive are linked to their steps, and end them."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.archive.models import Study
from apps.jobs.handle import JobHandle, Later
from apps.jobs.registry import job
from apps.worklist import linking
from apps.worklist.receivers import COMPLETE, LINK


@job(LINK)
def link(handle: JobHandle, *, study: int) -> dict[str, Any]:
    """Link a study that has begun to arrive to its scheduled steps."""
    row = Study.objects.filter(pk=study).first()
    return {"steps": len(linking.link(row).steps) if row else 0}


@job(COMPLETE)
def complete(handle: JobHandle, *, study: int) -> dict[str, Any]:
    """Complete the steps of a study to which nothing more came; waits on while it grows."""
    row = Study.objects.filter(pk=study).first()
    if row is None:
        return {"study": None}
    pause = row.updated_at + timedelta(minutes=settings.STEP_COMPLETES_MINUTES) - timezone.now()
    if pause > timedelta(0):
        raise Later(pause)
    linking.complete(row)
    return {"study": row.pk}
