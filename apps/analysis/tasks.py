"""The jobs that run analyses: what is quick, and what is long, in the lane of the like."""

from typing import Any, Final

from django.conf import settings

from apps.analysis.asking import JOB, LONG_JOB
from apps.jobs import lanes
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job

ATTEMPTS: Final = 3


@job(JOB, max_attempts=ATTEMPTS, timeout=settings.ANALYSIS_SECONDS)
def analysis(handle: JobHandle, *, analysis: int) -> dict[str, Any]:
    """Work it out, store what comes of it, and let go of what came of it before."""
    from apps.analysis import working

    return working.run(handle, analysis)


@job(LONG_JOB, max_attempts=ATTEMPTS, timeout=settings.ANALYSIS_SECONDS, lane=lanes.LONG)
def long_analysis(handle: JobHandle, *, analysis: int) -> dict[str, Any]:
    """The same of what may take minutes."""
    from apps.analysis import working

    return working.run(handle, analysis)
