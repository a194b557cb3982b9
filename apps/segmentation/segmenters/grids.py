"""A volume in fewer voxels to find things in, and what was found brought back to all of its voxels."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.segmentation.segmenters.answers import Mask
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels

Factors = tuple[int, int, int]
Floats = NDArray[np.float32]
# Of a spacing: what rounding makes of it.
_ROUNDED: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Coarse:
    """A volume's values (in its unit, float32) in blocks of `factors` voxels, each their mean.

    `spacing` are the millimetres from block to block along each axis (slices: along the normal). `up` is the axis that
    lies nearest to the patient's (towards the head), `sideways` the axis nearest to right and left; `leftward` is
    1 where its indices ascend to the patient's left, else -1.
    """

    values: Floats
    factors: Factors
    spacing: tuple[float, float, float]
    up: int
    sideways: int
    leftward: int

    @property
    def block_ml(self) -> float:
        """What a block takes, in mL."""
        return float(np.prod(self.spacing)) / 1000


def spacing_of(lattice: Lattice) -> tuple[float, float, float]:
    """Millimetres from voxel to voxel along each axis; from slice to slice the median, along the normal."""
    straight = float(np.dot(lattice.along, lattice.normal))
    return lattice.slice_spacing * straight, lattice.row_spacing, lattice.column_spacing


def coarse(voxels: Voxels, size: float) -> Coarse:
    """The volume in blocks of as many whole voxels as fit into `size` mm in each direction, one at least."""
    lattice = voxels.lattice
    steps = spacing_of(lattice)
    slices, rows, columns = (max(1, int(size / step + _ROUNDED)) for step in steps)
    factors = (slices, rows, columns)
    values = means(voxels.values, factors)
    values *= np.float32(voxels.slope)
    values += np.float32(voxels.intercept)
    axes = np.array([lattice.normal, lattice.down, lattice.across])
    up = int(np.abs(axes[:, 2]).argmax())
    sideways = int(np.abs(np.where(np.arange(3) == up, 0.0, axes[:, 0])).argmax())
    spacing = (steps[0] * slices, steps[1] * rows, steps[2] * columns)
    return Coarse(values, factors, spacing, up, sideways, 1 if axes[sideways, 0] > 0 else -1)


def means(values: NDArray[Any], factors: Factors) -> Floats:
    """The mean of each block; the last block of an axis may have fewer voxels."""
    shares = np.multiply.outer(_counts(values.shape[1], factors[1]), _counts(values.shape[2], factors[2]))
    places = range(0, len(values), factors[0])
    found = np.empty((len(places), *shares.shape), np.float32)
    for number, k in enumerate(places):
        slab = values[k : k + factors[0]]
        plane = slab.sum(axis=0, dtype=np.float32)
        found[number] = _sums(_sums(plane, factors[1]).T, factors[2]).T / (shares * len(slab))
    return found


def _sums(plane: Floats, factor: int) -> Floats:
    """The sums of so many rows each."""
    sums = plane[::factor].copy()
    for begin in range(1, factor):
        part = plane[begin::factor]
        sums[: len(part)] += part
    return sums


def _counts(side: int, factor: int) -> Floats:
    """How many voxels each block has along an axis."""
    begins = np.arange(0, side, factor)
    return np.minimum(factor, side - begins).astype(np.float32)


def slice_of(blocks: NDArray[Any], factors: Factors, shape: tuple[int, ...], k: int) -> NDArray[Any]:
    """The blocks' values at each voxel of the volume's slice k."""
    plane = blocks[k // factors[0]]
    wide = np.repeat(np.repeat(plane, factors[1], axis=0), factors[2], axis=1) if max(factors[1:]) > 1 else plane
    return wide[: shape[1], : shape[2]]


def count_of(numbers: NDArray[np.int32], count: int, blocks: Mask, factors: Factors) -> NDArray[np.int64]:
    """Of each number below `count` in an array of the volume's voxels, how many of them are in the `blocks`."""
    found = np.zeros(count, np.int64)
    for k in range(len(numbers)):
        if blocks[k // factors[0]].any():
            inside = numbers[k][slice_of(blocks, factors, numbers.shape, k)]
            found += np.bincount(inside, minlength=count)
    return found


def below(voxels: Voxels, value: float, k: int | slice = slice(None)) -> Mask:
    """Which voxels (of slice k, of some, or of all) have a value below `value`, in the volume's unit."""
    stored = (value - voxels.intercept) / (voxels.slope or 1.0)
    return _under(voxels.values[k], stored) if voxels.slope >= 0 else _over(voxels.values[k], stored)


def _under(values: NDArray[Any], limit: float) -> Mask:
    return np.asarray(values < _limit(values, np.ceil(limit) if values.dtype.kind == "i" else limit))


def _over(values: NDArray[Any], limit: float) -> Mask:
    return np.asarray(values > _limit(values, np.floor(limit) if values.dtype.kind == "i" else limit))


def _limit(values: NDArray[Any], limit: float) -> np.generic:
    """The limit as the array's own type, which compares without converting the array."""
    if values.dtype.kind == "i":
        bounds = np.iinfo(values.dtype)
        limit = min(max(limit, bounds.min), bounds.max)
    return values.dtype.type(limit)
