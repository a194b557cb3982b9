"""Where through a slab samples are taken."""

from typing import Final

import numpy as np

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.resampling.indexing import ROUNDING, Floats, Grid, Walk
from apps.volumes.resampling.planes import Plane, Slab

NONE: Final = np.zeros(0)


def step_through(lattice: Lattice, grid: Grid, walk: Walk) -> float:
    """Millimetres between samples along the plane's normal: from voxel to voxel where it is one of the array's axes and
    the voxels are even along it, else the smallest of the voxels' spacings."""
    axis = int(np.argmax(np.abs(walk.normal)))
    if np.max(np.abs(np.delete(walk.normal, axis))) <= ROUNDING and (axis or grid.offsets is None):
        return 1.0 / abs(float(walk.normal[axis]))
    return min(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)


def depths(lattice: Lattice, plane: Plane, slab: Slab, step: float) -> Floats:
    """The samples' places along the plane's normal, in millimetres: the plane's own and whole steps to both sides, as
    far as the slab and the volume go; none where the volume is not in the slab."""
    normal = np.cross(plane.across, plane.down)
    reach = (lattice.corners - np.asarray(plane.origin)) @ normal
    half = np.floor(slab.thickness / 2 / step + ROUNDING)
    first, last = max(-half, np.floor(reach.min() / step)), min(half, np.ceil(reach.max() / step))
    return np.arange(first, last + 1) * step if first <= last else NONE
