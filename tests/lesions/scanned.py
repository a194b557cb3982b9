"""Two scans of a body at two times, with lesions measured in both: what lesions are found again in."""

from collections.abc import Sequence

import numpy as np
from pydicom.dataset import Dataset

from apps.accounts.models import Practice
from apps.measurements.content import concepts
from apps.volumes.finding import volumes_of
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume
from tests import dicoms
from tests.lesions.bodies import body
from tests.lesions.studies import DATES, LIVER, study_uid
from tests.measurements.measured import drawn, group, value
from tests.volumes.series import ct_series
from tests.volumes.stored import store

SPACING = (12, 10, 10)


def scan(practice: Practice, number: int, voxels: Voxels | None = None) -> Volume:
    """The volume of a stored study, of a body in its own place without `voxels`."""
    voxels = voxels or body(SPACING, seed=number + 1)
    lattice = voxels.lattice
    values = np.asarray(voxels.values, np.int32) + int(voxels.intercept)
    series = store(
        practice,
        ct_series(
            values,
            spacing=(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing),
            origin=lattice.origin,
            orientation=(lattice.across, lattice.down),
            study_uid=study_uid(number),
            series_uid=f"{study_uid(number)}.1",
            frame_of_reference=dicoms.uid(62, number),
            SliceThickness="5",
            StudyDate=DATES[number],
        ),
    )
    (volume,) = volumes_of(series)
    return volume


def measured_at(
    number: int, lattice: Lattice, point: Sequence[float], size: float, *, tracking: int, label: str = ""
) -> Dataset:
    """A length of `size` mm about the voxel nearest to a point of the patient."""
    k, j, i = nearest(lattice, point)
    half = size / lattice.column_spacing / 2
    points = (i + 0.5 - half, j + 0.5, i + 0.5 + half, j + 0.5)
    image = f"{study_uid(number)}.1.{k + 1}"
    measured = value(size, concepts.LENGTH, concepts.MILLIMETRE, drawn(points, image=image))
    return group(measured, tracking=dicoms.uid(61, tracking), label=label, site=LIVER)


def nearest(lattice: Lattice, point: Sequence[float]) -> tuple[int, int, int]:
    """The index of the voxel nearest to a point."""
    along = lattice.inverse @ (np.asarray(point) - np.asarray(lattice.origin))
    steps = (lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    k, j, i = (round(float(each / step)) for each, step in zip(along, steps, strict=True))
    return k, j, i
