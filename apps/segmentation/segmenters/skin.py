"""The body as a whole: what tells the patient from table, head rest and air."""

from typing import Final

from apps.segmentation.segmenters.answers import Mask
from apps.segmentation.segmenters.grids import Coarse
from apps.segmentation.segmenters.shapes import of_numbers, on_sides, opened, pieces, within_planes

# HU of flesh and bone at least. Millimetres: half of what is too thin for a part of the body, such as tables and tubes.
FLESH: Final = -300.0
THIN: Final = 2.0


def body_of(image: Coarse, threshold: float = FLESH, share: float = 0.02) -> Mask:
    """The blocks of a CT below the skin: what is `threshold` (HU) or more, and the cavities in it.

    Pieces have at least `share` of the largest one's size.
    """
    numbers, sizes = pieces(opened(image.values >= threshold, THIN, image.spacing))
    return filled(of_numbers(numbers, sizes >= share * sizes.max(initial=1)), image.up)


def filled(body: Mask, up: int) -> Mask:
    """With all that is enclosed in planes across the body: lungs and bowels, open though they are at its ends."""
    numbers, _ = pieces(~body, within_planes(up))
    return ~of_numbers(numbers, on_sides(numbers, up))
