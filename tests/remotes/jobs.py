"""Jobs done at once, in the test's own process."""

from apps.jobs.handle import Cancelled, JobHandle
from apps.jobs.models import Job
from apps.jobs.registry import find


def do(job: Job, *, cancelled_after: int | None = None) -> object:
    """The work of a job, its errors as they are; with `cancelled_after`, told to stop after so many steps."""
    handle = _Told(job.pk, cancelled_after)
    return find(job.kind).function(handle, **job.parameters)


class _Told(JobHandle):
    def __init__(self, job_id: int, after: int | None) -> None:
        super().__init__(job_id, 1)
        self._after = after

    def progress(self, done: int, total: int | None = None, text: str = "") -> None:
        super().progress(done, total, text)
        if self._after is not None and done >= self._after:
            raise Cancelled
