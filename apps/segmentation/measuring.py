"""The run that measures the segments of a stored segmentation: an edited one gets its own numbers."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.kinds import Inputs, Result, Run
from apps.analysis.uids import uid
from apps.analysis.verifying import unverified
from apps.archive.models import Instance, Study
from apps.core.errors import Conflict, Invalid
from apps.dicom.uids import is_valid_uid
from apps.measurements.content.groups import SegmentReference
from apps.measurements.writing.sr import MOST_GROUPS
from apps.saying import say
from apps.segmentation.finding import read_all, unread
from apps.segmentation.masks import masks_of
from apps.segmentation.models import Segmentation
from apps.segmentation.objects.segments import Segment
from apps.segmentation.objects.statistics import Statistics, statistics_of
from apps.segmentation.reporting import MEASURING, Measured, told, write_report
from apps.volumes import slices
from apps.volumes.derived.making import Progress, opened_for
from apps.volumes.derived.naming import of_source
from apps.volumes.derived.reaching import volume_in
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume

NO_SUCH: Final = say("The study has no such segmentation: see GET /api/segmentations.")
NOT_QUANTIFIABLE: Final = say(
    "Nothing may be measured in this volume: its geometry or its values are not to be relied on. GET /api/volumes says "
    "why."
)


def statistics_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """Raises Invalid for a volume or a segmentation that is none of the study's, Conflict for a volume in which nothing
    may be measured."""
    volume, row = volume_in(study, asked), segmentation_in(study, asked)
    if not volume.is_quantifiable:
        raise Conflict(NOT_QUANTIFIABLE)
    of_volume = slices.inputs_of(volume)
    digest = hashlib.sha256(of_volume.digest.encode() + bytes(row.digest)).hexdigest()
    series = (*of_volume.series_instance_uids, row.instance.series.series_instance_uid)
    return Inputs(series, digest, of_volume.flags, of_volume.is_quantifiable)


def make_statistics(run: Run) -> Result:
    """The report. Raises Invalid, Conflict where the segmentation doesn't lie in the volume, NotFound, and what opening
    the volume and `run.tell` raise."""
    volume, row = volume_in(run.study, run.parameters), segmentation_in(run.study, run.parameters)
    voxels = opened_for(run, volume)
    measured = list(_measured(run, row, volume, voxels))
    if not measured:
        raise Conflict(say("All segments of this segmentation are empty."))
    series_uid = row.instance.series.series_instance_uid
    name = unverified(of_source("Statistics", str(row)))
    path = write_report(run, volume, series_uid, measured, name)
    statistics = {each.segment.number: each.statistics for each in measured}
    summary = {
        "segmentation": row.pk,
        "sopInstanceUid": row.instance.sop_instance_uid,
        "unit": voxels.unit,
        "segments": told([each.segment for each in measured], statistics),
    }
    return Result((path,), summary)


def segmentation_in(study: Study, asked: dict[str, Any]) -> Segmentation:
    """The segmentation of this number, as its object is now. Raises Invalid where it is none of the study's."""
    read_all(unread(Instance.objects.filter(series__study=study.pk, segmentation=asked["segmentation"])))
    rows = Segmentation.objects.filter(study=study.pk, pk=asked["segmentation"])
    found = rows.select_related("instance__series").defer("instance__header", "instance__frame_index").first()
    if found is None:
        raise Invalid(NO_SUCH, [("parameters.segmentation", NO_SUCH)])
    return found


def _measured(run: Run, row: Segmentation, volume: Volume, voxels: Voxels) -> Iterator[Measured]:
    """Segment by segment: they may overlap."""
    progress, count = Progress(run), min(row.segments.count(), MOST_GROUPS)
    for done, (segment, mask) in enumerate(masks_of(row, volume)):
        if done == MOST_GROUPS:
            raise Conflict(say("The segmentation has more than {most} segments.", most=MOST_GROUPS))
        progress.making(done, count, MEASURING)
        yield Measured(_tracked(run, segment), _reference(row, volume, segment), _statistics(mask, voxels))


def _statistics(mask: NDArray[np.bool_], voxels: Voxels) -> Statistics:
    return statistics_of(mask.view(np.uint8), voxels)[1]


def _tracked(run: Run, segment: Segment) -> Segment:
    """With a Tracking UID that a report may have."""
    if is_valid_uid(segment.tracking_uid):
        return segment
    return replace(segment, tracking_uid=uid(run.seed, f"segment {segment.number}"))


def _reference(row: Segmentation, volume: Volume, segment: Segment) -> SegmentReference:
    source = row.source_series_uid or volume.series.series_instance_uid
    return SegmentReference(row.instance.sop_class_uid, row.instance.sop_instance_uid, segment.number, source)
