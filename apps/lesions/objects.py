"""The reports that analyses of lesions make: unverified, by a program (PS3.16 TID 1500)."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from apps.analysis.kinds import Run
from apps.analysis.uids import uid
from apps.archive import headers, retrieve
from apps.archive.models import Instance, Study
from apps.core.errors import NotFound
from apps.core.version import VERSION
from apps.dicom.sr_tree import is_report
from apps.lesions.models import Lesion
from apps.lesions.organs import CODES
from apps.measurements.content import concepts
from apps.measurements.content.groups import Coordinates, Group, Value
from apps.measurements.content.tools import identifier_of
from apps.measurements.models import Measurement
from apps.measurements.writing.sr import Evidence, Observer, ReportSeries, report_object
from apps.saying import say

OBSERVER: Final = "Fovea lesions"
AT_ONCE: Final = 500
_NUMBER: Final = 9100


class Images:
    """Objects of the practice that a report refers to, by SOP Instance UID: those of the study before others."""

    def __init__(self, study: Study, uids: Iterable[str]) -> None:
        self._known: dict[str, Evidence] = {}
        wanted = sorted(set(uids) - {""})
        for start in range(0, len(wanted), AT_ONCE):
            self._look_up(study, wanted[start : start + AT_ONCE])

    def _look_up(self, study: Study, uids: Sequence[str]) -> None:
        rows = Instance.objects.filter(sop_instance_uid__in=uids, series__study__practice=study.practice_id).order_by()
        named = rows.values_list(
            "series__study__study_instance_uid", "series__series_instance_uid", "sop_class_uid", "sop_instance_uid"
        )
        for found in named:
            each = Evidence(*found)
            if each.sop_instance_uid not in self._known or each.study_uid == study.study_instance_uid:
                self._known[each.sop_instance_uid] = each

    def __contains__(self, uid: str) -> bool:
        return uid in self._known

    def class_of(self, uid: str) -> str:
        return self._known[uid].sop_class_uid

    @property
    def evidence(self) -> list[Evidence]:
        return [self._known[uid] for uid in sorted(self._known)]


def report_file(run: Run, header: dict[str, Any], groups: Sequence[Group], images: Images, description: str) -> Path:
    """Write the report into the run's folder; the same run writes the same one."""
    series = ReportSeries(
        series_uid=uid(run.seed, "report series"),
        sop_instance_uid=uid(run.seed, "report"),
        description=description,
        number=_NUMBER,
    )
    observer = Observer(OBSERVER, is_device=True, version=VERSION)
    path = run.folder / "report.dcm"
    path.write_bytes(report_object(header, groups, series=series, evidence=images.evidence, observer=observer))
    return path


def header_of(study: Study) -> dict[str, Any]:
    """The header of one of the study's images as it leaves, else of any of its objects. Raises NotFound."""
    rows = Instance.objects.filter(series__study=study).order_by("series__series_number", "instance_number", "pk")
    named = list(rows.values_list("pk", "sop_class_uid")[:AT_ONCE])
    images = [pk for pk, sop_class in named if not is_report(sop_class)]
    stored = retrieve.by_key((images or [pk for pk, _ in named])[0]) if named else None
    if stored is None:
        raise NotFound(say("The study's objects have been deleted."))
    return headers.described(stored)[0]


def group_of(lesion: Lesion, **more: Any) -> Group:
    """A measurement group about a lesion, by its Tracking UID and name."""
    named = {"tracking_uid": lesion.tracking_uid, "tracking_identifier": lesion.name, "label": lesion.name}
    return Group(**{**named, "finding": concepts.LESION, "sites": (CODES[lesion.organ],), **more})


def measured_again(lesion: Lesion, rows: Sequence[Measurement], images: Images) -> Group:
    """What was measured in a study, as the lesion's: its values in the same places, drawn with the same tool."""
    tool = rows[0].tool
    identifier = f"{identifier_of(tool)}:{lesion.name}" if tool else lesion.name
    values = tuple(Value(row.concept, row.value, row.unit, row.derivation, tuple(_places(row, images))) for row in rows)
    return group_of(lesion, tool=tool, tracking_identifier=identifier, values=values)


def _places(row: Measurement, images: Images) -> Iterator[Coordinates]:
    """Where it was drawn, as far as the image is here."""
    for each in row.coordinates:
        points = tuple(tuple(point) for point in each["points"])
        if each["frameOfReferenceUid"]:
            yield Coordinates(each["graphicType"], points, frame_of_reference_uid=each["frameOfReferenceUid"])
        elif each["sopInstanceUid"] in images:
            image = each["sopInstanceUid"]
            yield Coordinates(each["graphicType"], points, images.class_of(image), image, each["frameNumber"])
