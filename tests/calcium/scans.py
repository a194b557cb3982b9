"""Cardiac scans of the phantom heart, stored, and segmentations of its arteries, drawn by a person."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.calcium.scoring.vessels import CODES, NUMBERS, Vessel
from apps.dicom.sr_tree import Code
from apps.segmentation import finding
from apps.segmentation.models import Segmentation
from apps.segmentation.objects import writing
from apps.segmentation.objects.facts import Facts
from apps.segmentation.objects.segments import Segment
from apps.segmentation.sources import source_of
from apps.volumes.models import Volume
from tests.segmentation.phantoms import ARTERIES, Phantom, heart_lattice, heart_with_calcium
from tests.volumes.stored import store, stored_volume

# Of each artery a point (x, y, z; mm) in its lesion with most calcium, and about how far that reaches.
POINTS: Final = {
    "LM": (8.0, -21.0, 27.5), "LAD": (20.0, -32.0, 19.5), "LCX": (40.4, -6.8, 11.8), "RCA": (-33.2, -23.0, 8.0)
}  # fmt: skip
SCAN: Final[dict[str, Any]] = {
    "KVP": "120", "ContrastBolusAgent": None, "TriggerTime": "550", "PatientSex": "M", "PatientAge": "062Y",
}  # fmt: skip

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
    spacing = (lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    return stored_volume(practice, np.rint(hounsfield()), spacing=spacing, origin=lattice.origin, **given)


def segmentation(practice: Practice, volume: Volume, folder: Path, **names: str) -> Segmentation:
    """Regions about the arteries as a stored segmentation; `names` are other labels of segments by artery."""
    segments = [
        Segment(
            NUMBERS[vessel],
            names.get(vessel, f"Calcium {vessel}"),
            CODES[Vessel.CORONARY],
            CODES[Vessel.CORONARY] if vessel not in names else BODY,
        )
        for vessel in Vessel
    ]
    path = folder / "drawn.dcm"
    writing.write(path, regions_labelled(), segments, source_of(volume), Facts("drawn", "Drawn"))
    series = store(practice, [path.read_bytes()])
    finding.read_all(Instance.objects.filter(series=series))
    return Segmentation.objects.get(instance__series=series)
