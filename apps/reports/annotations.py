"""What is drawn in images: by people in the viewer and by programs, as the structured reports that count say it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from isal import isal_zlib

from apps.analysis.models import Analysis, Verdict
from apps.archive.models import Instance, Series, Study
from apps.dicom.attributes import text
from apps.measurements.content.groups import Coordinates, Group, Value
from apps.measurements.content.reading import report_of
from apps.measurements.models import MeasurementReport, Predecessor
from apps.measurements.reports import read_all, unread
from apps.measurements.showing import amount

# Of one study, the newest first; what more reports say is not drawn.
MOST_REPORTS: Final = 100
MOST_FIGURES: Final = 500
# Of what is written beside a figure.
MOST_LINES: Final = 4
MOST_CHARACTERS: Final = 60
_FRAME_OF_REFERENCE: Final = "00200052"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A figure of a measurement group; `lines` are what is written beside it, with the first figure of each group."""

    group: Group
    coordinates: Coordinates
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """An image in which something is drawn: what it is called, and with which tool. `frame` counts from 1."""

    sop_instance_uid: str
    frame: int
    label: str
    tool: str


def annotations_in(
    study: Study, sop_instance_uid: str, header: Mapping[str, Any], before: datetime | None = None
) -> list[Annotation]:
    """The figures in this image, and those in its frame of reference (they may lie elsewhere in it).

    `before` leaves out reports that came later. The words are in the active language.
    """
    named = [sop_instance_uid, text(header, _FRAME_OF_REFERENCE)]
    found = _figures(_groups(study, [name for name in named if name], before))
    own = (
        each
        for each in found
        if {each.coordinates.sop_instance_uid, each.coordinates.frame_of_reference_uid} & {*named}
    )
    return [each for each, _ in zip(own, range(MOST_FIGURES), strict=False)]


def marked_in(study: Study, tools: Iterable[str] = ()) -> Iterator[Marked]:
    """The images in which something is drawn, as the reports of the study have them: once for each group.

    With `tools`, only what was drawn with one of these: reports that name none of them aren't read.
    """
    wanted = frozenset(tools)
    for group in _groups(study, wanted, None):
        if wanted and group.tool not in wanted:
            continue
        places = ((each.sop_instance_uid, max(each.frame_number, 1)) for each in _places(group))
        for uid, frame in dict.fromkeys(place for place in places if place[0]):
            yield Marked(uid, frame, group.label, group.tool)


def _figures(groups: Iterable[Group]) -> Iterator[Annotation]:
    for group in groups:
        for number, place in enumerate(_places(group)):
            yield Annotation(group, place, () if number else _lines(group))


def _places(group: Group) -> Iterator[Coordinates]:
    """Each figure once: several numbers may be of the same."""
    every = (*group.coordinates, *(place for value in group.values for place in value.coordinates))
    yield from dict.fromkeys(every)


def _lines(group: Group) -> tuple[str, ...]:
    """What it is called, and how much it is."""
    several = len(group.values) > 1
    told = (_told(value, is_named=several) for value in group.values)
    return tuple(line[:MOST_CHARACTERS] for line in (group.label, *told) if line)[:MOST_LINES]


def _told(value: Value, *, is_named: bool) -> str:
    name = (value.derivation or value.concept).said
    return f"{name} {amount(value.value, value.unit.value)}" if is_named else amount(value.value, value.unit.value)


def _groups(study: Study, named: Iterable[str], before: datetime | None) -> Iterator[Group]:
    for header in _headers(study, named, before):
        report = report_of(header)
        if report is not None:
            yield from report.groups


def _headers(study: Study, named: Iterable[str], before: datetime | None) -> Iterator[Mapping[str, Any]]:
    """The reports that count, newest first; of `named` UIDs those alone that have one of them."""
    wanted = [name.encode() for name in named]
    for pk in _reports(study, before):
        packed = Instance.objects.filter(pk=pk).values_list("header", flat=True).first()
        raw = isal_zlib.decompress(packed) if packed else b""
        if raw and (not wanted or any(name in raw for name in wanted)):
            yield orjson.loads(raw)


def _reports(study: Study, before: datetime | None) -> list[int]:
    """The keys of the reports' instances: not of those whose place another has taken, nor of rejected findings."""
    read_all(unread(Series.objects.filter(study=study)).defer("found"))
    replaced = Predecessor.objects.filter(report__study=study).values("sop_instance_uid")
    rejected = Analysis.objects.filter(study=study, verdict=Verdict.REJECTED).values_list(
        "series_instance_uids", flat=True
    )
    found = MeasurementReport.objects.filter(study=study).exclude(instance__sop_instance_uid__in=replaced)
    found = found.exclude(instance__series__series_instance_uid__in=[uid for uids in rejected for uid in uids])
    if before is not None:
        found = found.filter(instance__received_at__lte=before)
    return list(found.values_list("instance_id", flat=True)[:MOST_REPORTS])
