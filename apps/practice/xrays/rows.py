"""The rows of X-rays: made of what is stored, whatever door it came by, and as often as anybody asks for it."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson
from django.db.models import QuerySet
from django.utils import timezone
from isal import isal_zlib

from apps.accounts.models import User
from apps.archive.intake import Prepared
from apps.archive.models import Instance, Series, Study
from apps.archive.outcomes import Origin, Outcome
from apps.dicom.attributes import text
from apps.practice.models import Match, MatchState, XRay, XrayStatus, XrayType
from apps.practice.xrays.facts import Declared
from apps.practice.xrays.moments import taken_at
from apps.practice.xrays.recognising import NO_PICTURES, is_single, kind_of

AT_ONCE: Final = 200
_STATUSES: Final = {
    MatchState.PENDING: XrayStatus.RECEIVED,
    MatchState.LINKED: XrayStatus.MATCHED,
    MatchState.REVIEW: XrayStatus.NEEDS_REVIEW,
    MatchState.NO_LEAD: XrayStatus.NO_LEAD,
}
_WHOLE: Final = (
    "sop_instance_uid", "size", "series__series_instance_uid", "series__series_description",
    "series__study__study_instance_uid", "series__study__study_description", "series__study__patient_name",
    "series__study__patient_identifier", "series__study__practice_id", "series__study__match__state",
    "series__study__match__how", "series__study__match__probability", "series__study__match__changed_at",
    "series__study__match__lead__external_id", "series__study__match__lead__family_name",
    "series__study__match__lead__given_name", "series__study__match__lead__birth_date",
)  # fmt: skip
_INSTANCE_COLUMNS: Final = ("pk", "series_id", "header", "source", "received_at")


def keep(study_pk: int) -> int:
    """Make the rows that the study's images lack; how many those were. What is no picture gets none."""
    study = Study.objects.filter(pk=study_pk).first()
    if study is None:
        return 0
    made = 0
    for series in study.series.exclude(modality__in=NO_PICTURES).defer("found"):
        made += sum(1 for _ in _kept(study, series, _lacking(series)))
    follow([study_pk])
    return made


def keep_one(outcome: Outcome, practice_id: int) -> XRay | None:
    """The row of an object that is stored; made where there is none. None for what is no picture, or gone again."""
    found = Instance.objects.filter(
        series__study__practice=practice_id,
        series__study__study_instance_uid=outcome.study_instance_uid,
        series__series_instance_uid=outcome.series_instance_uid,
        sop_instance_uid=outcome.sop_instance_uid,
    )
    instance = found.select_related("series__study").defer("found", "series__found", "series__study__found").first()
    if instance is None or instance.series.modality in NO_PICTURES or not instance.number_of_frames:
        return None
    series = instance.series
    if (known := row_of(instance)) is not None:
        return known
    made = XRay.objects.bulk_create([row(series.study, series, instance)], ignore_conflicts=True)
    return row_of(instance) if made else None


def made_at_once(prepared: Prepared, declared: Declared, origin: Origin) -> XRay | None:
    """The row of a single image that has just been stored, with all that is shown beside it, by two statements.

    None for what takes more: a volume, and what is gone again.
    """
    modality = text(prepared.attributes, "00080060")
    instance = _whole(prepared, origin.practice_id) if is_single(modality) else None
    if instance is None:
        return None
    match: Match | None = getattr(instance.series.study, "match", None)
    xray = XRay(
        practice_id=origin.practice_id,
        study=instance.series.study,
        series=instance.series,
        instance=instance,
        kind=declared.kind or kind_of(prepared.attributes),
        modality=modality,
        status=_STATUSES[MatchState(match.state)] if match else XrayStatus.RECEIVED,
        matched_at=match.changed_at if match and match.state == MatchState.LINKED else None,
        taken_at=declared.taken_at or taken_at(prepared.attributes) or timezone.now(),
        teeth=declared.teeth,
        notes=declared.notes,
        user_id=declared.user_id,
        source=origin.way,
        uploaded_by=User(pk=origin.user_id, username=origin.actor) if origin.user_id else None,
    )
    xray.save(force_insert=True)
    return xray


def _whole(prepared: Prepared, practice_id: int) -> Instance | None:
    """The instance with its series, study, match and lead."""
    uids = prepared.identity
    found = Instance.objects.filter(
        series__study__practice=practice_id,
        series__study__study_instance_uid=uids.study_instance_uid,
        series__series_instance_uid=uids.series_instance_uid,
        sop_instance_uid=uids.sop_instance_uid,
    )
    return found.select_related("series__study__match__lead").only(*_WHOLE).order_by().first()


def row_of(instance: Instance) -> XRay | None:
    """The X-ray that an instance is, or that its series is."""
    single = is_single(instance.series.modality)
    rows = XRay.objects.filter(series=instance.series_id, instance=instance.pk if single else None)
    return rows.select_related("study").first()


def declare(xray: XRay, declared: Declared, user_id: int | None, source: str) -> XRay:
    """Write down what was said of an X-ray by whoever brought it. What was not said stays as the image has it."""
    said: dict[str, Any] = {
        "kind": declared.kind,
        "taken_at": declared.taken_at,
        "teeth": declared.teeth,
        "notes": declared.notes,
        "user_id": declared.user_id,
        "uploaded_by_id": user_id,
    }
    changed = {field: value for field, value in said.items() if value and getattr(xray, field) != value}
    changed |= {"source": source} if xray.source != source else {}
    for field, value in changed.items():
        setattr(xray, field, value)
    if changed:
        xray.changed_at = timezone.now()
        xray.save(update_fields=[*changed, "changed_at"])
    return xray


def follow(study_pks: Iterable[int]) -> None:
    """Bring the status of these studies' X-rays up to date with their matches."""
    matches = Match.objects.filter(study__in=list(study_pks)).values_list("study_id", "state", "changed_at")
    for study_pk, state, changed_at in matches:
        status = _STATUSES[MatchState(state)]
        matched_at = changed_at if status == XrayStatus.MATCHED else None
        stale = XRay.objects.filter(study=study_pk).exclude(status=status)
        stale.update(status=status, matched_at=matched_at, changed_at=timezone.now())


def _lacking(series: Series) -> QuerySet[Instance]:
    """The instances with pictures of a series that have no row of their own; of a volume, its first."""
    pictures = series.instances.filter(number_of_frames__gt=0)
    if is_single(series.modality):
        return pictures.filter(xrays=None)
    return pictures.none() if series.xrays.exists() else pictures[:1]


def _kept(study: Study, series: Series, lacking: QuerySet[Instance]) -> Iterator[XRay]:
    """Make rows, some at a time: headers are large."""
    some: list[XRay] = []
    for instance in lacking.only(*_INSTANCE_COLUMNS).iterator(chunk_size=AT_ONCE):
        some.append(row(study, series, instance))
        if len(some) == AT_ONCE:
            yield from XRay.objects.bulk_create(some, ignore_conflicts=True)
            some = []
    yield from XRay.objects.bulk_create(some, ignore_conflicts=True)


def row(study: Study, series: Series, instance: Instance) -> XRay:
    """The X-ray that an instance is, or that its series is, as the image says; not saved."""
    header = orjson.loads(isal_zlib.decompress(bytes(instance.header)))
    return XRay(
        practice_id=study.practice_id,
        study_id=study.pk,
        series_id=series.pk,
        instance_id=instance.pk if is_single(series.modality) else None,
        kind=XrayType(kind_of(header)),
        modality=series.modality,
        taken_at=taken_at(header) or instance.received_at,
        source=instance.source,
        received_at=instance.received_at,
        uploaded_by_id=study.stored_by_id,
    )
