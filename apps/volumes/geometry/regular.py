"""A volume with its slices straight behind each other and evenly spaced, for what can't go by a lattice."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.orientations import vector
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.planes import Plane
from apps.volumes.resampling.reformatting import reformat

# Of what is resampled: 2 GiB of float32.
MOST_VOXELS: Final = 512 * 1024 * 1024
# Of a step: what rounding makes an extent shorter.
_ROUNDED: Final = 1e-6

Floats = NDArray[np.float64]


def regular(voxels: Voxels, *, spacing: float | None = None) -> Voxels:
    """The volume on an orthogonal, evenly spaced lattice along its own axes: itself where it lies so already.

    `spacing` are the millimetres between voxels in all three directions; without it each direction keeps its own (from
    slice to slice: the median, along the normal). What is resampled (trilinear) covers all that was imaged, by whole
    steps; it holds the values themselves as float32, `voxels.outside` where nothing was imaged, and says in `gaps`
    where slices are missing.
    Raises ValueError for a spacing that isn't positive, or too small for MOST_VOXELS.
    """
    lattice = voxels.lattice
    if spacing is None and lattice.is_even and not lattice.is_sheared:
        return voxels
    if spacing is not None and not spacing > 0:
        raise ValueError("A spacing is more than 0 mm.")
    target = _target(lattice, _steps(lattice) if spacing is None else np.full(3, spacing))
    values = np.empty(target.shape, dtype=np.float32)
    for k in range(target.shape[0]):
        values[k] = reformat(voxels, _plane(target, k))
    return Voxels(values, target, unit=voxels.unit, outside=voxels.outside)


def _axes(lattice: Lattice) -> Floats:
    """3 by 3: the unit vectors normal, down, across."""
    return np.array([lattice.normal, lattice.down, lattice.across])


def _steps(lattice: Lattice) -> Floats:
    straight = float(np.dot(lattice.along, lattice.normal))
    return np.array([lattice.slice_spacing * straight, lattice.row_spacing, lattice.column_spacing])


def _target(lattice: Lattice, steps: Floats) -> Lattice:
    axes = _axes(lattice)
    corners = lattice.corners @ axes.T
    low, extent = corners.min(axis=0), np.ptp(corners, axis=0)
    sizes = np.floor(extent / steps + _ROUNDED) + 1
    sizes[0] = max(sizes[0], 2)
    if not (sizes.max() <= MOST_VOXELS and sizes.prod() <= MOST_VOXELS):
        raise ValueError("That many voxels are too many.")
    slices, rows, columns = sizes.astype(int).tolist()
    x, y, z = (low @ axes).tolist()
    return Lattice(
        shape=(slices, rows, columns),
        origin=(x, y, z),
        along=vector(axes[0]),
        down=lattice.down,
        across=lattice.across,
        offsets=tuple((np.arange(slices) * steps[0]).tolist()),
        row_spacing=float(steps[1]),
        column_spacing=float(steps[2]),
        gaps=_gaps(lattice, slices, float(steps[0])),
    )


def _gaps(lattice: Lattice, slices: int, step: float) -> tuple[int, ...]:
    """Behind which of the new slices there is a part of a gap."""
    heights = np.array(lattice.offsets) * float(np.dot(lattice.along, lattice.normal))
    found = set[int]()
    for k in lattice.gaps:
        first, last = np.floor(heights[k] / step + _ROUNDED), np.ceil(heights[k + 1] / step - _ROUNDED)
        found.update(range(int(first), min(int(last), slices - 1)))
    return tuple(sorted(found))


def _plane(lattice: Lattice, k: int) -> Plane:
    return Plane(
        origin=lattice.point(k, 0, 0),
        across=lattice.across,
        down=lattice.down,
        row_spacing=lattice.row_spacing,
        column_spacing=lattice.column_spacing,
        rows=lattice.shape[1],
        columns=lattice.shape[2],
    )
