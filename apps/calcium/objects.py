"""The report and the picture of a score as DICOM files, in the folder of the run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.kinds import Run
from apps.analysis.uids import uid
from apps.calcium.picture import picture, shown
from apps.calcium.report import PROCEDURE, groups
from apps.calcium.scoring.vessels import NUMBERS, Vessel
from apps.calcium.telling import lines
from apps.core.version import VERSION
from apps.dicom.attributes import Attributes
from apps.measurements.writing.sr import Evidence, Observer, ReportSeries, report_object
from apps.segmentation.making import SegFile
from apps.volumes import slices
from apps.volumes.derived import codes
from apps.volumes.derived.facts import SeriesFacts
from apps.volumes.derived.objects import picture_object
from apps.volumes.derived.parent import parent_of
from apps.volumes.derived.sources import grouped
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume

REPORT: Final = "Coronary calcium: scores, unverified"
PICTURE: Final = "Coronary calcium: picture"


def report_file(
    run: Run, volume: Volume, header: Attributes, summary: Mapping[str, Any], segmentation: SegFile | None
) -> Path:
    """The report (TID 1500) of a summary; its evidence are the volume's images, and the segmentation."""
    study = run.study.study_instance_uid
    evidence = [
        Evidence(study, volume.series.series_instance_uid, *names)
        for names in dict.fromkeys((each.sop_class_uid, each.sop_instance_uid) for each in slices.sources_of(volume))
    ]
    references = {}
    if segmentation is not None:
        names = segmentation.sop_class_uid, segmentation.sop_instance_uid
        evidence.append(Evidence(study, segmentation.series_instance_uid, *names))
        by_vessel = {vessel: NUMBERS[vessel] for vessel in Vessel if NUMBERS[vessel] in segmentation.written}
        references = {vessel: segmentation.reference(number) for vessel, number in by_vessel.items()}
    data = report_object(
        header,
        groups(summary, run.seed, references),
        series=ReportSeries(uid(run.seed, "report series"), uid(run.seed, "report"), REPORT),
        evidence=evidence,
        observer=Observer("Fovea", is_device=True, version=VERSION),
        procedure=PROCEDURE,
    )
    return _written(run, "report", data)


def picture_file(
    run: Run, volume: Volume, voxels: Voxels, counted: NDArray[np.uint8], summary: Mapping[str, Any]
) -> Path:
    """The picture as a Secondary Capture; its sources are the images that it shows."""
    parent = parent_of(volume, voxels)
    facts = SeriesFacts(
        uid=uid(run.seed, "picture series"),
        seed=f"{run.seed}/picture",
        description=PICTURE,
        encoding=parent.encoding,
        flags=parent.flags,
    )
    by_slice = summary["total"]["bySlice"]
    made = picture(voxels, counted, by_slice, lines(summary))
    sources = grouped(parent.images[k] for k in shown(by_slice))
    data = picture_object(parent.header, made, series=facts, number=1, sources=sources, derivation=codes.SEGMENTATION)
    return _written(run, "picture", data)


def _written(run: Run, name: str, data: bytes) -> Path:
    path = run.folder / f"{name}.dcm"
    path.write_bytes(data)
    return path
