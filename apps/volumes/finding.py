"""Which volumes a series makes: found from the headers in the index alone, and again when the series changes."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Sum
from isal import isal_zlib

from apps.archive.models import Instance, Series
from apps.core.errors import NotFound
from apps.saying import say
from apps.volumes import cache
from apps.volumes.derived.telling import forbidden_in
from apps.volumes.geometry.assembling import assemble
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.reading import frames_of
from apps.volumes.geometry.stacks import Assembly, LeftOut, Reason, Stack
from apps.volumes.geometry.written import to_json
from apps.volumes.models import LABEL_LENGTH, Survey, Volume
from apps.volumes.packing import Packing
from apps.volumes.slices import pack

ROWS_AT_ONCE: Final = 100
# Images of one series that are looked at: thirty slices at six hundred times are fewer.
MOST_IMAGES: Final = 20_000
# What has frames that are no images: segments, and doses in a grid of their own (PS3.3 C.8.20, C.8.8.3).
NO_IMAGES: Final = frozenset({"SEG", "RTDOSE"})
# PS3.5 A.4.5 to A.4.7: every transfer syntax of a video begins so.
VIDEOS: Final = "1.2.840.10008.1.2.4.10"


@dataclass(slots=True)
class _Looked:
    """What the index says of a series: its images, the hash of each object, and what they take over of their source."""

    frames: list[Frame] = field(default_factory=list)
    digests: dict[int, bytes] = field(default_factory=dict)
    # What forbade to measure in the volumes that its images were derived of.
    inherited: frozenset[Flag] = frozenset()


def volumes_of(series: Series) -> list[Volume]:
    """The series' volumes as it is now, the largest first. Raises NotFound for a series that is gone.

    Quick where the series was looked at before; else its headers are read and the result is kept.
    """
    survey = survey_of(series)
    found = list(survey.volumes.all())
    for volume in found:
        volume.survey = survey
    return sorted(found, key=lambda volume: (-volume.slices * volume.rows * volume.columns, volume.pk))


def survey_of(series: Series) -> Survey:
    """The look at the series as it is now, which is made where there is none. Raises NotFound."""
    current = Survey.objects.filter(series=series.pk, version=F("series__version"))
    return current.select_related("series__study").first() or _look(series.pk)


def several_images(many: QuerySet[Series]) -> QuerySet[Series]:
    """Those of the series that may make a volume: they have more than one image."""
    return many.annotate(images=Sum("instances__number_of_frames")).filter(images__gt=1)


def _look(series_pk: int) -> Survey:
    """Two at once do the same work and agree: what is of an older version than is there is not written."""
    series = Series.objects.select_related("study").filter(pk=series_pk).first()
    if series is None:
        raise NotFound(say("There is no such study or series."))
    looked, assembly = _assembled(series)
    return _written(series, looked, assembly)


def _assembled(series: Series) -> tuple[_Looked, Assembly]:
    images = _images(series)
    count = images.aggregate(count=Sum("number_of_frames"))["count"] or 0
    if count > MOST_IMAGES:
        return _Looked(), Assembly((), (LeftOut(Reason.TOO_MANY, count),))
    looked = _read(images)
    most = {"most_slices": settings.VOLUME_SLICES, "most_bytes": settings.VOLUME_BYTES}
    return looked, assemble(looked.frames, **most) if looked.frames else Assembly((), ())


def _images(series: Series) -> QuerySet[Instance]:
    """The series' objects that have images, in their order."""
    if series.modality in NO_IMAGES:
        return series.instances.none()
    images = series.instances.filter(number_of_frames__gt=0)
    return images.exclude(transfer_syntax_uid__startswith=VIDEOS).order_by("instance_number", "pk")


def _read(images: QuerySet[Instance]) -> _Looked:
    looked = _Looked()
    for pk, header, digest, syntax in _rows(images):
        attributes = orjson.loads(isal_zlib.decompress(header))
        looked.frames += frames_of(attributes, pk, transfer_syntax=syntax)
        looked.inherited |= forbidden_in(attributes)
        looked.digests[pk] = digest
    return looked


def _rows(images: QuerySet[Instance]) -> Iterator[tuple[int, bytes, bytes, str]]:
    """Key, packed header, digest and transfer syntax of each, a hundred at a time."""
    pks = list(images.values_list("pk", flat=True))
    for start in range(0, len(pks), ROWS_AT_ONCE):
        rows = images.filter(pk__in=pks[start : start + ROWS_AT_ONCE])
        for pk, header, digest, syntax in rows.values_list("pk", "header", "digest", "transfer_syntax_uid"):
            yield pk, bytes(header), bytes(digest), syntax


def _written(series: Series, looked: _Looked, assembly: Assembly) -> Survey:
    with transaction.atomic():
        if not Series.objects.select_for_update().filter(pk=series.pk).exists():
            raise NotFound(say("There is no such study or series."))
        known = Survey.objects.select_related("series__study").filter(series=series).first()
        if known is not None and known.version >= series.version:
            return known
        survey = known or Survey(series=series)
        survey.series, survey.version = series, series.version
        survey.left_out = {each.reason.value: each.count for each in assembly.left_out}
        survey.save()
        _write_volumes(survey, assembly.stacks, looked)
    return survey


def _write_volumes(survey: Survey, stacks: Sequence[Stack], looked: _Looked) -> None:
    """The volumes that are there again keep their rows, and whatever refers to them."""
    known = {volume.key: volume for volume in survey.volumes.all()}
    for stack in stacks:
        volume = known.pop(stack.key, None) or Volume(survey=survey, key=stack.key)
        columns = _columns(stack, looked)
        if volume.inputs not in ("", columns["inputs"]):
            cache.forget(volume)
        for name, value in columns.items():
            setattr(volume, name, value)
        volume.save()
    for volume in known.values():
        volume.delete()


def _columns(stack: Stack, looked: _Looked) -> dict[str, Any]:
    slices, rows, columns = stack.lattice.shape
    chosen = [(frame.instance, frame.number) for frame in stack.frames]
    return {
        "label": stack.label[:LABEL_LENGTH],
        "slices": slices,
        "rows": rows,
        "columns": columns,
        "lattice": to_json(stack.lattice),
        "scale": Packing.of(stack.frames).to_json(),
        "flags": [*dict.fromkeys((*stack.flags, *sorted(looked.inherited)))],
        "frames": pack(chosen),
        "inputs": _inputs((looked.digests[instance], number) for instance, number in chosen),
    }


def _inputs(slices: Iterable[tuple[bytes, int]]) -> str:
    """SHA-256 over the slices in their order: each object's hash, and the number of the frame."""
    digest = hashlib.sha256()
    for of_object, number in slices:
        digest.update(of_object + number.to_bytes(4, "little"))
    return digest.hexdigest()
