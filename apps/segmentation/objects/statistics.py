"""How large segments are, and which values their voxels have."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels

_MM3_OF_ML = 1000.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of one segment: how many voxels, their volume (millilitres), and of their values (in the voxels' unit) the mean,
    the standard deviation (of the voxels as they are, n in its denominator), the smallest and the largest.
    """

    voxels: int
    volume_ml: float
    mean: float
    sd: float
    minimum: float
    maximum: float


def statistics_of(labels: NDArray[np.uint8], voxels: Voxels) -> dict[int, Statistics]:
    """The statistics of each value other than 0 in `labels` [k, j, i], which lie on the voxels' lattice.

    One pass, slice by slice; what it adds up is exact to about 1e-12. Raises ValueError for labels of another shape.
    """
    if labels.shape != voxels.lattice.shape:
        raise ValueError("Labels are one for each voxel.")
    volumes = _slice_volumes(voxels.lattice)
    found: dict[int, _Sum] = {}
    for k, plane in enumerate(labels):
        for value, values in _by_label(plane, voxels.values[k]):
            known = found.get(value)
            own = _sum(values * voxels.slope + voxels.intercept, float(volumes[k]))
            found[value] = own if known is None else known.with_(own)
    return {value: found[value].statistics() for value in sorted(found)}


def _slice_volumes(lattice: Lattice) -> NDArray[np.float64]:
    """Cubic millimetres of a voxel in each slice: it reaches half way to either neighbour, perpendicular to the slice,
    at the ends as far to that side as to the other; towards a gap half of the usual step.
    """
    steps = np.diff(lattice.offsets)
    steps[list(lattice.gaps)] = lattice.slice_spacing
    upright = sum(a * b for a, b in zip(lattice.along, lattice.normal, strict=True))
    heights = (np.concatenate([steps[:1], steps]) + np.concatenate([steps, steps[-1:]])) / 2 * upright
    return np.asarray(heights * lattice.row_spacing * lattice.column_spacing, dtype=np.float64)


def _by_label(plane: NDArray[np.uint8], values: NDArray[np.generic]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """The values of each label in a slice."""
    inside = np.flatnonzero(plane)
    if not inside.size:
        return
    labels = plane.ravel()[inside]
    taken = np.asarray(values).ravel()[inside].astype(np.float64)
    present = np.flatnonzero(np.bincount(labels, minlength=256)).tolist()
    for value in present:
        yield value, taken if len(present) == 1 else taken[labels == value]


@dataclass(frozen=True, slots=True)
class _Sum:
    """What has been added up: mean and squares about it, so that large values with a small spread stay exact (Chan)."""

    count: int
    volume: float
    mean: float
    squares: float
    minimum: float
    maximum: float

    def with_(self, other: "_Sum") -> "_Sum":
        count = self.count + other.count
        apart = other.mean - self.mean
        return _Sum(
            count=count,
            volume=self.volume + other.volume,
            mean=self.mean + apart * other.count / count,
            squares=self.squares + other.squares + apart**2 * self.count * other.count / count,
            minimum=min(self.minimum, other.minimum),
            maximum=max(self.maximum, other.maximum),
        )

    def statistics(self) -> Statistics:
        deviation = sqrt(self.squares / self.count)
        return Statistics(self.count, self.volume / _MM3_OF_ML, self.mean, deviation, self.minimum, self.maximum)


def _sum(values: NDArray[np.float64], voxel: float) -> _Sum:
    mean = float(values.mean())
    squares = float(np.square(values - mean).sum())
    return _Sum(values.size, values.size * voxel, mean, squares, float(values.min()), float(values.max()))
