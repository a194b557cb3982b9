"""Voxels of any lattice, sampled at the same places of the plane at many heights."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.indexing import grid_of
from apps.volumes.resampling.planes import Projection
from apps.volumes.resampling.projecting import projector, raw
from apps.volumes.resampling.sampling import rescaled, settle
from apps.volumes.resampling.trilinear import TILE, Trilinear

Floats = NDArray[np.float64]
Image = NDArray[np.float32]


def unrolled(voxels: Voxels, places: Floats, heights: Floats, projection: Projection) -> Image:
    """What `projection` makes of samples at `places` (samples, columns, 2) at each of `heights`: (heights, columns).

    Places and heights are millimetres of the patient. Samples where nothing was imaged don't count; `voxels.outside`
    where none was.
    """
    grid, trilinear = grid_of(voxels.lattice), Trilinear(voxels.values)
    projected = projector(raw(projection, voxels.slope), (len(heights), places.shape[1]))
    rises = np.multiply.outer(grid.matrix[:, 2], heights - grid.origin[2])
    for sample in places:
        begins = grid.matrix[:, :2] @ (sample - grid.origin[:2]).T
        for rows, columns in _tiles(len(heights), places.shape[1]):
            spots = rises[:, rows, None] + begins[:, None, columns]
            along = trilinear.places(spots[0].size)
            along[...] = spots.reshape(3, -1)
            inside = settle(grid, trilinear, along)
            values = trilinear.at(spots[0].size)
            mask = None if inside is None else inside.reshape(spots.shape[1:])
            projected.add((rows, columns), values.reshape(spots.shape[1:]), mask)
    values, found = projected.result()
    return np.where(found, rescaled(values, voxels), np.float32(voxels.outside))


def _tiles(rows: int, columns: int) -> Iterator[tuple[slice, slice]]:
    """Parts of an image of at most TILE pixels."""
    wide = min(columns, TILE)
    high = TILE // wide
    for top in range(0, rows, high):
        for left in range(0, columns, wide):
            yield slice(top, top + high), slice(left, left + wide)
