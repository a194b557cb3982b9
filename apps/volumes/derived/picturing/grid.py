"""A volume as it is drawn: whole numbers on an even grid, no more of them than are drawn in reasonable time."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.derived.encoding import Encoding, encoding_of
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.regular import regular
from apps.volumes.geometry.voxels import Voxels

# Voxels that are drawn: 512 x 512 x 300 at half their resolution are fewer; the second number has room for all of them.
MOST: Final = 16_000_000
MOST_FINE: Final = 96_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """int16 numbers [k, j, i] that `encoding` makes values of, `spacing` in mm (k, j, i), and the 4x4 `matrix` that
    brings millimetres along i, j and k into the patient; it does not mirror."""

    numbers: NDArray[np.int16]
    spacing: tuple[float, float, float]
    matrix: NDArray[np.float64]
    encoding: Encoding


def grid_of(voxels: Voxels, *, is_fine: bool = False) -> Grid:
    """The volume without shear and uneven steps, and as coarse as it must be: blocks of voxels become one."""
    lattice = voxels.lattice
    if lattice.is_sheared or not lattice.is_even or lattice.gaps:
        voxels = regular(voxels)
        lattice = voxels.lattice
    step = _step(lattice, MOST_FINE if is_fine else MOST)
    encoding = encoding_of(voxels)
    numbers = _averaged(voxels, encoding, step)
    spacing = (lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    matrix = _matrix(lattice, step)
    if np.linalg.det(matrix) < 0:
        numbers, matrix = _turned(numbers, matrix, spacing[0] * step)
    return Grid(
        np.ascontiguousarray(numbers), (spacing[0] * step, spacing[1] * step, spacing[2] * step), matrix, encoding
    )


def _step(lattice: Lattice, most: int) -> int:
    """How many voxels are one, along each axis."""
    step = 1
    while np.prod([max(1, side // step) for side in lattice.shape], dtype=np.int64) > most:
        step += 1
    return min(step, *lattice.shape)


def _averaged(voxels: Voxels, encoding: Encoding, step: int) -> NDArray[np.int16]:
    """The mean of each block, slice by slice: the whole volume isn't held as more than it is."""
    slices, rows, columns = (side // step for side in voxels.values.shape)
    made = np.empty((slices, rows, columns), np.int16)
    for k in range(slices):
        block = voxels.values[k * step : (k + 1) * step, : rows * step, : columns * step]
        means = block.reshape(step, rows, step, columns, step).mean(axis=(0, 2, 4), dtype=np.float32)
        made[k] = encoding.stored(means * np.float32(voxels.slope) + np.float32(voxels.intercept))
    return made


def _matrix(lattice: Lattice, step: int) -> NDArray[np.float64]:
    """From millimetres along i, j and k to the patient, from the middle of the first block on."""
    middle = (step - 1) / 2
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([lattice.across, lattice.down, lattice.along]).T
    matrix[:3, 3] = lattice.point(middle, middle, middle)
    return matrix


def _turned(
    numbers: NDArray[np.int16], matrix: NDArray[np.float64], spacing: float
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """The same with the slices in the other order."""
    turned = matrix.copy()
    turned[:3, 3] += (len(numbers) - 1) * spacing * matrix[:3, 2]
    turned[:3, 2] = -matrix[:3, 2]
    return numbers[::-1], turned
