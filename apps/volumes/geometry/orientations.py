"""Image Orientation (PS3.3 C.7.6.2.1.1): two unit vectors at right angles, as exact as they were meant."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Vector

# Of unit length and of a right angle: what three decimals lose. More is no rounding, and no orientation.
TOLERANCE: Final = 0.002
# Along the patient's axes but for that: exactly so (a thousandth of a millimetre over a metre).
_SNAP: Final = 1e-6


@lru_cache(maxsize=256)
def orientation_of(cosines: tuple[float, ...]) -> tuple[Vector, Vector] | None:
    """The vectors (across, down) of Image Orientation's six numbers, orthonormal; None where they are none."""
    if len(cosines) != 6 or max(map(abs, cosines)) > 1 + TOLERANCE:
        return None
    across, down = np.array(cosines[:3]), np.array(cosines[3:])
    lengths = np.hypot.reduce(across), np.hypot.reduce(down)
    if max(abs(length - 1) for length in lengths) > TOLERANCE or abs(across @ down) > TOLERANCE:
        return None
    return orthonormal(across, down)


def orthonormal(across: NDArray[np.float64], down: NDArray[np.float64]) -> tuple[Vector, Vector]:
    """The two as unit vectors at right angles, `across` keeping its direction."""
    across, down = _unit(_snapped(across)), _snapped(down)
    return vector(across), vector(down - (down @ across) * across)


def vector(direction: NDArray[np.float64]) -> Vector:
    """A direction of any length as a unit vector, exactly along an axis where it is meant to be."""
    x, y, z = (_snapped(_unit(direction)) + 0.0).tolist()
    return x, y, z


def _snapped(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    nearest = np.rint(vector)
    return np.where(np.abs(vector - nearest) <= _SNAP, nearest, vector)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vector / np.linalg.norm(vector)
    return unit
