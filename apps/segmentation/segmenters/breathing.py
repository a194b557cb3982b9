"""Air in the patient: what is outside, what in the windpipe and its branches."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import SimpleITK
from numpy.typing import NDArray
from scipy import ndimage

from apps.segmentation.segmenters.answers import Mask
from apps.segmentation.segmenters.grids import Coarse
from apps.segmentation.segmenters.shapes import CORNERS, box_of, middle_of, of_numbers, on_sides, pieces, within_planes

# Of air outside the patient, HU: no lung is as thin as that throughout.
OUTSIDE: Final = -940.0
# Of the windpipe and the main bronchi in a plane across the body: mm², the share of the box about it, and how far along
# the body it can be followed, mm.
AREAS: Final = (40.0, 900.0)
ROUND: Final = 0.5
LONG: Final = 20.0
# The thresholds (HU) that the windpipe is followed down by, and how much more of it each may find: beyond, it leaks.
FIRST, LAST, STEP = -975.0, -700.0, 25.0
LEAK_SHARE, LEAK_ML = 1.5, 15.0
_SAMPLED: Final = 5


@dataclass(frozen=True, slots=True)
class Air:
    """Air in blocks: `inner` is within the patient, `airway` of it in the windpipe and its branches; `outside` is about
    the patient. `middle` is where between right and left the patient's middle is (a block's index)."""

    inner: Mask
    airway: Mask
    outside: Mask
    middle: float


def air_of(image: Coarse, threshold: float) -> Air:
    """The air in a CT (HU below `threshold`). What is outside is told in planes across the body: nose and mouth don't
    join it with the lungs."""
    air = image.values < threshold
    numbers, sizes = pieces(air, within_planes(image.up))
    outside = of_numbers(numbers, on_sides(numbers, image.up) & (_means(image, numbers, len(sizes)) < OUTSIDE))
    inner = air & ~outside
    middle = middle_of(~air & ~outside, image.sideways)
    seeds = _windpipe(image, inner, numbers, sizes, middle)
    return Air(inner, _followed(image, inner, seeds), outside, middle)


def _means(image: Coarse, numbers: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """The mean of each piece by a part of its blocks; 0 of those that have none in it."""
    sampled, values = (array.reshape(-1)[::_SAMPLED] for array in (numbers, image.values))
    sums = np.bincount(sampled, weights=values, minlength=count)
    return np.asarray(sums / np.maximum(np.bincount(sampled, minlength=count), 1))


def _windpipe(image: Coarse, inner: Mask, numbers: NDArray[np.int32], sizes: NDArray[np.int64], middle: float) -> Mask:
    """The longest upright tube of air near the patient's middle; nothing where there is none."""
    across = [step for axis, step in enumerate(image.spacing) if axis != image.up]
    areas = sizes * (across[0] * across[1])
    fitting = np.flatnonzero((areas >= AREAS[0]) & (areas <= AREAS[1]))
    renumbered = np.zeros(len(sizes), np.int32)
    renumbered[fitting] = np.arange(1, len(fitting) + 1)
    discs = renumbered[numbers]
    boxes = [_size(box) for box in ndimage.find_objects(discs)]
    is_round = np.append(False, sizes[fitting] >= ROUND * np.array(boxes, float))
    tubes, _ = pieces(is_round[discs] & inner, CORNERS)
    scores = [_score(image, box, middle) for box in ndimage.find_objects(tubes)]
    if not scores or max(scores) < 0:
        return np.zeros(inner.shape, bool)
    return np.asarray(tubes == int(np.argmax(scores)) + 1)


def _size(box: tuple[slice, ...]) -> int:
    return int(np.prod([part.stop - part.start for part in box]))


def _score(image: Coarse, box: tuple[slice, ...], middle: float) -> float:
    """How long a tube is, less how far off the middle, mm; negative for what is too short."""
    length = (box[image.up].stop - box[image.up].start) * image.spacing[image.up]
    side = box[image.sideways]
    away = abs((side.start + side.stop - 1) / 2 - middle) * image.spacing[image.sideways]
    return max(0.0, float(length - away)) if length >= LONG else -1.0


def _followed(image: Coarse, inner: Mask, seeds: Mask) -> Mask:
    """The windpipe with its branches, followed down until the next threshold would let it leak into the lung."""
    followed = seeds
    if not seeds.any():
        return followed
    box = box_of(inner)
    values = np.where(inner, image.values, np.float32(0))[box]
    picture = SimpleITK.GetImageFromArray(values)
    starts = [tuple(int(each) for each in place[::-1]) for place in np.argwhere(seeds[box])]
    for threshold in np.arange(FIRST, LAST + 1, STEP):
        grown = SimpleITK.GetArrayFromImage(
            SimpleITK.ConnectedThreshold(picture, starts, -4096.0, float(threshold), 1)
        ).view(bool)
        size = np.count_nonzero(grown | seeds[box])
        if size * image.block_ml > np.count_nonzero(followed) * image.block_ml * LEAK_SHARE + LEAK_ML:
            break
        followed = seeds.copy()
        followed[box] |= grown
    return followed
