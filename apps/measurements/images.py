"""The images that a report measures in, as the archive has them: their series, and where points of them lie."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from isal import isal_zlib

from apps.archive.models import Instance, Study
from apps.dicom.sr_tree import evidence
from apps.measurements.content.groups import Coordinates, Report
from apps.measurements.content.placing import in_patient
from apps.measurements.rows import Position, middle_of
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.reading import frames_of

# Of one report; what is measured in others has no position.
MOST_IMAGES: Final = 500
ROWS_AT_ONCE: Final = 100


class Images:
    """Those of one report, looked up at once."""

    def __init__(self, study: Study, header: Mapping[str, Any], report: Report) -> None:
        self._evidence = evidence(header)
        self._series: dict[str, str] = {}
        self._frames: dict[str, list[Frame]] = {}
        self._unknown = _flat_images(report)
        self._look_up(study, sorted(self._unknown)[:MOST_IMAGES])

    @property
    def missing(self) -> int:
        """How many of those in which something is drawn have not come, or are another practice's."""
        return len(self._unknown)

    def series_of(self, sop_instance_uid: str) -> str:
        """As the report names it as evidence (PS3.3 C.17.2), else as the archive has it; empty where neither does."""
        named = self._evidence.get(sop_instance_uid)
        return named[1] if named else self._series.get(sop_instance_uid, "")

    def locate(self, coordinates: Coordinates) -> Position:
        """The middle of what is drawn in the patient (LPS, mm); None where the image lies nowhere or is not here."""
        middle = middle_of(coordinates)
        if middle is None:
            return None
        if coordinates.is_in_patient:
            x, y, z = middle
            return x, y, z
        frames = self._frames.get(coordinates.sop_instance_uid, [])
        number = max(coordinates.frame_number, 1)
        placed = in_patient([middle[:2]], frames[number - 1]) if number <= len(frames) else None
        if placed is None:
            return None
        x, y, z = placed[0].tolist()
        return x, y, z

    def _look_up(self, study: Study, uids: list[str]) -> None:
        """Those of the study itself before others of the practice that have the same UID."""
        for start in range(0, len(uids), ROWS_AT_ONCE):
            rows = Instance.objects.filter(
                sop_instance_uid__in=uids[start : start + ROWS_AT_ONCE], series__study__practice=study.practice_id
            ).order_by()
            named = rows.values_list(
                "sop_instance_uid", "series__series_instance_uid", "header", "series__study_id", "transfer_syntax_uid"
            )
            for uid, series, packed, of_study, syntax in named:
                if uid in self._unknown or of_study == study.pk:
                    self._unknown.discard(uid)
                    self._series[uid] = series
                    header = orjson.loads(isal_zlib.decompress(packed))
                    self._frames[uid] = frames_of(header, 0, transfer_syntax=syntax)


def _flat_images(report: Report) -> set[str]:
    """The images with coordinates that count in columns and rows."""
    drawn: Iterable[Coordinates] = (
        each
        for group in report.groups
        for each in (*group.coordinates, *(one for value in group.values for one in value.coordinates))
    )
    return {each.sop_instance_uid for each in drawn if not each.is_in_patient and each.sop_instance_uid}
