"""What of a study people may choose to segment and to measure, and a result as they read it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import F

from apps.analysis.kinds import Choices, Table
from apps.archive.models import Instance, Study
from apps.core.languages import translated
from apps.saying import say
from apps.segmentation import choosing
from apps.segmentation.finding import read_all, unread
from apps.segmentation.models import Segmentation
from apps.volumes.derived.choosing import volumes
from apps.volumes.models import Volume

MOST: Final = 50


def to_segment(study: Study) -> Choices:
    """Its volumes, and the segmenters that are made for any of them."""
    known = Volume.objects.filter(survey__series__study=study.pk, survey__version=F("survey__series__version"))
    modalities = set(known.order_by().values_list("survey__series__modality", flat=True).distinct())
    usable = [each for each in choosing.every() if each.is_usable and any(map(each.takes, modalities))]
    fitting = {modality for modality in modalities if any(each.takes(modality) for each in usable)}
    chosen = volumes(study, *sorted(fitting)) if fitting else {"volume": []}
    return {**chosen, "segmenter": [(each.name, translated(each.title)) for each in usable[:MOST]]}


def to_measure(study: Study) -> Choices:
    """Its volumes, and its segmentations, the newest first."""
    read_all(unread(Instance.objects.filter(series__study=study.pk))[:MOST])
    rows = Segmentation.objects.filter(study=study.pk).select_related("instance").defer("instance__header")
    return {**volumes(study), "segmentation": [(row.pk, str(row)) for row in rows[:MOST]]}


def tables(summary: dict[str, Any]) -> Sequence[Table]:
    """The segments of a result, each with its size and its values where they could be measured."""
    segments = summary.get("segments", [])
    if not segments:
        return ()
    unit = str(summary.get("unit", ""))
    columns = (
        translated(say("Segment")),
        translated(say("Volume (mL)")),
        *(f"{translated(name)} ({unit})" for name in _VALUES.values()),
    )
    rows = tuple(tuple(_row(segment)) for segment in segments)
    return (Table(translated(say("Segments")), columns, rows),)


_VALUES: Final = {
    "mean": say("Mean"),
    "sd": say("Standard deviation"),
    "minimum": say("Smallest"),
    "maximum": say("Largest"),
}


def _row(segment: dict[str, Any]) -> Iterator[str]:
    yield str(segment.get("label", ""))
    yield _number(segment.get("volumeMl"), 2)
    yield from (_number(segment.get(name), 1) for name in _VALUES)


def _number(value: Any, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, int | float) else "\N{EN DASH}"
