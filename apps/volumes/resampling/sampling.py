"""Values at any points of the patient."""

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.indexing import Floats, Grid, grid_of, imaged, indices, within
from apps.volumes.resampling.trilinear import TILE, Trilinear


def sample(voxels: Voxels, points: NDArray[np.floating]) -> NDArray[np.float32]:
    """The values (in `voxels.unit`) at `points` `[..., 3]` in patient coordinates (LPS, mm), trilinear: `[...]`.

    `voxels.outside` beyond the centres of the outermost voxels, between slices where some are missing, and at points
    that aren't numbers. Raises ValueError unless the last side of `points` is 3.
    """
    if points.shape[-1:] != (3,):
        raise ValueError("A point has three coordinates.")
    grid, trilinear = grid_of(voxels.lattice), Trilinear(voxels.values)
    flat = points.reshape(-1, 3)
    values = np.empty(len(flat), np.float32)
    for begin in range(0, len(flat), TILE):
        part = slice(begin, begin + TILE)
        values[part] = _sampled(voxels, grid, trilinear, flat[part])
    return values.reshape(points.shape[:-1])


def _sampled(voxels: Voxels, grid: Grid, trilinear: Trilinear, points: NDArray[np.floating]) -> NDArray[np.float32]:
    places = trilinear.places(len(points))
    _locate(grid, points, places)
    inside = settle(grid, trilinear, places)
    values = rescaled(trilinear.at(len(points)), voxels)
    return values if inside is None else np.where(inside, values, np.float32(voxels.outside))


def _locate(grid: Grid, points: NDArray[np.floating], places: Floats) -> None:
    """Write the coordinates `[3, n]` of points `[n, 3]` into `places`; by hand, as BLAS would start threads for it."""
    x, y, z = np.subtract(points.T, grid.origin[:, None], order="C")
    with np.errstate(invalid="ignore"):  # points that aren't numbers
        for axis, (by_x, by_y, by_z) in enumerate(grid.matrix.tolist()):
            np.multiply(x, by_x, out=places[axis])
            places[axis] += y * by_y
            places[axis] += z * by_z


def settle(grid: Grid, trilinear: Trilinear, places: Floats) -> NDArray[np.bool_] | None:
    """Turn coordinates `[3, n]` into indices that `trilinear` takes, in place; which were imaged; None: all.

    Those elsewhere become some of the outermost voxels'.
    """
    inside = within(grid, 0, places[0]) & within(grid, 1, places[1]) & within(grid, 2, places[2])
    seen = clamp(grid, trilinear, places)
    inside = inside if seen is None else inside & seen
    return None if inside.all() else inside


def clamp(grid: Grid, trilinear: Trilinear, places: Floats) -> NDArray[np.bool_] | None:
    """As `settle`, of coordinates that are known to be within or don't matter: those not in a gap; None: all."""
    for axis, along in enumerate(places):
        indices(grid, axis, along, out=along)
        np.minimum(along, trilinear.last[axis], out=along)
    return imaged(grid, places[0])


def rescaled(values: NDArray[np.float32], voxels: Voxels) -> NDArray[np.float32]:
    """What the array's numbers mean: `values`, changed in place."""
    if voxels.slope != 1.0:
        np.multiply(values, np.float32(voxels.slope), out=values)
    if voxels.intercept != 0.0:
        np.add(values, np.float32(voxels.intercept), out=values)
    return values
