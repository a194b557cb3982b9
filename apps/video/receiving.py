"""Taking films in, whoever brings them: a form of the REST API, a resumable upload, the watch folder, a command.

A film is durable before its row is: the row, and the job that goes on with it, are written in one transaction. What is
refused leaves nothing.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from apps.accounts.principal import Principal
from apps.archive import quotas
from apps.core.errors import Invalid, QuotaReached
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.saying import say
from apps.video.keeping import Folder, Taken, pieces
from apps.video.models import FOLDER_LENGTH, NAME_LENGTH, Video
from apps.video.objects import sidecar
from apps.video.objects.uids import seed, uid
from apps.video.wishes import WRONG, Wishes, policy_json

KIND: Final = "video-convert"
UNNAMED: Final = "video"
EMPTY: Final = say("The file is empty.")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A film that is on the disk, what its sender calls it, and what is wanted of it."""

    folder: Folder
    taken: Taken
    name: str
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Sender:
    """Who brings films, for which practice, and how; what comes with one `batch` belongs together."""

    principal: Principal
    practice_id: int
    source: str
    batch: str


def batch_key(principal: Principal, practice_id: int, named: str) -> str:
    """What belongs together: as the sender names it, among theirs alone."""
    text = f"{practice_id}/{principal.user_id}/{named}"
    return hashlib.sha256(text.encode()).hexdigest()[:FOLDER_LENGTH]


def study_of(batch: str) -> str:
    """The Study Instance UID of films of a batch, where nothing says another."""
    return uid(seed("batch", batch), "study")


def receive(path: Path, wishes: Wishes, sender: Sender, name: str = "") -> Video:
    """A film that lies elsewhere, copied. Raises OutOfSpace, QuotaReached, TooLarge, Unavailable, Invalid (empty)."""
    folder = Folder.new()
    try:
        check_room(sender.practice_id, path.stat().st_size)
        taken = folder.write(pieces(path))
        return register([Arrival(folder, taken, name or path.name, wishes)], sender)[0]
    except BaseException:
        folder.discard()
        raise


def adopt(path: Path, wishes: Wishes, sender: Sender, name: str) -> tuple[Video, Job]:
    """A film that lies in FOVEA_DATA durably, without copying it, in the caller's transaction. Raises as `receive`."""
    folder = Folder.new()
    try:
        taken = folder.link(path)
        return _written(Arrival(folder, taken, name, wishes), sender)
    except BaseException:
        folder.discard()
        raise


def register(arrivals: Iterable[Arrival], sender: Sender) -> list[Video]:
    """Rows and jobs for films that are on the disk: for all, or, on an error, for none. Raises Invalid."""
    with transaction.atomic():
        return [_written(arrival, sender)[0] for arrival in arrivals]


def check_room(practice_id: int, size: int) -> None:
    """Raises QuotaReached where the practice has no room for so many bytes more, or keeps too many films that wait."""
    waiting = kept_bytes(practice_id)
    if waiting + size > settings.VIDEO_KEEP_BYTES:
        most = quotas.said(settings.VIDEO_KEEP_BYTES)
        raise QuotaReached(
            say("Videos of {most} wait to be converted, or have failed. Remove some, or wait for them.", most=most)
        )
    quotas.check(practice_id, size, promised=waiting)


def kept_bytes(practice_id: int) -> int:
    """The bytes of the practice's films whose files are still here."""
    return Video.objects.filter(practice=practice_id, has_file=True).aggregate(sum=Sum("size"))["sum"] or 0


def _written(arrival: Arrival, sender: Sender) -> tuple[Video, Job]:
    if not arrival.taken.size:
        raise Invalid(WRONG, [(arrival.name or UNNAMED, EMPTY)])
    wishes, principal = arrival.wishes, sender.principal
    # Its UIDs follow from the file and its place, so that an attempt after another makes the same object.
    metadata = replace(wishes.metadata, seed=seed(arrival.folder.name, arrival.taken.sha256))
    job = enqueue(KIND, principal=principal, practice=sender.practice_id)
    video = Video.objects.create(
        practice_id=sender.practice_id,
        job=job,
        requested_by_id=principal.user_id or None,
        source=sender.source,
        name=arrival.name[-NAME_LENGTH:] or UNNAMED,
        size=arrival.taken.size,
        sha256=arrival.taken.sha256,
        folder=arrival.folder.name,
        batch=sender.batch,
        preset=metadata.preset,
        metadata=sidecar.encoded(metadata),
        policy=policy_json(wishes.policy),
        step=wishes.step,
        appointment=wishes.appointment,
        lead=wishes.lead,
        mask_template=wishes.mask_template,
    )
    return video, job
