"""From a volume's voxels to a grid as programs outside of DICOM know it, and back; pure.

Such a grid is an array [i, j, k] (column, row, slice) with a matrix from these to patient coordinates in RAS: LPS
(PS3.3 C.7.6.2.1.1) with the first two axes turned about.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.regular import regular
from apps.volumes.geometry.voxels import Voxels

Labels = NDArray[np.uint8]
Floats = NDArray[np.float64]
# From LPS to RAS, and back.
TURN: Final[Floats] = np.diag([-1.0, -1.0, 1.0, 1.0])
# Of a voxel: what two matrices may differ by at the corners of a grid and still be the same.
SAME: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Grid:
    """`values` [i, j, k], and `affine` (4x4) from (i, j, k, 1) to millimetres in RAS."""

    values: NDArray[Any]
    affine: Floats


def grid_of(voxels: Voxels) -> Grid:
    """The volume on an orthogonal, even grid (`regular`), as float32 in its unit."""
    even = regular(voxels)
    values = np.empty(even.values.shape[::-1], np.float32)
    np.multiply(even.values.T, np.float32(even.slope), out=values, casting="unsafe")
    values += np.float32(even.intercept)
    return Grid(values, affine_of(even.lattice))


def affine_of(lattice: Lattice) -> Floats:
    """The matrix of an even lattice's array, its indices turned about: (i, j, k, 1) to millimetres in RAS."""
    affine = np.eye(4)
    affine[:3, 0] = np.multiply(lattice.across, lattice.column_spacing)
    affine[:3, 1] = np.multiply(lattice.down, lattice.row_spacing)
    affine[:3, 2] = np.multiply(lattice.along, lattice.slice_spacing)
    affine[:3, 3] = lattice.origin
    return np.asarray(TURN @ affine)


def labels_on(lattice: Lattice, found: Grid) -> Labels:
    """What is labelled at each voxel of the lattice [k, j, i]: the label of the nearest voxel of the grid, 0 beyond it.

    Raises numpy.linalg.LinAlgError for a matrix that has no inverse.
    """
    if lattice.is_even and found.values.shape == lattice.shape[::-1] and is_same(found.affine, lattice):
        return np.ascontiguousarray(found.values.T, dtype=np.uint8)
    inverse = np.linalg.inv(found.affine) @ TURN
    labels = np.empty(lattice.shape, np.uint8)
    for k in range(lattice.shape[0]):
        labels[k] = _nearest(found.values, _places(inverse, lattice, k))
    return labels


def is_same(affine: Floats, lattice: Lattice) -> bool:
    """Whether a grid of the lattice's shape with this matrix lies on it, everywhere within SAME of a voxel."""
    slices, rows, columns = lattice.shape
    ends = [(i, j, k, 1) for i in (0, columns - 1) for j in (0, rows - 1) for k in (0, slices - 1)]
    off = (np.array(ends) @ (affine - affine_of(lattice)).T)[:, :3]
    smallest = min(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    return bool(np.abs(off).max() <= SAME * smallest)


def _places(inverse: Floats, lattice: Lattice, k: int) -> NDArray[np.intp]:
    """The grid's indices `[3, rows, columns]` that are nearest to the voxels of a slice."""
    first = inverse @ [*lattice.point(k, 0, 0), 1.0]
    row = inverse[:3, :3] @ np.multiply(lattice.down, lattice.row_spacing)
    column = inverse[:3, :3] @ np.multiply(lattice.across, lattice.column_spacing)
    rows, columns = np.arange(lattice.shape[1])[:, None], np.arange(lattice.shape[2])[None, :]
    axes = zip(first[:3], row, column, strict=True)
    return np.stack([np.rint(start + rows * down + columns * across).astype(np.intp) for start, down, across in axes])


def _nearest(values: NDArray[Any], places: NDArray[np.intp]) -> Labels:
    sides = np.array(values.shape)[:, None, None]
    inside = np.all((places >= 0) & (places < sides), axis=0)
    i, j, k = np.clip(places, 0, sides - 1)
    return np.where(inside, values[i, j, k], 0).astype(np.uint8)
