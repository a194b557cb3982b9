"""Which voxels are of which vessel: by places within lesions, or by regions about vessels; pure, and needs scipy.

What is chosen reaches the threshold. That it is in a coronary artery is what the person says who chose it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from apps.analysis.apart.refusing import Unanswerable
from apps.calcium.scoring.agatston import IN_SPACE, Booleans, Labels
from apps.calcium.scoring.steps import step_of
from apps.calcium.scoring.vessels import NUMBERS, Vessel
from apps.volumes.geometry.lattice import Lattice, Vector

# A place may be so far from the lesion that is meant (mm).
NEAR: Final = 3.0
# What is larger is no lesion of a coronary artery, but bone or contrast (cubic millimetres).
LARGEST: Final = 5000.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lesion:
    """A place in the patient (LPS, mm) at a lesion of a vessel."""

    vessel: Vessel
    point: Vector


@dataclass(frozen=True, slots=True)
class Region:
    """Of a vessel: a box along the patient's axes from `low` to `high` (LPS, mm), or with a `radius` a ball of that
    radius (mm) about `low`."""

    vessel: Vessel
    low: Vector
    high: Vector = (0.0, 0.0, 0.0)
    radius: float | None = None

    @property
    def ends(self) -> tuple[Floats, Floats]:
        """The corners of the box about it."""
        low = np.asarray(self.low)
        return (low, np.asarray(self.high)) if self.radius is None else (low - self.radius, low + self.radius)

    def holds(self, points: Floats) -> Booleans:
        """Which of these points (..., 3) are in it."""
        if self.radius is not None:
            return np.asarray(((points - self.low) ** 2).sum(axis=-1) <= self.radius**2)
        return np.asarray(((points >= self.low) & (points <= self.high)).all(axis=-1))


def by_lesions(bright: Booleans, lattice: Lattice, lesions: Sequence[Lesion]) -> Labels:
    """Label the lesions [k, j, i] that lie at these places: all that hangs together in space there and is `bright`.

    Raises Unanswerable: `nothing-there`, `too-large`, and `in-two-vessels`, each with the number of the place, from 1.
    """
    parts, count = ndimage.label(bright, IN_SPACE)
    sizes = np.bincount(parts.reshape(-1), minlength=count + 1)
    most = LARGEST / (lattice.row_spacing * lattice.column_spacing * step_of(lattice))
    owners = np.zeros(count + 1, np.uint8)
    for number, lesion in enumerate(lesions, start=1):
        part = _part_at(parts, lattice, lesion.point)
        if part is None:
            raise Unanswerable("nothing-there", number=number)
        if sizes[part] > most:
            raise Unanswerable("too-large", number=number)
        if owners[part] not in (0, NUMBERS[lesion.vessel]):
            raise Unanswerable("in-two-vessels", number=number)
        owners[part] = NUMBERS[lesion.vessel]
    labels: Labels = owners[parts]
    return labels


def by_regions(bright: Booleans, lattice: Lattice, regions: Iterable[Region]) -> Labels:
    """Label what is `bright` [k, j, i] in these regions. Raises Unanswerable `in-two-vessels` where two claim it."""
    labels = np.zeros(bright.shape, np.uint8)
    for number, region in enumerate(regions, start=1):
        box = _box_about(lattice, *region.ends)
        own, vessel = bright[box] & region.holds(_points(lattice, box)), NUMBERS[region.vessel]
        if np.any(own & (labels[box] != 0) & (labels[box] != vessel)):
            raise Unanswerable("in-two-vessels", number=number)
        labels[box][own] = vessel
    return labels


def _part_at(parts: NDArray[np.int32], lattice: Lattice, point: Vector) -> int | None:
    """The part that is nearest to the point, within NEAR."""
    about = np.asarray(point)
    box = _box_about(lattice, about - NEAR, about + NEAR)
    distances = np.linalg.norm(_points(lattice, box) - about, axis=-1)
    distances[(parts[box] == 0) | (distances > NEAR)] = np.inf
    if not np.isfinite(distances).any():
        return None
    return int(parts[box].flat[int(distances.argmin())])


def _box_about(lattice: Lattice, low: Floats, high: Floats) -> tuple[slice, slice, slice]:
    """The voxels between these corners (LPS, mm), and some more where the lattice lies aslant; none where there are
    none."""
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    along, down, across = lattice.inverse @ (corners - np.asarray(lattice.origin)).T
    k = np.searchsorted(lattice.offsets, [along.min(), along.max()])
    j, i = down / lattice.row_spacing, across / lattice.column_spacing
    ends = [(k[0] - 1, k[1]), (j.min(), j.max()), (i.min(), i.max())]
    slices, rows, columns = (
        slice(int(np.clip(np.floor(first), 0, size)), int(np.clip(np.ceil(last) + 1, 0, size)))
        for (first, last), size in zip(ends, lattice.shape, strict=True)
    )
    return slices, rows, columns


def _points(lattice: Lattice, box: tuple[slice, slice, slice]) -> Floats:
    """Where the voxels of a box are: [k, j, i, 3], LPS, mm."""
    k, j, i = (np.arange(each.start, each.stop) for each in box)
    along = np.asarray(lattice.offsets)[k][:, None, None, None] * np.asarray(lattice.along)
    down = (j * lattice.row_spacing)[None, :, None, None] * np.asarray(lattice.down)
    across = (i * lattice.column_spacing)[None, None, :, None] * np.asarray(lattice.across)
    return np.asarray(lattice.origin) + along + down + across
