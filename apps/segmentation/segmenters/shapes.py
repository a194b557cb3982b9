"""Masks grown, shrunk and taken apart, with millimetres for what people think of in millimetres."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from apps.segmentation.segmenters.answers import Mask

Spacing = tuple[float, float, float]
Numbers = NDArray[np.int32]
# Faces joined, and also edges and corners.
FACES: Final = ndimage.generate_binary_structure(3, 1)
CORNERS: Final = ndimage.generate_binary_structure(3, 3)


def within_planes(up: int) -> Mask:
    """The neighbours of a voxel across its faces, but none along the axis `up`."""
    structure: Mask = FACES.copy()
    for end in (0, 2):
        structure[(slice(None),) * up + (end,)] = False
    return structure


def pieces(mask: Mask, structure: Mask = FACES) -> tuple[Numbers, NDArray[np.int64]]:
    """The connected pieces of a mask: each voxel's number, 0 outside, and of each number from 1 how many it has."""
    numbers, count = ndimage.label(mask, structure)
    return numbers, np.bincount(numbers[mask], minlength=count + 1)


def of_numbers(numbers: Numbers, wanted: NDArray[np.bool_]) -> Mask:
    """The voxels whose number is wanted; number 0, what is in no piece, never is."""
    chosen = wanted.copy()
    chosen[0] = False
    return np.asarray(chosen[numbers])


def largest(mask: Mask, structure: Mask = FACES) -> Mask:
    """The largest piece; nothing where there is none."""
    numbers, sizes = pieces(mask, structure)
    wanted = np.zeros(len(sizes), bool)
    wanted[sizes.argmax()] = sizes.any()
    return of_numbers(numbers, wanted)


def on_sides(numbers: Numbers, up: int) -> NDArray[np.bool_]:
    """Of each number whether it has voxels on the array's outermost faces, without the two across the axis `up`."""
    found = np.zeros(int(numbers.max()) + 1, bool)
    for axis in {0, 1, 2} - {up}:
        for end in (0, -1):
            found[np.unique(np.take(numbers, end, axis=axis))] = True
    return found


def middle_of(mask: Mask, axis: int) -> float:
    """The mean index along an axis of what is in a mask; 0 where nothing is."""
    counts = np.count_nonzero(mask, axis=tuple({0, 1, 2} - {axis}))
    return float(counts @ np.arange(len(counts)) / max(1, counts.sum()))


def box_of(mask: Mask, margin: tuple[int, int, int] = (0, 0, 0)) -> tuple[slice, slice, slice]:
    """The box about what is in a mask, with a margin in voxels; an empty one where nothing is."""
    found = []
    for axis in range(3):
        there = np.flatnonzero(mask.any(axis=tuple({0, 1, 2} - {axis})))
        begin, end = (int(there[0]), int(there[-1]) + 1) if len(there) else (0, 0)
        found.append(slice(max(0, begin - margin[axis]), min(mask.shape[axis], end + margin[axis])))
    slices, rows, columns = found
    return slices, rows, columns


def dilated(mask: Mask, radius: float, spacing: Spacing) -> Mask:
    """The mask with all that lies within about `radius` mm of it; half a voxel or less does nothing."""
    steps = _steps(radius, spacing)
    box = box_of(mask, steps)
    result = np.zeros(mask.shape, bool)
    result[box] = _dilated(mask[box], steps)
    return result


def eroded(mask: Mask, radius: float, spacing: Spacing) -> Mask:
    """What lies more than about `radius` mm below the surface; what is beyond the array counts as inside."""
    steps = _steps(radius, spacing)
    box = box_of(mask, (1, 1, 1))
    result = np.zeros(mask.shape, bool)
    result[box] = ~_dilated(~mask[box], steps)
    return result


def closed(mask: Mask, radius: float, spacing: Spacing) -> Mask:
    """The mask with all filled in that a ball of `radius` mm doesn't fit into."""
    steps = _steps(radius, spacing)
    box = box_of(mask, (steps[0] + 1, steps[1] + 1, steps[2] + 1))
    result = np.zeros(mask.shape, bool)
    result[box] = ~_dilated(~_dilated(mask[box], steps), steps)
    return result


def opened(mask: Mask, radius: float, spacing: Spacing) -> Mask:
    """The mask without all that a ball of `radius` mm doesn't fit into; what is beyond the array counts as inside."""
    return ~closed(~mask, radius, spacing)


def _steps(radius: float, spacing: Spacing) -> tuple[int, int, int]:
    slices, rows, columns = (int(radius / step + 0.5) for step in spacing)
    return slices, rows, columns


def _dilated(mask: Mask, steps: tuple[int, int, int]) -> Mask:
    """Grown by so many voxels along each axis, across faces alone and each third time across corners too: nearly a
    ball."""
    most = max(steps)
    for turn in range(most):
        axes = [axis for axis in range(3) if (turn + 1) * steps[axis] // most > turn * steps[axis] // most]
        mask = _across_corners(mask, axes) if turn % 3 == 2 else _across_faces(mask, axes)
    return mask


def _across_faces(mask: Mask, axes: list[int]) -> Mask:
    grown = mask.copy()
    for axis in axes:
        _spread(mask, grown, axis)
    return grown


def _across_corners(mask: Mask, axes: list[int]) -> Mask:
    for axis in axes:
        grown = mask.copy()
        _spread(mask, grown, axis)
        mask = grown
    return mask


def _spread(mask: Mask, into: Mask, axis: int) -> None:
    """Add the neighbours along one axis."""
    ahead, behind = (np.moveaxis(each, axis, 0) for each in (into, mask))
    ahead[1:] |= behind[:-1]
    ahead[:-1] |= behind[1:]
