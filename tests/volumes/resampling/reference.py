"""What scipy makes of the same planes: the reference for what interpolates linearly."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.planes import Plane
from tests.volumes.phantoms import Points


def pixels(plane: Plane, depth: float = 0.0) -> Points:
    """`[rows, columns, 3]`: where the pixels of a plane lie in the patient, moved `depth` mm along its normal."""
    rows = np.multiply.outer(np.arange(plane.rows) * plane.row_spacing, plane.down)
    columns = np.multiply.outer(np.arange(plane.columns) * plane.column_spacing, plane.across)
    moved = np.asarray(plane.origin) + depth * np.cross(plane.across, plane.down)
    return np.asarray(moved + rows[:, None] + columns[None])


def places(lattice: Lattice, points: Points) -> Points:
    """`[3, …]`: the array indices of `points`, as the lattice's own words say; extrapolated beyond its ends."""
    beside = (points - np.asarray(lattice.origin)) @ lattice.inverse.T
    offsets, slices = np.asarray(lattice.offsets), np.arange(lattice.shape[0], dtype=float)
    k = np.interp(beside[..., 0], offsets, slices)
    k = k + np.minimum(beside[..., 0], 0) + np.maximum(beside[..., 0] - offsets[-1], 0)
    return np.stack([k, beside[..., 1] / lattice.row_spacing, beside[..., 2] / lattice.column_spacing])


def inside(lattice: Lattice, points: Points) -> NDArray[np.bool_]:
    """Which of `points` lie between the outermost voxels' centres; those on them, but for rounding, do."""
    last = np.reshape(np.array(lattice.shape) - 1, (3, *(1 for _ in points.shape[:-1])))
    found = places(lattice, points)
    return np.asarray(np.all((found >= -1e-7) & (found <= last + 1e-7), axis=0))


def interpolated(voxels: Voxels, points: Points) -> NDArray[np.float64]:
    """What scipy finds at `points`; beyond the volume, what is nearest."""
    taken = map_coordinates(
        voxels.values.astype(np.float64), places(voxels.lattice, points), order=1, mode="nearest", output=np.float64
    )
    return np.asarray(taken * voxels.slope + voxels.intercept)
