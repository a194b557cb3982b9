"""The job of X-rays: what has been stored gets its rows."""

from typing import Any

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.practice.xrays import rows
from apps.practice.xrays.receivers import KEEP


@job(KEEP)
def keep(handle: JobHandle, *, study: int) -> dict[str, Any]:
    """Make the rows of a study's X-rays that are not there yet."""
    return {"rows": rows.keep(study)}
