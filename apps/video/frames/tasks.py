"""The jobs that make pictures and parts of stored videos."""

from typing import Any

from django.conf import settings

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.video.frames.asking import CLIP, STILLS


@job(STILLS, max_attempts=2, timeout=settings.VIDEO_SECONDS)
def video_stills(handle: JobHandle, *, instance: int, wanted: dict[str, Any]) -> dict[str, Any]:
    """Make images of single pictures of a stored video."""
    from apps.video.frames import working

    return working.make_stills(handle, instance, wanted)


@job(CLIP, max_attempts=2, timeout=settings.VIDEO_SECONDS)
def video_clip(handle: JobHandle, *, instance: int, since: float, until: float) -> dict[str, Any]:
    """Make a video of a part of a stored video."""
    from apps.video.frames import working

    return working.make_clip(handle, instance, since, until)
