"""Bones as wholes: their hard shells and what these enclose."""

from typing import Final

import numpy as np

from apps.segmentation.segmenters.answers import Mask
from apps.segmentation.segmenters.grids import Coarse
from apps.segmentation.segmenters.shapes import closed, dilated, of_numbers, on_sides, pieces, within_planes

# Millimetres of a break in a shell; mL of the smallest bone; mm² of the largest marrow in a plane across the body.
BREAK: Final = 3.0
SMALLEST: Final = 0.3
MARROW: Final = 1500.0


def hard_parts(image: Coarse, threshold: float) -> Mask:
    """The blocks of bones: shells of `threshold` (HU) or more, what they enclose, and a block around.

    Calcified walls of vessels are smaller, and the inside of the skull is larger than what counts.
    """
    numbers, sizes = pieces(closed(image.values >= threshold, BREAK, image.spacing))
    shells = of_numbers(numbers, sizes * image.block_ml >= SMALLEST)
    numbers, sizes = pieces(~shells, within_planes(image.up))
    across = np.prod([step for axis, step in enumerate(image.spacing) if axis != image.up])
    enclosed = ~on_sides(numbers, image.up) & (sizes * across <= MARROW)
    return dilated(shells | of_numbers(numbers, enclosed), max(image.spacing), image.spacing)
