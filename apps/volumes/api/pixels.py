"""Which pixels an image has where nobody says: the finest that a volume warrants, and square ones in pictures."""

from typing import Final

from apps.volumes.api.parameters import MOST_SIDE, SPACINGS
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.resampling.planes import Plane

# Of a spacing: pixels that are nearer to square are square.
TOLERANCE: Final = 1e-3


def finest(lattice: Lattice) -> float:
    """The millimetres between the voxels that are nearest to each other, within what may be asked for."""
    closest = min(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    return min(max(closest, SPACINGS[0]), SPACINGS[1])


def square_spacing(plane: Plane) -> float | None:
    """The spacing with which a picture shows a plane whose pixels are oblong; None where they are square already.

    It is their finer one, as far as a picture has that many pixels.
    """
    low, high = sorted((plane.row_spacing, plane.column_spacing))
    if high - low <= TOLERANCE * low:
        return None
    longest = max((plane.rows - 1) * plane.row_spacing, (plane.columns - 1) * plane.column_spacing)
    return max(low, longest / (MOST_SIDE - 1))
