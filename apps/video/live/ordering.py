"""Starting and stopping recordings: each of it on record."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, Unavailable
from apps.saying import say
from apps.uploads.deciding import decide
from apps.video import wishes
from apps.video.live.addresses import Forbidden, Protocol, Source, Unknown, reachable, read
from apps.video.live.models import NAME_LENGTH, PLACE_LENGTH, Recording, RecordingState
from apps.video.objects import sidecar, uids
from apps.video.objects.metadata import Metadata
from apps.video.wishes import WRONG, Wishes

SOURCE: Final = "recording"
# Cameras that are started together.
MOST_CAMERAS: Final = 8
# Of one practice, at the same time.
MOST_RUNNING: Final = 32
OFF: Final = say(
    "Nothing is recorded on this site: FOVEA_RECORDING_NETWORKS does not say from which networks it may. Ask your"
    " administrator."
)


@dataclass(frozen=True, slots=True)
class Camera:
    """A source and what it is called."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be recorded, and how: lengths in seconds; `said` and `details` as with a video that is brought."""

    cameras: tuple[Camera, ...]
    segment_seconds: int
    most_seconds: int
    said: Mapping[str, Any]
    details: bytes | None = None


def start(who: Principal, practice_id: int, wanted: Wanted) -> list[Recording]:
    """Have sources recorded from now on, a series each; several are on one clock, in one study.

    Raises Unavailable where nothing is recorded, Refused and NotFound for who may not store in the practice, Invalid
    with what is wrong, Conflict where too much is recorded already.
    """
    decide(who, practice_id)
    if not settings.RECORDING_NETWORKS:
        raise Unavailable(OFF)
    sources = [_source(number, camera) for number, camera in enumerate(wanted.cameras)]
    _check_once(sources)
    key = secrets.token_hex(16)
    wish = wishes.read(practice_id, wanted.said, wanted.details, study=uids.uid(uids.seed("recording", key), "study"))
    with transaction.atomic():
        _check_count(practice_id, len(sources))
        rows = [_row(who, practice_id, wanted, wish, source, number, key) for number, source in enumerate(sources)]
        for row in rows:
            row.save(force_insert=True)
            _tell(who, row, f"recording {row.pk} of {row.place} asked for")
    return rows


def stop(who: Principal, recording: Recording) -> Recording:
    """Have it end; what has been recorded stays. Raises Refused, NotFound, and Conflict for one that has ended."""
    decide(who, recording.practice_id)
    with transaction.atomic():
        row = Recording.objects.select_for_update(of=("self",)).get(pk=recording.pk)
        if row.is_ended:
            raise Conflict(say("This recording has ended."))
        if row.stop_requested_at is None:
            row.stop_requested_at, row.state = timezone.now(), RecordingState.STOPPING
            row.save(update_fields=["stop_requested_at", "state"])
            _tell(who, row, f"recording {row.pk} stopped")
    return row


def _source(number: int, camera: Camera) -> Source:
    """The camera's address, checked. A name that leads nowhere now may do so later."""
    place = f"cameras.{number}.address"
    try:
        source = read(camera.address)
        reachable(source.host, settings.RECORDING_NETWORKS)
    except Forbidden as error:
        raise Invalid(WRONG, [(place, error.reason)]) from error
    except Unknown as error:
        raise Invalid(WRONG, [(place, say("There is no such host on the network now."))]) from error
    return source


def _check_once(sources: list[Source]) -> None:
    """Raises Invalid for a port that two of them would take, now or with a recording that runs."""
    places = [source.place for source in sources]
    ports = [source.place for source in sources if source.protocol is Protocol.UDP]
    if len(set(places)) < len(places) and ports:
        raise Invalid(WRONG, [("cameras", say("Each camera needs a UDP port of its own."))])
    if Recording.objects.running().filter(place__in=ports).exists():
        raise Conflict(say("What comes to this UDP port is being recorded already."))


def _check_count(practice_id: int, more: int) -> None:
    if Recording.objects.running().filter(practice=practice_id).count() + more > MOST_RUNNING:
        raise Conflict(say("A practice has at most {most} recordings at the same time.", most=MOST_RUNNING))


def _row(
    who: Principal, practice_id: int, wanted: Wanted, wish: Wishes, source: Source, number: int, key: str
) -> Recording:
    from apps.core.sealed import seal

    metadata, name = wish.metadata, wanted.cameras[number].name
    seed = uids.seed("recording", key)
    return Recording(
        practice_id=practice_id,
        requested_by_id=who.user_id or None,
        name=(name or source.place)[:NAME_LENGTH],
        place=source.place[:PLACE_LENGTH],
        address=seal(source.url),
        step=wish.step,
        metadata=sidecar.encoded(_described(metadata, name)),
        policy=wishes.policy_json(wish.policy),
        segment_seconds=wanted.segment_seconds,
        most_seconds=min(wanted.most_seconds, settings.RECORDING_SECONDS),
        folder=secrets.token_hex(16),
        study_instance_uid=uids.study_uid(metadata),
        series_instance_uid=uids.uid(seed, f"series {number}"),
        synchronization_uid=uids.uid(seed, "synchronization") if len(wanted.cameras) > 1 else "",
    )


def _described(metadata: Metadata, name: str) -> Metadata:
    """The camera's name describes its series where nothing else does."""
    series = metadata.series
    return replace(metadata, series=replace(series, description=series.description or name))


def _tell(who: Principal, row: Recording, detail: str) -> None:
    tell(
        Action.IMPORT, principal=who, practice_id=row.practice_id, study_instance_uid=row.study_instance_uid,
        count=0, detail=detail, source=SOURCE,
    )  # fmt: skip
