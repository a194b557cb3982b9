"""The work of a film's job: have it converted in a process of its own, store the object, let go of the file.

Each attempt ends in what the row says, whatever happens in between: an object that an attempt before stored is found by
its UID, which follows from the file, and is not made again.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from apps.archive.models import Instance
from apps.archive.outcomes import Outcome, Status
from apps.archive.store import Batch, Origin
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid
from apps.jobs.handle import Elsewhere, JobHandle
from apps.saying import Sentence, say
from apps.video import converter, errors, examining
from apps.video.child import Request
from apps.video.converter import Answer, Converted, Refusal
from apps.video.keeping import Folder
from apps.video.models import REASON_LENGTH, Video
from apps.video.objects import sidecar, uids
from apps.video.objects.metadata import Metadata
from apps.video.wishes import policy_of_json

TRANSCODE: Final = "video-transcode"
WAY: Final = "video"
OBJECT: Final = "object.dcm"
GONE: Final = say(
    "The video's file is not here any more. Send it again. (Where workers run on other machines, they must share"
    " FOVEA_DATA.)"
)
# Of the whole, in thousandths: where each stage begins and ends.
WHOLE: Final = 1000
STAGES: Final[Mapping[str, tuple[int, int, Sentence]]] = {
    "scan": (0, 100, say("Reading the video")),
    "examine": (100, 250, say("Looking for damage")),
    "remux": (250, 750, say("Repacking the video")),
    "wrap": (250, 750, say("Repacking the video")),
    "transcode": (250, 850, say("Encoding the video")),
    "write": (850, 900, say("Writing the object")),
    "verify": (900, 970, say("Verifying the object")),
}
OTHER: Final = (250, 850, say("Converting the video"))
STORING: Final = say("Storing the object")
STORED: Final = say("Ready to view")

logger = logging.getLogger(__name__)


class VideoRefused(Invalid):
    """The file can't become an object; trying again changes nothing."""


def run(handle: JobHandle, *, may_encode: bool) -> dict[str, Any]:
    """Convert and store the job's film; its UIDs.

    Raises Elsewhere for one that must be encoded where it may not, VideoRefused, Conflict where the file is gone, and
    what `converter.convert` and the store raise.
    """
    video = Video.objects.select_related("requested_by", "practice").get(job=handle.job_id)
    metadata = sidecar.decoded(video.metadata)
    if not _is_stored(video, metadata):
        _convert(handle, video, metadata, may_encode=may_encode)
    _note_end(video, metadata)
    Folder(video.folder).discard()
    handle.progress(WHOLE, WHOLE, STORED)
    return {
        "video": video.pk,
        "studyInstanceUid": video.study_instance_uid,
        "seriesInstanceUid": video.series_instance_uid,
        "sopInstanceUid": video.sop_instance_uid,
    }


def _convert(handle: JobHandle, video: Video, metadata: Metadata, *, may_encode: bool) -> None:
    folder = Folder(video.folder)
    if not folder.source.exists():
        raise Conflict(GONE)
    with folder.work(handle.attempt) as place:
        policy = replace(policy_of_json(video.policy), max_bytes=settings.VIDEO_BYTES)
        request = Request(folder.source, place / OBJECT, metadata, policy, may_encode)
        answer = _answer(handle, video, request)
        match answer:
            case Refusal(code, reason):
                raise _refused(video, code, reason)
            case Converted(report, _):
                _save(video, report=report)
                handle.progress(WHOLE * 97 // 100, WHOLE, STORING)
                _store(handle, video, request.target)
            case _:
                raise Elsewhere(TRANSCODE)


def _answer(handle: JobHandle, video: Video, request: Request) -> Answer:
    """Raises what `converter.convert` raises; a decoder that hangs is the file's own fault."""
    try:
        return converter.convert(request, _Listener(handle, video))
    except converter.ConversionHung as error:
        raise _refused(video, errors.Code.TIME_LIMIT, error.reason) from error
    except converter.ConversionFailed as error:
        logger.error("video %s: %s", video.pk, error.place)  # noqa: TRY400 - the place is in the other process
        raise


class _Listener:
    """Passes on how far it is, never backwards, and keeps the plan. Raises Cancelled and Lost."""

    def __init__(self, handle: JobHandle, video: Video) -> None:
        self._handle = handle
        self._video = video
        self._at = 0

    def __call__(self, answer: dict[str, Any] | None) -> None:
        if answer is None:
            self._handle.check()
        elif "plan" in answer:
            _save(self._video, plan=answer["plan"], path=str(answer["plan"].get("path", "")))
        else:
            self._go_on(answer)

    def _go_on(self, answer: dict[str, Any]) -> None:
        start, end, words = STAGES.get(str(answer.get("stage")), OTHER)
        done, total = _count(answer.get("done")), _count(answer.get("total"))
        share = min(1.0, done / total) if total else 0.0
        self._at = max(self._at, start + int((end - start) * share))
        self._handle.progress(self._at, WHOLE, words)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _store(handle: JobHandle, video: Video, path: Path) -> None:
    """Have the archive take the object. Raises Lost and Cancelled before, OutOfSpace, Unavailable, VideoRefused."""
    handle.check()
    user = video.requested_by
    actor = user.get_username() if user else video.source
    origin = Origin(WAY, video.practice_id, actor, user_id=user.pk if user else None)
    with Batch(origin) as batch:
        batch.adopt(path, most=settings.VIDEO_BYTES)
        outcome = batch.commit()[0]
    if outcome.status in (Status.REFUSED, Status.QUARANTINED):
        raise _not_stored(video, outcome)


def _not_stored(video: Video, outcome: Outcome) -> VideoRefused:
    return _refused(video, errors.Code.MISMATCH, outcome.reason)


def _refused(video: Video, code: str, reason: str) -> VideoRefused:
    """The error that ends the job; the row says why, and so does the record."""
    with transaction.atomic():
        _save(video, code=code, reason=reason[:REASON_LENGTH])
        actor = video.requested_by.get_username() if video.requested_by else video.source
        detail = f"video {video.pk}: {code}"
        tell(Action.REFUSE, actor=actor, practice_id=video.practice_id, detail=detail, source=WAY)
    return VideoRefused(reason)


def _is_stored(video: Video, metadata: Metadata) -> bool:
    """Whether an attempt before this one stored the object, and ended before it could say so."""
    found = Instance.objects.filter(
        sop_instance_uid=uids.instance_uid(metadata),
        series__series_instance_uid=uids.series_uid(metadata),
        series__study__study_instance_uid=uids.study_uid(metadata),
        series__study__practice=video.practice_id,
    )
    return video.report is not None and found.exists()


def _note_end(video: Video, metadata: Metadata) -> None:
    """The object's names. The file is needed no more: the row says so before it goes."""
    with transaction.atomic():
        _save(
            video,
            study_instance_uid=uids.study_uid(metadata),
            series_instance_uid=uids.series_uid(metadata),
            sop_instance_uid=uids.instance_uid(metadata),
            code="",
            reason="",
            has_file=False,
        )
        examining.ask(video)


def _save(video: Video, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(video, name, value)
    video.save(update_fields=list(columns))
