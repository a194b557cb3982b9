"""The job that runs an analysis."""

from typing import Any

from django.conf import settings

from apps.analysis.asking import KIND
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job


@job(KIND, max_attempts=3, timeout=settings.ANALYSIS_SECONDS)
def analysis(handle: JobHandle, *, analysis: int) -> dict[str, Any]:
    """Work it out, store what comes of it, and let go of what came of it before."""
    from apps.analysis import working

    return working.run(handle, analysis)
