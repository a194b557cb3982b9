"""From what a report says to its rows: a row for each value, with what its group says of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps.archive.models import TEXT_LENGTH, UID_LENGTH
from apps.dicom.sr_tree import NO_CODE, Code
from apps.measurements.content.groups import Coordinates, Evaluation, Group, Point, Report, Value
from apps.measurements.models import CODE_LENGTH, SCHEME_LENGTH, TOOL_LENGTH, Measurement, MeasurementReport

# Of one measurement: what is drawn with more is in the report alone.
MOST_POINTS: Final = 500
# Of the patient, in millimetres; None where the image lies nowhere or is not here.
Position = tuple[float, float, float] | None
Locate = Callable[[Coordinates], Position]


@dataclass(frozen=True, slots=True)
class Context:
    """What rows take from around their report: when it was made, where an image's series is, where coordinates lie.

    `series_of` gives the Series Instance UID of an object by its SOP Instance UID, empty where it is not known.
    """

    made_at: datetime
    series_of: Callable[[str], str]
    locate: Locate


def rows_of(row: MeasurementReport, report: Report, context: Context) -> Iterator[Measurement]:
    """The rows of the values that a report has measured itself, not saved; `row` is the report's own, saved."""
    for group_number, group in enumerate(report.groups, start=1):
        common = {"report": row, "study_id": row.study_id, "group": group_number, "measured_at": context.made_at}
        common |= _of_group(group)
        for number, value in enumerate(group.values, start=1):
            if value.quoted_from is None:
                where = _where(group, value, context, is_first=number == 1)
                yield Measurement(number=number, **common, **_of_value(value), **where)


def _of_group(group: Group) -> dict[str, Any]:
    site = group.sites[0] if group.sites else NO_CODE
    return {
        "tracking_uid": group.tracking_uid[:UID_LENGTH],
        "tracking_identifier": group.tracking_identifier[:TEXT_LENGTH],
        "tool": group.tool[:TOOL_LENGTH],
        "label": group.label[:TEXT_LENGTH],
        "evaluations": [_evaluation(each) for each in group.evaluations],
        **_code("finding", group.finding),
        **_code("site", site),
    }


def _of_value(value: Value) -> dict[str, Any]:
    return {
        "value": value.value,
        **_code("concept", value.concept),
        **_code("derivation", value.derivation),
        **_code("unit", value.unit),
    }


def _code(name: str, code: Code) -> dict[str, str]:
    return {
        f"{name}_value": code.value[:CODE_LENGTH],
        f"{name}_scheme": code.scheme[:SCHEME_LENGTH],
        f"{name}_meaning": code.meaning[:TEXT_LENGTH],
    }


def _evaluation(evaluation: Evaluation) -> dict[str, str]:
    """What is said beside numbers, in words."""
    return {"concept": evaluation.concept.said[:TEXT_LENGTH], "text": (evaluation.code.said or evaluation.text)[:2000]}


def _where(group: Group, value: Value, context: Context, *, is_first: bool) -> dict[str, Any]:
    """The image of the value's own coordinates, else of its group's figure; of a segment, the segmentation.

    All values of a group are of one figure, which its first row alone has with its points: they may be many.
    """
    if group.segment is not None:
        named = _image(group.segment.sop_instance_uid, 0, context)
        return {**named, "segment_number": group.segment.segment_number}
    figure = group.coordinates_of(value)
    if not figure:
        return {}
    first = figure[0]
    x, y, z = context.locate(first) or (None, None, None)
    named = _image(first.sop_instance_uid, first.frame_number, context)
    kept = figure if is_first else value.coordinates
    return {**named, "coordinates": [*_kept(kept)], "x": x, "y": y, "z": z}


def _image(sop_instance_uid: str, frame_number: int, context: Context) -> dict[str, Any]:
    return {
        "sop_instance_uid": sop_instance_uid[:UID_LENGTH],
        "series_instance_uid": context.series_of(sop_instance_uid)[:UID_LENGTH],
        "frame_number": frame_number,
    }


def _kept(many: Iterable[Coordinates]) -> Iterator[dict[str, Any]]:
    left = MOST_POINTS
    for each in many:
        left -= len(each.points)
        if left < 0:
            return
        yield {
            "graphicType": each.graphic_type,
            "points": [list(point) for point in each.points],
            "sopInstanceUid": each.sop_instance_uid,
            "frameNumber": each.frame_number,
            "frameOfReferenceUid": each.frame_of_reference_uid,
        }


def middle_of(coordinates: Coordinates) -> Point | None:
    """The middle of what is drawn: the centre of a circle, else the mean of its points; None without any.

    As the coordinates are: (column, row), or (x, y, z) in millimetres. A line that ends where it begins has that point
    once.
    """
    points = coordinates.points
    if not points:
        return None
    if coordinates.graphic_type == "CIRCLE":
        return points[0]
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    return tuple(sum(axis) / len(points) for axis in zip(*points, strict=True))
