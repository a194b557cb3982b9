"""Recommended Display CIELab Value (PS3.3 C.10.7.1.1): colours in the ICC profile connection space, of D50."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.segmentation.objects.segments import Colour

# sRGB (IEC 61966-2-1) to XYZ, adapted to D50 by Bradford's matrix, as its ICC profile says; and D50 itself.
_TO_XYZ: Final = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
_WHITE: Final = _TO_XYZ.sum(axis=1)
# CIE 15: below this share of the white the root becomes a line.
_EPSILON: Final = (6 / 29) ** 3
_KAPPA: Final = 841 / 108
_ENCODED: Final = 65535.0


def to_cielab(colour: Colour) -> list[int]:
    """RGB, 0 to 255 each, as three unsigned numbers of 16 bits: L* from 0 to 100, a* and b* from -128 to 127."""
    encoded = np.asarray(colour, np.float64) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    x, y, z = _root(_TO_XYZ @ linear / _WHITE)
    shares = np.array([1.16 * y - 0.16, (500 * (x - y) + 128) / 255, (200 * (y - z) + 128) / 255])
    return [int(each) for each in np.rint(np.clip(shares, 0, 1) * _ENCODED)]


def from_cielab(values: Sequence[float]) -> Colour:
    """The colour of three such numbers, as near as RGB has it. Raises ValueError for other than three."""
    lightness, a, b = (min(max(value, 0.0), _ENCODED) / _ENCODED for value in values)
    y = (lightness + 0.16) / 1.16
    roots = np.array([y + (a * 255 - 128) / 500, y, y - (b * 255 - 128) / 200])
    linear = np.clip(np.linalg.solve(_TO_XYZ, _power(roots) * _WHITE), 0, 1)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (int(each) for each in np.rint(encoded * 255))
    return red, green, blue


def _root(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(shares > _EPSILON, np.cbrt(shares), _KAPPA * shares + 4 / 29)


def _power(roots: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(roots > 6 / 29, roots**3, (roots - 4 / 29) / _KAPPA)
