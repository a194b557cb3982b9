"""Finished segments become videos, which are converted as any other: instances of one series, in their order."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.core.errors import Invalid, OutOfSpace, Unavailable
from apps.video.live import shelf
from apps.video.live.models import Recording, RecordingSegment
from apps.video.live.shelf import Segment
from apps.video.objects import sidecar, uids
from apps.video.objects.metadata import Metadata, Reference, Synchronization
from apps.video.objects.presets import resolved
from apps.video.receiving import Sender, adopt
from apps.video.wishes import Wishes, policy_of_json

SOURCE: Final = "recording"

logger = logging.getLogger(__name__)


def folder_of(recording: Recording) -> Path:
    """Where its segments lie until they are filed."""
    return Path(settings.DATA) / "recordings" / recording.folder


def file_finished(recording: Recording) -> bool:
    """File what is finished; whether nothing finished is left.

    What there is no room for waits: it is on the disk, and is tried again.
    """
    for segment in shelf.segments(folder_of(recording)):
        if not segment.is_finished:
            continue
        try:
            _file(recording, segment)
        except (OutOfSpace, Unavailable) as error:
            logger.warning("segment %d of recording %d waits: %s", segment.number, recording.pk, error.code)
            return False
    return True


def _file(recording: Recording, segment: Segment) -> None:
    """One segment: a row, a video and its job in one transaction; then its name on the shelf goes.

    Who dies in between finds the row the next time. Raises OutOfSpace and Unavailable.
    """
    try:
        with transaction.atomic():
            Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
            if not recording.segments.filter(number=segment.number).exists():
                _written(recording, segment)
    except Invalid:
        logger.warning("segment %d of recording %d holds nothing", segment.number, recording.pk)
    segment.file.unlink()


def _written(recording: Recording, segment: Segment) -> None:
    before = recording.segments.filter(number__lt=segment.number).order_by("-number").first()
    uid = uids.uid(uids.seed(recording.folder, str(segment.number)), "instance")
    metadata = _of_segment(recording, segment, uid, before)
    wishes = Wishes(metadata, policy_of_json(recording.policy), recording.step)
    sender = Sender(_principal(recording), recording.practice_id, SOURCE, recording.folder)
    name = f"{recording.name} {segment.number}.mp4"
    size = segment.file.stat().st_size
    video, _ = adopt(segment.file, wishes, sender, name)
    RecordingSegment.objects.create(
        recording=recording, number=segment.number, started_at=segment.started_at, size=size, sop_instance_uid=uid,
        video=video,
    )  # fmt: skip


def _of_segment(recording: Recording, segment: Segment, uid: str, before: RecordingSegment | None) -> Metadata:
    """What its object says: the number, when it began, and which one came before it."""
    metadata = sidecar.decoded(recording.metadata)
    references = (Reference(resolved(metadata).sop_class_uid, before.sop_instance_uid),) if before else ()
    clock = recording.synchronization_uid
    return replace(
        metadata,
        study=replace(metadata.study, uid=recording.study_instance_uid),
        series=replace(metadata.series, uid=recording.series_instance_uid),
        instance_number=segment.number,
        sop_instance_uid=uid,
        acquired=timezone.localtime(segment.started_at),
        references=references,
        synchronization=Synchronization(clock) if clock else None,
    )


def _principal(recording: Recording) -> Principal:
    """Whoever started it, as long as there is such a user."""
    user = recording.requested_by
    return Principal.of(user) if user and user.is_active else Principal.worker(recording.practice_id, "recorder")
