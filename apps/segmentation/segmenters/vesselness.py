"""Where an image looks like a bright tube: by the curvatures of its grey values (their Hessian's eigenvalues).

After Sato et al., Three-dimensional multi-scale line filter, Medical Image Analysis 1998;2:143-168, but worked out only
where it is asked for.
"""

from itertools import combinations_with_replacement
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
# Where a Gaussian ends, in its standard deviations.
_TRUNCATE: Final = 2.5
_PAIRS: Final = tuple(combinations_with_replacement(range(3), 2))


def tubeness(values: Floats, places: Indices, scale: float, spacing: tuple[float, float, float]) -> Floats:
    """How much like a tube of about `scale` mm times 1.4 in radius the image is at `places` [3, n] (indices, none at
    the array's border): 0 where it isn't, else about a third of what the tube is brighter than what is around it.
    """
    smooth = ndimage.gaussian_filter(values, [scale / step for step in spacing], truncate=_TRUNCATE, mode="nearest")
    flat, strides = smooth.reshape(-1), _strides(smooth.shape)
    at = np.ravel_multi_index(tuple(places), smooth.shape)
    second = [_second(flat, at, strides, spacing, pair) for pair in _PAIRS]
    least, middle, most = _eigenvalues(*second)
    # Both across are bent down alike, and along it is straight.
    is_tube = (middle < 0) & (middle <= 0.5 * least) & (np.abs(most) <= 0.5 * np.abs(middle))
    strength = np.sqrt(np.maximum(least * middle, 0)) * np.float32(scale * scale)
    return np.where(is_tube, strength, np.float32(0))


def _strides(shape: tuple[int, ...]) -> tuple[int, int, int]:
    return shape[1] * shape[2], shape[2], 1


def _second(
    flat: Floats, at: Indices, strides: tuple[int, int, int], spacing: tuple[float, float, float], pair: tuple[int, int]
) -> Floats:
    """The second derivative along two axes, by differences between neighbours, in mm^-2."""
    one, other = (strides[axis] for axis in pair)
    scale = np.float32(1 / (spacing[pair[0]] * spacing[pair[1]]))
    if one == other:
        return np.asarray((flat[at + one] + flat[at - one] - 2 * flat[at]) * scale)
    crossed = flat[at + one + other] + flat[at - one - other] - flat[at + one - other] - flat[at - one + other]
    return np.asarray(crossed * (scale / 4))


def _eigenvalues(
    kk: Floats, kj: Floats, ki: Floats, jj: Floats, ji: Floats, ii: Floats
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Those of symmetric 3 x 3 matrices, ascending (Smith, Communications of the ACM 1961;4:168)."""
    mean = (kk + jj + ii) / 3
    a, b, c = kk - mean, jj - mean, ii - mean
    size = np.sqrt((a * a + b * b + c * c + 2 * (kj * kj + ki * ki + ji * ji)) / 6)
    determinant = a * (b * c - ji * ji) - kj * (kj * c - ji * ki) + ki * (kj * ji - b * ki)
    angle = np.arccos(np.clip(determinant / np.maximum(2 * size**3, 1e-20), -1, 1)) / 3
    most = mean + 2 * size * np.cos(angle)
    least = mean + 2 * size * np.cos(angle + 2 * np.pi / 3)
    return least, 3 * mean - most - least, most
