"""Bone of a CT, by its density."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.segmentation.segmenters.answers import Found, Tell
from apps.segmentation.segmenters.grids import below, coarse, count_of, spacing_of
from apps.segmentation.segmenters.shapes import Numbers, of_numbers, pieces
from apps.segmentation.segmenters.skin import body_of
from apps.volumes.geometry.voxels import Voxels

BONE: Final = 1
# Millimetres of a block in which the body is told from the table.
BLOCK: Final = 1.5
# Of a piece, what lies in the body at least.
WITHIN: Final = 0.5
_STEPS: Final = 3


def segment(voxels: Voxels, options: Mapping[str, Any], tell: Tell) -> Found:
    """Label bone, 1, of a CT in HU: pieces at or above `threshold`, of `smallest` mL, that reach `hard` somewhere and
    lie in the body."""
    image = coarse(voxels, BLOCK)
    body = body_of(image)
    tell(1, _STEPS)
    numbers, sizes = pieces(~below(voxels, options["threshold"]))
    tell(2, _STEPS)
    wanted = sizes * float(np.prod(spacing_of(voxels.lattice))) / 1000 >= options["smallest"]
    wanted &= _reaching(numbers, len(sizes), voxels, options["hard"])
    wanted &= count_of(numbers, len(sizes), body, image.factors) >= WITHIN * sizes
    return Found(of_numbers(numbers, wanted).view(np.uint8) * np.uint8(BONE))


def _reaching(numbers: Numbers, count: int, voxels: Voxels, value: float) -> NDArray[np.bool_]:
    found = np.zeros(count, bool)
    found[np.unique(numbers[~below(voxels, value)])] = True
    return found
