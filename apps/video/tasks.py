"""The jobs of films: those that keep the pictures as they are, and those that encode, in the lane of what is long."""

from typing import Any, Final

from django.conf import settings

from apps.jobs.handle import JobHandle
from apps.jobs.lanes import LONG
from apps.jobs.registry import job
from apps.video.cameras import tasks as cameras  # noqa: F401 - they are found by this module
from apps.video.examining import EXAMINE
from apps.video.frames import tasks as frames  # noqa: F401 - they are found by this module
from apps.video.receiving import KIND
from apps.video.renditions import RENDITION
from apps.video.working import TRANSCODE

ATTEMPTS: Final = 3


@job(KIND, max_attempts=ATTEMPTS, timeout=settings.VIDEO_SECONDS)
def video_convert(handle: JobHandle) -> dict[str, Any]:
    """Make the job's film an object, where its pictures stay as they are; what must be encoded goes to the lane."""
    from apps.video import working

    return working.run(handle, may_encode=False)


@job(TRANSCODE, max_attempts=ATTEMPTS, timeout=settings.VIDEO_SECONDS, lane=LONG)
def video_transcode(handle: JobHandle) -> dict[str, Any]:
    """Make the job's film an object, whatever that takes."""
    from apps.video import working

    return working.run(handle, may_encode=True)


@job(EXAMINE, max_attempts=2, timeout=settings.VIDEO_SECONDS, lane=LONG)
def video_examine(handle: JobHandle, *, video: int) -> dict[str, Any]:
    """Decode all of a film that was stored as it came, and say in its report how much of it is damaged."""
    from apps.video import examining

    return examining.run(handle, video)


@job(RENDITION, max_attempts=2, timeout=settings.VIDEO_SECONDS, lane=LONG)
def video_rendition(handle: JobHandle, *, instance: int) -> dict[str, Any]:
    """Make a stored video that browsers don't play into one that they do."""
    from apps.video import renditions

    return renditions.make(handle, instance)
