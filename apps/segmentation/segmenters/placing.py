"""Between the indices of voxels and where they lie in the patient."""

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice

Points = NDArray[np.float64]
Indices = NDArray[np.intp]


def points_at(lattice: Lattice, indices: NDArray[np.floating] | Indices) -> Points:
    """[n, 3]: where indices [n, 3] (slice, row, column; also between voxels) lie in the patient (mm, LPS)."""
    k, j, i = np.asarray(indices, float).T
    along = np.interp(k, np.arange(lattice.shape[0]), lattice.offsets)
    steps = np.stack([along, j * lattice.row_spacing, i * lattice.column_spacing], axis=1)
    return np.asarray(np.asarray(lattice.origin) + steps @ np.array([lattice.along, lattice.down, lattice.across]))


def indices_of(lattice: Lattice, points: Points) -> Indices:
    """[m, 3]: the voxels (slice, row, column) nearest to points [n, 3] of the patient (mm, LPS), without those beyond
    the array."""
    along, down, across = ((points - lattice.origin) @ lattice.inverse.T).T
    slices, rows, columns = lattice.shape
    k = np.interp(along, lattice.offsets, np.arange(slices), left=-1, right=-1)
    found = np.rint(np.stack([k, down / lattice.row_spacing, across / lattice.column_spacing], axis=1)).astype(np.intp)
    inside = ((found >= 0) & (found < (slices, rows, columns))).all(axis=1)
    return np.asarray(found[inside])
