"""Where the voxels of a volume lie in the patient (PS3.3 C.7.6.2.1.1).

Slices are kept as they were made: where they are sheared against each other (a tilted gantry) or not evenly spaced, the
lattice says so, and whoever samples it goes by that. Nothing is resampled twice.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = tuple[float, float, float]
# Of a step: how far one may be from the median of all before they count as uneven; and how far in millimetres.
EVEN_SHARE: Final = 0.01
EVEN_MM: Final = 0.01


@dataclass(frozen=True)
class Lattice:
    """The centres of an array's voxels `[k, j, i]` (slice, row, column) in patient coordinates (LPS, millimetres).

    `origin` is the centre of voxel [0, 0, 0]. `along`, `down` and `across` are unit vectors: from slice to slice, from
    row to row (the second triple of Image Orientation), from column to column (the first). `along` need not be
    perpendicular to the other two. `offsets` are each slice's distance from the first one along `along`, ascending from
    0. `row_spacing` and `column_spacing` are the millimetres from row to row and from column to column. `gaps` are the
    k behind which slices are missing: between k and k + 1 nothing was imaged.
    """

    shape: tuple[int, int, int]
    origin: Vector
    along: Vector
    down: Vector
    across: Vector
    offsets: tuple[float, ...]
    row_spacing: float
    column_spacing: float
    gaps: tuple[int, ...] = ()

    @cached_property
    def slice_spacing(self) -> float:
        """The median millimetres from slice to slice, along `along`."""
        return float(np.median(np.diff(self.offsets)))

    @cached_property
    def is_even(self) -> bool:
        """Whether all steps from slice to slice are the same, within EVEN_SHARE and EVEN_MM."""
        steps = np.diff(self.offsets)
        return bool(np.all(np.abs(steps - self.slice_spacing) <= max(EVEN_SHARE * self.slice_spacing, EVEN_MM)))

    @cached_property
    def normal(self) -> Vector:
        """The unit vector perpendicular to the slices, `across` x `down`, turned so that it ascends with k."""
        normal = np.cross(self.across, self.down)
        turned = normal if normal @ np.asarray(self.along) >= 0 else -normal
        x, y, z = (turned / np.linalg.norm(turned)).tolist()
        return x, y, z

    @cached_property
    def is_sheared(self) -> bool:
        """Whether the slices step aside: more than 0.5 % of each step is across the normal (a tilted gantry)."""
        return float(np.linalg.norm(np.cross(self.along, self.normal))) > 0.005

    @cached_property
    def inverse(self) -> NDArray[np.float64]:
        """3x3: from patient millimetres beside the origin to (mm along, mm down, mm across)."""
        return np.asarray(np.linalg.inv(np.array([self.along, self.down, self.across]).T), dtype=np.float64)

    def point(self, k: float, j: float, i: float) -> Vector:
        """The patient coordinates of an array index, which may lie between voxels."""
        offset = float(np.interp(k, np.arange(len(self.offsets)), self.offsets))
        parts = zip(self.along, self.down, self.across, self.origin, strict=True)
        x, y, z = (o + offset * a + j * self.row_spacing * d + i * self.column_spacing * c for a, d, c, o in parts)
        return x, y, z

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """8x3: the patient coordinates of the outermost voxels' centres."""
        slices, rows, columns = self.shape
        ends = [(k, j, i) for k in (0, slices - 1) for j in (0, rows - 1) for i in (0, columns - 1)]
        return np.array([self.point(*end) for end in ends])
