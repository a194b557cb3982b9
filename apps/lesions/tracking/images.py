"""Volumes as SimpleITK registers them: straight, evenly spaced, and coarse."""

from typing import Any, Final

import numpy as np

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.regular import regular
from apps.volumes.geometry.voxels import Voxels

# What a rigid motion is found by: more voxels make it slower, and hardly better.
MOST_VOXELS: Final = 1_500_000
FINEST_MM: Final = 2.0
# Beyond these a CT shows metal and air, which say little of how a body lies.
LOWEST_HU, HIGHEST_HU = -1000.0, 1000.0
HU: Final = "HU"


def coarse(voxels: Voxels, finest: float = FINEST_MM) -> Voxels:
    """The volume on an even lattice of the same millimetres each way: at least `finest`, never finer than its own, and
    so many that it has at most MOST_VOXELS: of a scan of 512 by 512 pixels a quarter each way. Averaged first, so that
    nothing falls between the new voxels."""
    spacing = max(finest, _own(voxels.lattice), _for_size(voxels.lattice))
    return regular(_averaged(voxels, spacing), spacing=spacing)


def image_of(voxels: Voxels) -> Any:
    """A SimpleITK image (float32, clipped where the unit is HU) of an even, straight volume; LPS as DICOM's."""
    import SimpleITK

    lattice = voxels.lattice
    values = np.asarray(voxels.values, np.float32) * np.float32(voxels.slope) + np.float32(voxels.intercept)
    image = SimpleITK.GetImageFromArray(np.clip(values, LOWEST_HU, HIGHEST_HU) if voxels.unit == HU else values)
    image.SetOrigin(lattice.origin)
    image.SetSpacing((lattice.column_spacing, lattice.row_spacing, lattice.slice_spacing))
    axes = np.array([lattice.across, lattice.down, lattice.along]).T
    image.SetDirection(axes.ravel().tolist())
    return image


def _own(lattice: Lattice) -> float:
    return min(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)


def _for_size(lattice: Lattice) -> float:
    _, rows, columns = lattice.shape
    extent = (lattice.offsets[-1] or 1) * (rows * lattice.row_spacing) * (columns * lattice.column_spacing)
    return float(np.cbrt(extent / MOST_VOXELS))


def _averaged(voxels: Voxels, spacing: float) -> Voxels:
    """Means over as many rows and columns as fit into the new spacing; slices, often thick already, stay."""
    lattice = voxels.lattice
    down, across = (max(1, int(spacing / each)) for each in (lattice.row_spacing, lattice.column_spacing))
    if down == across == 1:
        return voxels
    slices, rows, columns = lattice.shape[0], lattice.shape[1] // down, lattice.shape[2] // across
    values = np.empty((slices, rows, columns), np.float32)
    for k in range(slices):
        whole = voxels.values[k, : rows * down, : columns * across].reshape(rows, down, columns, across)
        values[k] = whole.mean(axis=(1, 3), dtype=np.float32)
    laid = Lattice(
        shape=values.shape,
        origin=lattice.point(0, (down - 1) / 2, (across - 1) / 2),
        along=lattice.along,
        down=lattice.down,
        across=lattice.across,
        offsets=lattice.offsets,
        row_spacing=lattice.row_spacing * down,
        column_spacing=lattice.column_spacing * across,
        gaps=lattice.gaps,
    )
    return Voxels(values, laid, voxels.slope, voxels.intercept, voxels.unit, voxels.outside)
