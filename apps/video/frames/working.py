"""The jobs that make pictures and parts of stored videos: read where they are stored, stored as any object is."""

import tempfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from pydicom.dataset import Dataset

from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.models import Instance
from apps.archive.movies import local_file
from apps.archive.outcomes import Status
from apps.archive.store import Batch, Origin
from apps.archive.videos import StoredVideo, video_of
from apps.core.errors import Conflict, Invalid, NotFound
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.saying import say
from apps.video import converter, errands
from apps.video.child import Request
from apps.video.conversion.policy import Hevc, Interlace, Mjpeg, Policy, Sound, Timing
from apps.video.converter import Converted, Refusal
from apps.video.errors import Refused
from apps.video.frames import heritage, stills
from apps.video.frames.stills import Picture
from apps.video.objects.metadata import Metadata, Reference
from apps.video.objects.uids import seed, uid

WAY: Final = "video"
# Nothing may be encoded anew: what the stored video is stays.
AS_IT_IS: Final = Policy(
    sound=Sound.KEEP, hevc=Hevc.KEEP, mjpeg=Mjpeg.KEEP, interlace=Interlace.KEEP, timing=Timing.CONSTANT
)
# Of the frames of a part, so many are named one by one in its reference.
MOST_NAMED: Final = 1000
LOOKING: Final = say("Reading the film")
STORING: Final = say("Storing the objects")


def make_stills(handle: JobHandle, instance: int, wanted: dict[str, Any]) -> dict[str, Any]:
    """Make and store an image for each wanted picture; what was made. Raises Invalid, NotFound, and the store's."""
    job, video = _found(handle, instance)
    header = heritage.read(video.attributes)
    with _folder() as made:
        found = _errand(handle, "pictures", video, wanted=wanted, folder=made)
        objects = (_still(header, Path(made), each) for each in found["pictures"])
        handle.progress(0, None, STORING)
        stored = _store(job, objects)
    frames = [{"frame": each["frame"], "seconds": each["seconds"]} for each in found["pictures"]]
    told = [{**frame, "sopInstanceUid": uid} for frame, uid in zip(frames, stored, strict=True)]
    return {"stills": told, "seriesInstanceUid": uid(seed(str(header.SOPInstanceUID)), "stills")}


def make_clip(handle: JobHandle, instance: int, since: float, until: float) -> dict[str, Any]:
    """Make and store a video of a part; where it really begins and ends. Raises as `make_stills`."""
    job, video = _found(handle, instance)
    header = heritage.read(video.attributes)
    with _folder() as made:
        part, target = Path(made) / "part", Path(made) / "object.dcm"
        cut = _errand(handle, "cut", video, since=since, until=until, target=str(part))
        metadata = _of_clip(header, cut)
        _convert(handle, Request(part, target, metadata, AS_IT_IS, may_encode=False))
        handle.progress(0, None, STORING)
        [stored] = _store(job, [target])
    return {**cut, "sopInstanceUid": stored, "seriesInstanceUid": metadata.series.uid}


def _found(handle: JobHandle, instance: int) -> tuple[Job, StoredVideo]:
    """The job and its video. Raises NotFound where that has been deleted."""
    job = Job.objects.select_related("requested_by").get(pk=handle.job_id)
    row = Instance.objects.filter(pk=instance, series__study__practice=job.practice_id)
    study = row.values_list("series__study__study_instance_uid", flat=True).first()
    stored = retrieve.chosen(Principal.worker(job.practice_id or 0), study, [instance]) if study else []
    if not stored:
        raise NotFound(say("The video has been deleted."))
    return job, video_of(stored[0])


def _errand(handle: JobHandle, task: str, video: StoredVideo, **arguments: Any) -> dict[str, Any]:
    def listen(done: int, total: int) -> None:
        if total:
            handle.progress(done, total, LOOKING)
        else:
            handle.check()

    with local_file(video.instance) as path:
        where = {"path": str(path), "spans": video.spans, "container": str(video.container)}
        return errands.run(task, where | arguments, listen)


def _still(header: Dataset, folder: Path, told: dict[str, Any]) -> bytes:
    samples = (folder / f"{int(told['frame'])}.rgb").read_bytes()
    picture = Picture(int(told["frame"]), float(told["seconds"]), int(told["rows"]), int(told["columns"]), samples)
    try:
        return stills.still(header, picture)
    except Refused as error:
        raise Invalid(error.reason) from error


def _of_clip(header: Dataset, cut: dict[str, Any]) -> Metadata:
    """What the part says: of which frames of which object it is, and when they were taken."""
    source, first, last = str(header.SOPInstanceUID), int(cut["firstFrame"]), int(cut["lastFrame"])
    frames = tuple(range(first, last + 1)) if last - first < MOST_NAMED else ()
    metadata = heritage.metadata(header)
    return replace(
        metadata,
        series=replace(
            metadata.series, uid=uid(seed(source), "clips"), description=_described(header), number=_number(header)
        ),
        instance_number=first,
        sop_instance_uid=uid(seed(source, f"{first}-{last}"), "clip"),
        acquired=heritage.later(metadata.acquired, cut["from"]),
        references=(Reference(str(header.SOPClassUID), source, frames, is_source=True),),
        derivation=f"Frames {first} to {last} of a video, cut at key pictures without encoding anew",
    )


def _described(header: Dataset) -> str:
    return f"Part: {header.get('SeriesDescription', '') or 'video'}"[:64]


def _number(header: Dataset) -> int | None:
    number = header.get("SeriesNumber")
    return None if number is None else int(number)


def _convert(handle: JobHandle, request: Request) -> None:
    """Make an object of the part, as of any film. Raises Invalid, and what `converter.convert` raises."""

    def listen(answer: dict[str, Any] | None) -> None:
        handle.check()

    match converter.convert(request, listen):
        case Converted():
            return
        case Refusal(_, reason):
            raise Invalid(reason)
    raise Conflict(say("This part can't be cut out without encoding it anew."))


@dataclass(frozen=True, slots=True)
class _Sender:
    name: str
    user_id: int | None


def _store(job: Job, objects: Iterable[bytes | Path]) -> list[str]:
    """Have the archive take the objects: their UIDs. Raises Conflict for what it doesn't take, and what it raises."""
    user = job.requested_by
    sender = _Sender(user.get_username(), user.pk) if user else _Sender("worker", None)
    origin = Origin(WAY, job.practice_id or 0, sender.name, user_id=sender.user_id)
    with Batch(origin) as batch:
        for each in objects:
            if isinstance(each, Path):
                batch.adopt(each, most=settings.VIDEO_BYTES)
            else:
                batch.receive([each])
        outcomes = batch.commit()
    for outcome in outcomes:
        if outcome.status in (Status.REFUSED, Status.QUARANTINED):
            raise Conflict(outcome.reason)
    return [outcome.sop_instance_uid for outcome in outcomes]


def _folder() -> AbstractContextManager[str]:
    """A folder on the storage's own disk, gone afterwards."""
    root = Path(settings.DATA) / "cache" / "frames"
    root.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=root)
