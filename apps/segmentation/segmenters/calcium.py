"""What may be calcified plaque in a CT without contrast agent: bright pieces, for a person to say which are."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from apps.segmentation.segmenters.answers import Found, Mask, Tell
from apps.segmentation.segmenters.grids import below, spacing_of
from apps.segmentation.segmenters.shapes import CORNERS, of_numbers, pieces
from apps.volumes.geometry.voxels import Voxels

CANDIDATE: Final = 1
_STEPS: Final = 3


def in_slices() -> Mask:
    """The eight neighbours of a voxel within its slice."""
    structure: Mask = CORNERS.copy()
    structure[[0, 2]] = False
    return structure


def segment(voxels: Voxels, options: Mapping[str, Any], tell: Tell) -> Found:
    """Label, 1, pieces of a CT in HU as Agatston's score counts them: `threshold` or more (130), in each slice
    connected across edges and corners over `area` mm² or more; pieces above `largest` mL are bone and left out.
    """
    slices, rows, columns = spacing_of(voxels.lattice)
    numbers, sizes = pieces(~below(voxels, options["threshold"]), in_slices())
    tell(1, _STEPS)
    wide = of_numbers(numbers, sizes * rows * columns >= options["area"])
    numbers, sizes = pieces(wide, CORNERS)
    tell(2, _STEPS)
    small = sizes * (slices * rows * columns) / 1000 <= options["largest"]
    return Found(of_numbers(numbers, small).view(np.uint8) * np.uint8(CANDIDATE), {"pieces": int(small[1:].sum())})
