"""The job that aligns several cameras' films."""

from typing import Any

from django.conf import settings

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.video.cameras.asking import KIND


@job(KIND, max_attempts=2, timeout=settings.VIDEO_SECONDS)
def video_align(handle: JobHandle) -> dict[str, Any]:
    """Put the films of a procedure on one clock, and have them converted."""
    from apps.video.cameras import working

    return working.run(handle)
