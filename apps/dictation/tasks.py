"""The job that listens to a dictation: short, so that whoever speaks doesn't wait for what is long."""

from typing import Any, Final

from apps.dictation.taking import JOB
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job

SECONDS: Final = 300


@job(JOB, max_attempts=2, timeout=SECONDS)
def dictation(handle: JobHandle, *, dictation: int) -> dict[str, Any]:
    """Write down what was heard, and forget the sound."""
    from apps.dictation import working

    return working.run(handle, dictation)
