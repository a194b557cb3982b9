"""Cardiac scans of the phantom heart, stored, and segmentations of its arteries, drawn by a person."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.calcium.scoring.vessels import NUMBERS, Vessel
from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts
from apps.measurements.content.groups import Coordinates, Group, Value
from apps.measurements.writing.sr import Evidence, Observer, ReportSeries, report_object
from apps.segmentation import finding
from apps.segmentation.models import Segmentation
from apps.segmentation.objects import writing
from apps.segmentation.objects.facts import Facts
from apps.segmentation.objects.segments import Segment
from apps.segmentation.sources import source_of
from apps.volumes.models import Volume
from apps.volumes.slices import first_header
from tests.segmentation.phantoms import ARTERIES, Phantom, heart_lattice, heart_with_calcium
from tests.volumes.stored import store, stored_volume

# Of each artery a point (x, y, z; mm) in its lesion with most calcium, and about how far that reaches.
POINTS: Final = {
    "LM": (8.0, -21.0, 27.5), "LAD": (20.0, -32.0, 19.5), "LCX": (40.4, -6.8, 11.8), "RCA": (-33.2, -23.0, 8.0)
}  # fmt: skip
SCAN: Final[dict[str, Any]] = {
    "KVP": "120", "ContrastBolusAgent": None, "TriggerTime": "550", "PatientSex": "M", "PatientAge": "062Y",
}  # fmt: skip

SPACING: Final = (3.0, 1.25, 1.25)
SPINE: Final = len(NUMBERS) + 1
BODY: Final = Code("Entire body", "38266002", "SCT")


@cache
def heart() -> Phantom:
    return heart_with_calcium(heart_lattice(), noise=0)


def hounsfield() -> NDArray[np.float64]:
    voxels = heart().voxels
    return voxels.values * voxels.slope + voxels.intercept


def regions_labelled() -> NDArray[np.uint8]:
    """What a person would draw about each artery, by `vessels.NUMBERS`; what two would claim is the first one's."""
    labels = np.zeros(heart().voxels.values.shape, np.uint8)
    for name in reversed(ARTERIES):
        labels[heart().truth[f"{name} region"]] = NUMBERS[Vessel(name)]
    return labels


def scan(practice: Practice, **attributes: Any) -> Volume:
    """The heart as a stored series."""
    lattice = heart().voxels.lattice
    given = {"SliceThickness": "3", **SCAN, **attributes}
    return stored_volume(practice, np.rint(hounsfield()), spacing=SPACING, origin=lattice.origin, **given)


def segmentation(practice: Practice, volume: Volume, folder: Path, *, has_names: bool = True) -> Segmentation:
    """Regions about the arteries, and the spine, stored as a segmentation. Without names nobody knows what is what."""
    segments = [
        Segment(number, f"Calcium {vessel}" if has_names else f"Segment {number}", BODY, BODY)
        for vessel, number in NUMBERS.items()
    ]
    labels = regions_labelled()
    labels[heart().truth["bone"]] = SPINE
    path = folder / "drawn.dcm"
    drawn = [*segments, Segment(SPINE, "Spine", BODY, BODY)]
    writing.write(path, labels, drawn, source_of(volume), Facts("drawn", "Drawn"))
    series = store(practice, [path.read_bytes()])
    finding.read_all(Instance.objects.filter(series=series))
    return Segmentation.objects.get(instance__series=series)


def marked(practice: Practice, volume: Volume, **labels: str) -> str:
    """Arrows to the artery's lesions as the viewer stores them, each with its label; the report's SOP Instance UID.

    What is no artery's name points to the middle of the heart.
    """
    study, sources = volume.series.study.study_instance_uid, source_of(volume).images
    arrows, used = [], []
    for number, (name, label) in enumerate(labels.items(), start=1):
        x, y, z = POINTS.get(name, (2.0, -12.0, -1.5))
        origin = np.array(heart().voxels.lattice.origin)
        i, j, k = (np.array((x, y, z)) - origin) / (SPACING[2], SPACING[1], SPACING[0])
        image = sources[round(k)]
        tip = (float(i) + 0.5, float(j) + 0.5)
        arrow = Coordinates("POLYLINE", (tip, (tip[0] + 30, tip[1] + 30)), image.sop_class_uid, image.sop_instance_uid)
        place = Value(concepts.CENTRE, 0.0, concepts.NO_UNIT, coordinates=(arrow,))
        arrows.append(Group(f"2.25.{number}", tool="ArrowAnnotate", label=label, values=(place,)))
        used.append(Evidence(study, volume.series.series_instance_uid, image.sop_class_uid, image.sop_instance_uid))
    uid = f"{volume.series.series_instance_uid}.99"
    data = report_object(
        first_header(volume), arrows, series=ReportSeries(f"{uid}.0", uid, "Marks"), evidence=used,
        observer=Observer("Doe^Nora"),
    )  # fmt: skip
    store(practice, [data])
    return uid
