"""Vessels full of contrast agent in a CT: found where it looks like tubes in few large voxels, grown in all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.segmenters.answers import Found, Mask, Tell
from apps.segmentation.segmenters.grids import Coarse, Floats, below, coarse, count_of, means, slice_of, spacing_of
from apps.segmentation.segmenters.hardness import hard_parts
from apps.segmentation.segmenters.placing import Indices, Points, indices_of, points_at
from apps.segmentation.segmenters.shapes import Numbers, Spacing, dilated, of_numbers, pieces
from apps.segmentation.segmenters.skin import body_of
from apps.segmentation.segmenters.vesselness import tubeness
from apps.volumes.geometry.regular import regular
from apps.volumes.geometry.voxels import Voxels

VESSEL: Final = 1
# A block is as long as so many of the volume's smallest spacing.
BLOCK: Final = 2.0
# Of tubes that are looked for: how often the image is halved, and the scales then, in blocks.
SCALES: Final = ((1.0, 1.7), (1.4, 2.2), (1.8,))
# HU: what is looked at, what soft tissue lies within, and what vessels are brighter by than that.
LOOKED_AT: Final = 120.0
SOFT: Final = (-150.0, 110.0)
CONTRAST: Final = 80.0
# What `tubeness` tells at least of the contrast of a tube.
TOLD: Final = 0.2
# Of what flows in a vessel: its level among the seeds', many of which lie at its border, in percent.
LEVEL: Final = 75
# Millimetres about a point that was given in which a vessel is looked for, and its level among what is there.
NEAR: Final = 2.0
NEAR_LEVEL: Final = 95
# How many of its voxels are next to bone where a piece is bone itself.
BONY: Final = 0.4
_STEPS: Final = 5


@dataclass(frozen=True, slots=True)
class _Levels:
    """HU of what flows in the vessels, and of what lies around them."""

    lumen: float
    around: float

    @property
    def border(self) -> float:
        """Half way."""
        return (self.lumen + self.around) / 2


def segment(voxels: Voxels, options: Mapping[str, Any], tell: Tell) -> Found:
    """Label vessels with contrast agent, 1, of a CT in HU.

    Seeds are where blocks of twice the smallest spacing look like tubes. From them grows what is connected, has
    `threshold` or more (by default half way between the vessels' level and that around them), and isn't within bone (a
    shell of `bone` HU or more); in pieces from `smallest` mL on. With `seeds`, points of the patient (mm, LPS), only
    the pieces at these. Raises Unanswerable where nothing stands out, and where no vessel is at the points.
    """
    image = coarse(voxels, BLOCK * min(spacing_of(voxels.lattice)))
    barred = hard_parts(image, options["bone"]) | ~body_of(image)
    tell(1, _STEPS)
    points = np.array(options["seeds"], float).reshape(-1, 3)
    seeds = _near(voxels, points) if len(points) else _seeds(voxels, image, barred)
    tell(2, _STEPS)
    levels = _levels(voxels, image, seeds, NEAR_LEVEL if len(points) else LEVEL)
    if levels.lumen - levels.around < CONTRAST:
        raise Unanswerable("no-seed" if len(points) else "no-contrast")
    threshold = levels.border if options["threshold"] is None else options["threshold"]
    numbers, sizes = pieces(_bright(voxels, threshold, barred, image))
    tell(3, _STEPS)
    wanted = np.bincount(numbers[tuple(seeds.T)], minlength=len(sizes)) > 0
    if not len(points):
        wanted &= ~_bony(numbers, sizes, barred, image)
    tell(4, _STEPS)
    wanted &= sizes * float(np.prod(spacing_of(voxels.lattice))) / 1000 >= options["smallest"]
    told = {"threshold": round(threshold, 1), "lumen": round(levels.lumen, 1), "around": round(levels.around, 1)}
    return Found(of_numbers(numbers, wanted).view(np.uint8) * np.uint8(VESSEL), told)


# Seeds ----------------------------------------------------------------------------------------------------------------


def _seeds(voxels: Voxels, image: Coarse, barred: Mask) -> Indices:
    """[n, 3]: voxels of the volume in what looks like tubes, none of them barred."""
    even = regular(voxels)
    straight = image if even is voxels else coarse(even, BLOCK * min(spacing_of(voxels.lattice)))
    middles = (_tubes(straight) + 0.5) * straight.factors - 0.5
    seeds = indices_of(voxels.lattice, points_at(even.lattice, middles))
    return np.asarray(seeds[~barred[tuple((seeds // image.factors).T)]])


def _tubes(image: Coarse) -> Points:
    """[n, 3]: the blocks that look like tubes (indices; of tubes that are found in larger blocks, between blocks)."""
    found = []
    values, factor = image.values, 1
    for scales in SCALES:
        spacing = (image.spacing[0] * factor, image.spacing[1] * factor, image.spacing[2] * factor)
        found.append((_tubes_of(values, scales, spacing) + 0.5) * factor - 0.5)
        if min(values.shape) < 8:
            break
        values, factor = means(values, (2, 2, 2)), factor * 2
    return np.concatenate(found)


def _tubes_of(values: Floats, scales: tuple[float, ...], spacing: Spacing) -> Indices:
    looked_at = values >= LOOKED_AT
    for axis in range(3):
        ends = np.moveaxis(looked_at, axis, 0)
        ends[0] = ends[-1] = False
    places = np.argwhere(looked_at)
    strength = np.zeros(len(places), np.float32)
    for scale in scales if len(places) else ():
        np.maximum(strength, tubeness(values, places.T, scale * min(spacing), spacing), out=strength)
    return np.asarray(places[strength >= TOLD * CONTRAST])


def _near(voxels: Voxels, points: Points) -> Indices:
    """[n, 3]: the voxels about points of the patient."""
    reach = [max(1, round(NEAR / step)) for step in spacing_of(voxels.lattice)]
    about = np.stack(np.meshgrid(*(np.arange(-far, far + 1) for far in reach)), axis=-1).reshape(-1, 3)
    found = (indices_of(voxels.lattice, points)[:, None] + about).reshape(-1, 3)
    return np.asarray(found[((found >= 0) & (found < voxels.lattice.shape)).all(axis=1)])


def _levels(voxels: Voxels, image: Coarse, seeds: Indices, level: float) -> _Levels:
    soft = image.values[(image.values > SOFT[0]) & (image.values < SOFT[1])]
    around = float(np.median(soft)) if len(soft) else 0.0
    values = voxels.values[tuple(seeds.T)] * voxels.slope + voxels.intercept
    return _Levels(float(np.percentile(values, level)) if len(values) else around, around)


# Growing --------------------------------------------------------------------------------------------------------------


def _bright(voxels: Voxels, threshold: float, barred: Mask, image: Coarse) -> Mask:
    """All voxels from the threshold on but those that are barred."""
    bright = ~below(voxels, threshold)
    for k in range(len(bright)):
        bright[k] &= ~slice_of(barred, image.factors, bright.shape, k)
    return bright


def _bony(numbers: Numbers, sizes: NDArray[np.int64], barred: Mask, image: Coarse) -> NDArray[np.bool_]:
    """Of each piece whether it is what the removal of bone has left."""
    around = dilated(barred, max(image.spacing), image.spacing)
    return np.asarray(count_of(numbers, len(sizes), around, image.factors) >= BONY * np.maximum(sizes, 1))
