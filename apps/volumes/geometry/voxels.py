"""A volume in memory: an array, where it lies, and what its numbers mean."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice


@dataclass(frozen=True, slots=True)
class Voxels:
    """An array `[k, j, i]` (int16, or float32 where whole numbers can't say it), its lattice and its rescale.

    A voxel's value is `values * slope + intercept`, in `unit` (HU, else US: unspecified; PS3.3 C.11.1.1.2). `outside`
    is the value to show where nothing was imaged. `values` may be a read-only memory map.
    """

    values: NDArray[Any]
    lattice: Lattice
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = "US"
    outside: float = 0.0
