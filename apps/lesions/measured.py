"""What people have measured in studies, one size for each group of a report: what lesions are made of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.db.models import Q

from apps.lesions.organs import organ_of
from apps.lesions.recist.findings import LARGEST_MM
from apps.measurements.models import Measurement, MeasurementQuerySet

# SNOMED's codes (CID 7469, 218), and the older ones of the same in SRT.
LENGTHS: Final = frozenset({"410668003", "103339001", "81827009", "G-D7FE", "G-A185", "M-02550"})
SHORT_AXES: Final = frozenset({"103340004", "G-A186"})
MILLIMETRES: Final = {"mm": 1.0, "cm": 10.0}
# Of one patient, the newest.
MOST_ROWS: Final = 5000


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing that was measured, and where. `measurements` are the keys of its rows.

    `diameter_mm` is the longest length, `short_axis_mm` the one across it where it was measured; `point` (LPS, mm) is
    the middle, where the image lies somewhere.
    """

    measurements: tuple[int, ...]
    study: int
    tracking_uid: str
    label: str
    organ: str
    diameter_mm: float
    short_axis_mm: float | None
    series_instance_uid: str
    sop_instance_uid: str
    frame_number: int
    point: tuple[float, float, float] | None


def measured_by_people(rows: MeasurementQuerySet) -> list[Measured]:
    """The lengths among these measurements, newest first; of machines' only what a person stands for."""
    lengths = rows.filter(concept_value__in=LENGTHS | SHORT_AXES, unit_value__in=MILLIMETRES)
    stood_for = lengths.filter(Q(report__is_machine_made=False) | Q(report__is_verified=True)).current()
    ordered = stood_for.order_by("-measured_at", "-report", "group", "number")[:MOST_ROWS]
    return list(_things(ordered))


def _things(rows: Iterable[Measurement]) -> Iterator[Measured]:
    for _, several in groupby(rows, lambda row: (row.measured_at, row.report_id, row.group)):
        found = _thing(list(several))
        if found is not None:
            yield found


def _thing(rows: list[Measurement]) -> Measured | None:
    """None for what is no size of a lesion, or is drawn nowhere: it was measured elsewhere then."""
    lengths = [_mm(row) for row in rows if row.concept_value in LENGTHS]
    across = [_mm(row) for row in rows if row.concept_value in SHORT_AXES]
    sizes = [*lengths, *across]
    if not all(0 <= size <= LARGEST_MM for size in sizes):
        return None
    first = rows[0]
    point = next((row.position for row in rows if row.position), None)
    if point is None and not first.sop_instance_uid:
        return None
    return Measured(
        measurements=tuple(row.pk for row in rows),
        study=first.study_id,
        tracking_uid=first.tracking_uid,
        label=first.label,
        organ=organ_of(first.site),
        diameter_mm=max(sizes),
        short_axis_mm=min(across, default=None),
        series_instance_uid=first.series_instance_uid,
        sop_instance_uid=first.sop_instance_uid,
        frame_number=first.frame_number,
        point=point,
    )


def _mm(row: Measurement) -> float:
    return row.value * MILLIMETRES[row.unit_value]
