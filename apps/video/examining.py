"""Films that were kept as they came, decoded in full after they are stored: how many of their pictures are damaged.

Of a long film whose pictures stay, only windows are decoded before it is stored: the rest takes longer than all else.
What is found is told in the film's report; the object stays as it is.
"""

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.archive import retrieve
from apps.archive.headers import described
from apps.archive.models import Instance
from apps.archive.movies import local_file
from apps.archive.retrieve import StoredInstance
from apps.archive.videos import video_of
from apps.dicom.frames import FrameIndex, Span
from apps.dicom.syntax import is_video
from apps.jobs.handle import JobHandle
from apps.jobs.queue import enqueue
from apps.saying import say
from apps.video import errands
from apps.video.converter import NICENESS
from apps.video.models import Video

EXAMINE: Final = "video-examine"
EXAMINING: Final = say("Looking for damage")


def ask(video: Video) -> None:
    """Have a job examine a film that is stored, where that is wanted (FOVEA_VIDEO_EXAMINE) and not done yet."""
    if settings.VIDEO_EXAMINE and _is_to_be_examined(video.report or {}):
        enqueue(EXAMINE, {"video": video.pk}, practice=video.practice_id, key=str(video.pk))


def run(handle: JobHandle, video: int) -> dict[str, Any]:
    """The work of the job: what the report says afterwards; nothing of a film or an object that is gone.

    Raises ErrandRefused for a stream that can't be read, ErrandFailed, and what the handle raises when it is to stop.
    """
    row = Video.objects.filter(pk=video).first()
    stored = _object(row) if row else None
    if row is None or stored is None or not row.report:
        return {}
    told = _told(row.report["frames"], _counted(handle, stored))
    _note(video, told)
    return told


def _is_to_be_examined(report: dict[str, Any]) -> bool:
    return bool(report.get("isExact")) and not report["verified"]["isWhole"] and "afterwards" not in report


def _object(video: Video) -> StoredInstance | None:
    found = Instance.objects.filter(
        sop_instance_uid=video.sop_instance_uid,
        series__series_instance_uid=video.series_instance_uid,
        series__study__study_instance_uid=video.study_instance_uid,
        series__study__practice=video.practice_id,
    )
    key = found.values_list("pk", flat=True).first()
    return retrieve.by_key(key) if key else None


def _counted(handle: JobHandle, stored: StoredInstance) -> dict[str, Any]:
    def listen(done: int, total: int) -> None:
        if total:
            handle.progress(done, total, EXAMINING)
        else:
            handle.check()

    spans, container = _stream(stored)
    with local_file(stored) as path:
        where = {"path": str(path), "spans": spans, "container": container}
        return errands.run("count", where, listen, niceness=NICENESS)


def _stream(stored: StoredInstance) -> tuple[list[Span], str]:
    """Where it lies, and what it is to be opened as: frames of JPEG, one after the other, are Motion JPEG."""
    if is_video(stored.transfer_syntax_uid):
        video = video_of(stored)
        return list(video.spans), str(video.container)
    _, packed = described(stored)
    index = FrameIndex.from_bytes(packed)
    return [span for number in range(1, index.count + 1) for span in index.spans(number)], "mjpeg"


def _told(frames: int, found: dict[str, Any]) -> dict[str, Any]:
    """Of `frames`, those that are missing or refused, and those that a decoder had to make up in part."""
    decoded, errors, corrupt = (int(found[name]) for name in ("decoded", "errors", "corrupt"))
    damaged = min(frames, max(frames - decoded, errors) + corrupt)
    return {"frames": decoded, "damaged": damaged, "checkedAt": timezone.now().isoformat(timespec="seconds")}


def _note(pk: int, told: dict[str, Any]) -> None:
    with transaction.atomic():
        video = Video.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if video and video.report:
            video.report = {**video.report, "afterwards": told}
            video.save(update_fields=["report"])
