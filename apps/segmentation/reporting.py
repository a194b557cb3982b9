"""The statistics of segments as a report (TID 1500, each segment a group of TID 1411) and in what a run tells."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from apps.analysis.kinds import Run
from apps.analysis.uids import uid
from apps.core.version import VERSION
from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts
from apps.measurements.content.groups import Group, SegmentReference, Value
from apps.measurements.content.units import unit_of
from apps.measurements.writing.sr import MOST_GROUPS, Evidence, Observer, ReportSeries, report_object
from apps.saying import say
from apps.segmentation.objects.segments import Segment
from apps.segmentation.objects.statistics import Statistics
from apps.volumes import slices
from apps.volumes.models import Volume

MEASURING: Final = say("Measuring the segments")
# Of a millilitre, and of a value: what is told beyond that is noise.
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Measured:
    """A segment as it is in the object, what refers to it there, and its numbers."""

    segment: Segment
    reference: SegmentReference
    statistics: Statistics


def write_report(run: Run, volume: Volume, series_uid: str, measured: Sequence[Measured], description: str) -> Path:
    """The report in the run's folder. All segments are of one object, in the series `series_uid` of the study.

    Raises NotFound where images of the volume are gone.
    """
    header = slices.first_header(volume)
    reference = measured[0].reference
    unit = unit_of(volume.scale["unit"])
    evidence = Evidence(run.study.study_instance_uid, series_uid, reference.sop_class_uid, reference.sop_instance_uid)
    data = report_object(
        header,
        [_group(each, unit) for each in measured[:MOST_GROUPS]],
        series=ReportSeries(uid(run.seed, "report series"), uid(run.seed, "report"), description),
        evidence=[evidence],
        observer=Observer("Fovea", is_device=True, version=VERSION),
    )
    path = run.folder / "report.dcm"
    path.write_bytes(data)
    return path


def told(segments: Sequence[Segment], statistics: Mapping[int, Statistics]) -> list[dict[str, Any]]:
    """Segments and their numbers in JSON, for a summary; without numbers where there are none."""
    return [_told(segment, statistics.get(segment.number)) for segment in segments]


def _group(measured: Measured, unit: Code) -> Group:
    segment, found = measured.segment, measured.statistics
    values = (
        Value(concepts.VOLUME, found.volume_ml, concepts.MILLILITRE),
        Value(concepts.MEAN, found.mean, unit),
        Value(concepts.STANDARD_DEVIATION, found.sd, unit),
        Value(concepts.MINIMUM, found.minimum, unit),
        Value(concepts.MAXIMUM, found.maximum, unit),
    )
    return Group(
        tracking_uid=segment.tracking_uid,
        tracking_identifier=segment.tracking_identifier or segment.label,
        label=segment.label,
        finding=segment.type,
        sites=(segment.anatomy,) if segment.anatomy else (),
        values=values,
        segment=measured.reference,
    )


def _told(segment: Segment, found: Statistics | None) -> dict[str, Any]:
    named = {"number": segment.number, "label": segment.label, "colour": "#{:02x}{:02x}{:02x}".format(*segment.colour)}
    if found is None:
        return named
    numbers = {name: round(value, _DIGITS) for name, value in asdict(found).items()}
    return named | {"volumeMl" if name == "volume_ml" else name: value for name, value in numbers.items()}
