"""Lesions as a person marks them in the viewer: arrows, points and figures that are called by a vessel's name, stored
as a report of measurements."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from isal import isal_zlib

from apps.archive.models import Instance, Study
from apps.calcium.parameters import MOST_LESIONS
from apps.calcium.scoring.vessels import vessel_named
from apps.core.errors import Conflict, Invalid
from apps.measurements.content.groups import Coordinates, Group
from apps.measurements.content.reading import report_of
from apps.measurements.images import Images
from apps.measurements.reports import REPORTS
from apps.saying import say

NO_SUCH: Final = say("The study has no such report. Give its SOP Instance UID.")
ARROW: Final = "ArrowAnnotate"


@dataclass(frozen=True, slots=True)
class Marked:
    """`lesions` as the parameter of that name has them; `left_out` are the labels of marks that name no vessel."""

    lesions: list[dict[str, Any]]
    left_out: tuple[str, ...]


def report_in(study: Study, asked: Mapping[str, Any]) -> Instance | None:
    """The report with the marks that was asked about. Raises Invalid where it is none of the study's."""
    if "marks" not in asked:
        return None
    reports = Instance.objects.filter(series__study=study.pk, sop_class_uid__startswith=REPORTS)
    found = reports.filter(sop_instance_uid=asked["marks"]).select_related("series__study").first()
    if found is None:
        raise Invalid(NO_SUCH, [("parameters.marks", NO_SUCH)])
    return found


def marked_in(instance: Instance) -> Marked:
    """The marks of a report. Raises Conflict where none of them says a vessel, or lies in the patient."""
    header = orjson.loads(isal_zlib.decompress(bytes(instance.header)))
    report = report_of(header)
    groups = report.groups if report else ()
    images = Images(instance.series.study, header, report) if report else None
    lesions, left_out = [], []
    for group in groups:
        vessel, place = vessel_named(group.label), _place(group)
        point = images.locate(place) if images and place else None
        if vessel is None or point is None:
            left_out.append(group.label or group.tracking_identifier)
        else:
            lesions.append({"vessel": vessel.value, "point": list(point)})
    if not lesions:
        raise Conflict(
            say(
                "None of the report's marks is called by a coronary artery. Set an arrow to each lesion in the viewer,"
                " call it LM, LAD, LCX or RCA, and store the measurements."
            )
        )
    if len(lesions) > MOST_LESIONS:
        raise Conflict(say("The report has more than {most} marks.", most=MOST_LESIONS))
    return Marked(lesions, tuple(left_out))


def _place(group: Group) -> Coordinates | None:
    """What is marked: where an arrow points to, which is its first end, else the middle of the figure."""
    figures = group.coordinates or next((value.coordinates for value in group.values if value.coordinates), ())
    if not figures:
        return None
    return replace(figures[0], points=figures[0].points[:1]) if group.tool == ARROW else figures[0]
