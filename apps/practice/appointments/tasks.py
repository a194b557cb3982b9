"""The jobs of appointments."""

from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.jobs.registry import job
from apps.practice.appointments.receivers import RENAME


@job(RENAME)
def rename(handle: JobHandle) -> dict[str, int]:
    """Tell the devices who the people are now that the practice expects."""
    from apps.practice.appointments import following

    practice_id = Job.objects.values_list("practice_id", flat=True).get(pk=handle.job_id)
    return {"steps": following.rename(practice_id) if practice_id else 0}
