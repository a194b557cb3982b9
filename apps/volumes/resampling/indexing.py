"""From patient coordinates to places between the voxels of an array."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.resampling.planes import Plane

Floats = NDArray[np.float64]
# What float64 loses on the way, in voxels: so near a voxel's centre, or beyond the outermost one, is on it.
ROUNDING: Final = 1e-7


@dataclass(frozen=True, slots=True)
class Grid:
    """A lattice's coordinates (slice, row, column): those of voxel [k, j, i] are k, j, i.

    `matrix` turns millimetres beside `origin` into them. Where the slices aren't even, `offsets` are theirs, and the
    first coordinate is millimetres until `inside` has looked it up there. `last` are the largest coordinates. `gaps`
    tells of each slice whether one is missing behind it.
    """

    shape: tuple[int, int, int]
    origin: Floats
    matrix: Floats
    last: Floats
    offsets: Floats | None
    gaps: NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A plane in a grid's coordinates: its first pixel, from row to row, from column to column, and a millimetre along
    its normal."""

    origin: Floats
    row: Floats
    column: Floats
    normal: Floats


def grid_of(lattice: Lattice) -> Grid:
    """The coordinates of `lattice`'s array."""
    slices, rows, columns = lattice.shape
    offsets = np.asarray(lattice.offsets, dtype=np.float64)
    step = offsets[-1] / (slices - 1) if slices > 1 else 1.0
    is_even = bool(np.all(np.abs(offsets - np.arange(slices) * step) <= ROUNDING * step))
    scale = np.array([step if is_even else 1.0, lattice.row_spacing, lattice.column_spacing])
    return Grid(
        shape=lattice.shape,
        origin=np.asarray(lattice.origin, dtype=np.float64),
        matrix=lattice.inverse / scale[:, None],
        last=np.array([slices - 1 if is_even else offsets[-1], rows - 1, columns - 1], dtype=np.float64),
        offsets=None if is_even else offsets,
        gaps=np.isin(np.arange(slices), lattice.gaps) if lattice.gaps else None,
    )


def walk_of(grid: Grid, plane: Plane) -> Walk:
    """How `plane` goes through `grid`."""
    across, down = np.asarray(plane.across), np.asarray(plane.down)
    return Walk(
        origin=grid.matrix @ (np.asarray(plane.origin) - grid.origin),
        row=grid.matrix @ (down * plane.row_spacing),
        column=grid.matrix @ (across * plane.column_spacing),
        normal=grid.matrix @ np.cross(across, down),
    )


def within(grid: Grid, axis: int, places: Floats) -> NDArray[np.bool_]:
    """Which of the coordinates along `axis` lie between the outermost voxels' centres; none that isn't a number."""
    return (places >= -ROUNDING) & (places <= grid.last[axis] + ROUNDING)


def indices(grid: Grid, axis: int, places: Floats, out: Floats) -> None:
    """The array indices of coordinates along `axis`: of those beyond it the first or the last, as of what is no
    number."""
    # fmax prefers numbers to what is none.
    np.fmax(places, 0.0, out=out)
    np.minimum(out, grid.last[axis], out=out)
    if axis == 0 and grid.offsets is not None:
        out[:] = np.interp(out, grid.offsets, np.arange(len(grid.offsets), dtype=np.float64))


def imaged(grid: Grid, slices: Floats) -> NDArray[np.bool_] | None:
    """Which of the indices along the first axis don't lie between two slices where some are missing; None: all."""
    if grid.gaps is None:
        return None
    below = np.floor(slices)
    share = slices - below
    return ~grid.gaps[below.astype(np.intp)] | (share <= ROUNDING) | (share >= 1 - ROUNDING)
