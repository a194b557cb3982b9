"""Videos that browsers don't play (MPEG-2, HEVC, transport streams) made playable by a job, however they came.

The job runs after the study's store has settled, so that whoever opens it first finds it ready; and when somebody asks
before. What it makes is kept in the archive's cache of movies, under the object's digest: it may be thrown away, and is
made again then.
"""

from pathlib import Path
from threading import Thread
from typing import Any, Final

from django.conf import settings

from apps.archive import playable, retrieve
from apps.archive.models import Instance, Study
from apps.archive.retrieve import StoredInstance
from apps.archive.videos import StoredVideo, video_of
from apps.core.errors import NotAcceptable
from apps.dicom.isolation.process import CodecProcess
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job, State
from apps.jobs.queue import enqueue
from apps.saying import say

RENDITION: Final = "video-rendition"
# PS3.5 A.4.5 to A.4.7: every transfer syntax of a video begins so.
VIDEOS: Final = "1.2.840.10008.1.2.4.10"
# Of one study; more are made when somebody asks for them.
MOST_AHEAD: Final = 200
_LOOK_SECONDS: Final = 0.5
_MAKING: Final = say("Making the video playable")


def on_settled(*, study: Study, **_: Any) -> None:
    """Nothing more came of a study for a while: what of it browsers don't play is made playable."""
    images = Instance.objects.filter(series__study=study, number_of_frames__gt=0)
    videos = images.filter(transfer_syntax_uid__startswith=VIDEOS)
    for pk in videos.order_by("pk").values_list("pk", flat=True)[:MOST_AHEAD]:
        stored = retrieve.by_key(pk)
        if stored is not None and _is_to_be_made(video_of(stored)):
            ask(stored)


def on_movie_wanted(*, stored: StoredInstance, **_: Any) -> None:
    """Somebody asks for a video that is not ready. Raises NotAcceptable where it was found that it can't be had."""
    last = Job.objects.filter(kind=RENDITION, key=_key(stored)).order_by("-pk").first()
    if last is not None and last.state == State.FAILED:
        raise NotAcceptable(say("This video can't be made playable: {error}", error=last.error))
    if last is None or last.state not in (State.QUEUED, State.RUNNING):
        ask(stored)


def ask(stored: StoredInstance) -> Job:
    """Have a job make it; one that waits already will do."""
    return enqueue(RENDITION, {"instance": stored.pk}, practice=stored.practice_id, key=_key(stored))


def make(handle: JobHandle, instance: int) -> dict[str, Any]:
    """The work of the job: `size` is what was made, in bytes; 0 where nothing was to be made.

    Raises NotAcceptable for a stream that can't be read, and what the handle raises when the job is to stop.
    """
    stored = retrieve.by_key(instance)
    if stored is None:
        return {"size": 0}
    video = video_of(stored)
    if video.plays:
        return {"size": 0}
    playable.check_length(video)
    return {"size": playable.make(video, lambda path, target: _film(handle, video, path, target)).stat().st_size}


def _is_to_be_made(video: StoredVideo) -> bool:
    return not (video.plays or playable.is_ready(video))


def _key(stored: StoredInstance) -> str:
    # Other bytes under the same UID are another video.
    return f"{stored.pk}-{stored.digest[:8].hex()}"


def _film(handle: JobHandle, video: StoredVideo, path: Path, target: str) -> None:
    """Have a child process of the job's own write it, which ends when the job is to stop."""
    child = CodecProcess()
    work = _Work(child, (str(path), video.spans, video.container, video.coding, target))
    try:
        work.start()
        while work.is_alive():
            work.join(_LOOK_SECONDS)
            handle.progress(_size(target), None, _MAKING)
    finally:
        child.close()
        work.join()
    if work.error is not None:
        raise work.error


class _Work(Thread):
    """One call of a child process, waited for in a thread: the job's own sees meanwhile whether it is to stop."""

    def __init__(self, child: CodecProcess, arguments: tuple[Any, ...]) -> None:
        super().__init__(daemon=True)
        self._child = child
        self._arguments = arguments
        self.error: Exception | None = None

    def run(self) -> None:
        from apps.dicom.description import Undecodable

        try:
            self._child.call("apps.dicom.filming.movie_of_stream", b"", self._arguments, float(settings.VIDEO_SECONDS))
        except Undecodable as error:
            self.error = NotAcceptable(say("No movie can be made of this object: {error}", error=error))
        except Exception as error:  # noqa: BLE001 -- the job raises it again, in its own thread
            self.error = error


def _size(target: str) -> int:
    """The bytes that are written so far."""
    try:
        return Path(target).stat().st_size
    except FileNotFoundError:
        return 0
