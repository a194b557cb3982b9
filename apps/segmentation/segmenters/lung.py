"""Both lungs of a CT."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from apps.segmentation.segmenters.answers import Found, Mask, Tell
from apps.segmentation.segmenters.breathing import OUTSIDE, Air, air_of
from apps.segmentation.segmenters.grids import Coarse, below, coarse
from apps.segmentation.segmenters.refining import refined
from apps.segmentation.segmenters.shapes import Numbers, box_of, closed, dilated, eroded, middle_of, pieces
from apps.volumes.geometry.voxels import Voxels

LEFT, RIGHT = 1, 2
# Millimetres: of a block that lungs are looked for in, of the vessels that are filled in, and of the airways' walls.
BLOCK: Final = 1.5
VESSELS: Final = 5.0
WALL: Final = 1.5
# What joins two lungs is no thicker than this (mm), and the smaller one has this share of both at least.
JOINT: Final = 8
SHARE: Final = 0.15
_STEPS: Final = 4


def segment(voxels: Voxels, options: Mapping[str, Any], tell: Tell) -> Found:
    """Label the lungs, left 1 and right 2, of a CT in HU.

    Air that isn't outside, less the airways; its pieces from `smallest` mL on that aren't gas alone, to each side of
    the patient; joined ones are cut where they are thinnest. Vessels up to 10 mm are filled in.
    """
    image = coarse(voxels, BLOCK)
    tell(1, _STEPS)
    air = air_of(image, options["threshold"])
    tell(2, _STEPS)
    walls = dilated(air.airway, WALL, image.spacing)
    sides = _sides(image, air, air.inner & ~walls, options["smallest"])
    tell(3, _STEPS)
    labels = np.zeros(voxels.lattice.shape, np.uint8)
    for number, lung in _filled(sides, image, walls | air.outside):
        refined(lung, image, labels, number, lambda k: below(voxels, options["threshold"], k), walls)
    return Found(labels)


def _filled(sides: dict[int, Mask], image: Coarse, barred: Mask) -> Iterator[tuple[int, Mask]]:
    for number, lung in sides.items():
        others = [other for another, other in sides.items() if another != number]
        filled = closed(lung, VESSELS, image.spacing) & ~barred
        yield number, np.logical_and.reduce([filled, *(~other for other in others)])


def _sides(image: Coarse, air: Air, lungs: Mask, smallest: float) -> dict[int, Mask]:
    """The blocks of each side's lung."""
    numbers, sizes = pieces(lungs)
    wanted = sizes * image.block_ml >= max(smallest, image.block_ml)
    means = np.bincount(numbers[lungs], weights=image.values[lungs], minlength=len(sizes)) / np.maximum(sizes, 1)
    wanted &= means > OUTSIDE
    if not wanted.any():
        return {}
    places = _places(numbers, sizes, image)
    first = int(np.where(wanted, sizes, 0).argmax())
    halves = _halves(numbers == first, image, air.middle)
    found = {number: half.copy() for number, half in halves.items()}
    wanted[first] = False
    for number in np.flatnonzero(wanted):
        side = _side(places[number], image, air.middle)
        found[side] = found.get(side, np.zeros(lungs.shape, bool)) | (numbers == number)
    return found


def _places(numbers: Numbers, sizes: NDArray[np.int64], image: Coarse) -> NDArray[np.float64]:
    """Of each piece, where its middle lies between right and left (a block's index)."""
    shape = [1, 1, 1]
    shape[image.sideways] = -1
    there = numbers > 0
    across = np.broadcast_to(np.arange(numbers.shape[image.sideways]).reshape(shape), numbers.shape)
    return np.asarray(np.bincount(numbers[there], weights=across[there], minlength=len(sizes)) / np.maximum(sizes, 1))


def _side(place: float, image: Coarse, middle: float) -> int:
    return LEFT if (place - middle) * image.leftward > 0 else RIGHT


def _halves(lung: Mask, image: Coarse, middle: float) -> dict[int, Mask]:
    """The largest piece: one side's lung, or both where they come apart when it is shrunk."""
    box = box_of(lung)
    joined = lung[box]
    for radius in (0, *range(1, JOINT + 1, 2)):
        numbers, sizes = pieces(eroded(joined, radius, image.spacing) & joined)
        first, second = np.argsort(sizes)[::-1][:2] if len(sizes) > 2 else (0, 0)
        if sizes[second] > SHARE * sizes.sum():
            return _parted(lung, box, numbers, (int(first), int(second)), image)
    return {_side(middle_of(lung, image.sideways), image, middle): lung}


def _parted(
    lung: Mask, box: tuple[slice, slice, slice], numbers: Numbers, both: tuple[int, int], image: Coarse
) -> dict[int, Mask]:
    """Each block to the nearest of the two."""
    seeds = np.isin(numbers, both)
    nearest = ndimage.distance_transform_edt(~seeds, image.spacing, return_distances=False, return_indices=True)
    belongs = numbers[tuple(nearest)]
    places = [middle_of(numbers == number, image.sideways) * image.leftward for number in both]
    found = {}
    for number, place in zip(both, places, strict=True):
        half = np.zeros(lung.shape, bool)
        half[box] = lung[box] & (belongs == number)
        found[LEFT if place == max(places) else RIGHT] = half
    return found
