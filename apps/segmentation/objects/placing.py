"""A segmentation's frames on the lattice of a volume, by where both lie in the patient (PS3.3 C.7.6.2.1.1).

Frames that coincide with slices are taken pixel by pixel. Others, of another matrix or direction, are sampled: each
voxel has what the nearest pixel of the nearest frame says, if it lies in that frame.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.objects.reading import SegmentFrame
from apps.segmentation.objects.sources import Source
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.lattice import Lattice

# Of a pixel or of a slice's step: what lies nearer than that coincides.
_NEAR: Final = 0.1
# Of unit vectors and of spacings: roundings in files.
_SAME: Final = 1e-3
# A frame of an object with one frame has no neighbour to say how far it reaches: half of this (mm) to each side.
_ASSUMED_STEP: Final = 1.0
# Pixels of all frames that are sampled, which are in the memory together.
MOST_SAMPLED: Final = 1 << 30

Pixels = Callable[[int], NDArray[Any]]


def place(
    frames: Sequence[SegmentFrame], source: Source, pixels: Pixels, into: NDArray[Any], background: int = 0
) -> int:
    """Write what the frames show into `into` [k, j, i], and count those that lie in the volume.

    `pixels(number)` gives frame `number` (rows, columns), from 1; `background` in it is nothing, which stays as
    it was. Raises what `pixels` does, and Unanswerable `too-large` for frames that are too much to be sampled.
    """
    positioned = [each.frame for each in frames if each.frame.position and each.frame.across and each.frame.down]
    slices = _slices(source)
    found = [(frame, _coinciding(frame, slices, source.lattice)) for frame in positioned]
    if all(k is not None for _, k in found):
        for frame, k in found:
            _lay(pixels(frame.number), into[k], background)
        return len(found)
    return _sampled(positioned, source.lattice, pixels, into, background)


@dataclass(frozen=True, slots=True)
class _Slices:
    """Where the slices' first pixels lie: along the normal, ascending, and in the patient (n, 3)."""

    heights: NDArray[np.float64]
    positions: NDArray[np.float64]
    nearest: float


def _slices(source: Source) -> _Slices:
    positions = np.array([image.position for image in source.images], dtype=np.float64)
    heights = positions @ np.asarray(source.lattice.normal)
    return _Slices(heights, positions, _NEAR * float(np.diff(heights).min()) if len(heights) > 1 else _NEAR)


def _coinciding(frame: Frame, slices: _Slices, lattice: Lattice) -> int | None:
    """The slice that the frame lies on, pixel on pixel; None where there is none."""
    if (frame.rows, frame.columns) != lattice.shape[1:] or not _is_alike(frame, lattice):
        return None
    position = np.asarray(frame.position)
    k = int(np.abs(slices.heights - position @ np.asarray(lattice.normal)).argmin())
    beside = position - slices.positions[k]
    parts = [beside @ np.asarray(axis) for axis in (lattice.normal, lattice.down, lattice.across)]
    limits = (slices.nearest, _NEAR * lattice.row_spacing, _NEAR * lattice.column_spacing)
    return k if all(abs(part) <= limit for part, limit in zip(parts, limits, strict=True)) else None


def _is_alike(frame: Frame, lattice: Lattice) -> bool:
    spacing = (lattice.row_spacing, lattice.column_spacing)
    return (
        np.allclose(frame.across or (), lattice.across, rtol=0, atol=_SAME)
        and np.allclose(frame.down or (), lattice.down, rtol=0, atol=_SAME)
        and (frame.spacing is None or np.allclose(frame.spacing, spacing, rtol=_SAME, atol=0))
    )


def _lay(shown: NDArray[Any], into: NDArray[Any], background: int) -> None:
    np.copyto(into, shown, where=shown != background, casting="unsafe")


@dataclass(frozen=True, slots=True)
class _Stack:
    """Parallel frames by their place along their normal, and how far one reaches (mm) to either side."""

    frames: list[Frame]
    axes: NDArray[np.float64]
    places: NDArray[np.float64]
    reach: float
    spacing: NDArray[np.float64]


def _sampled(frames: Sequence[Frame], lattice: Lattice, pixels: Pixels, into: NDArray[Any], background: int) -> int:
    """Parallel frames only, of one matrix: those that are like the first."""
    stack = _stacked(frames)
    if stack is None:
        return 0
    if len(stack.frames) * stack.frames[0].rows * stack.frames[0].columns > MOST_SAMPLED:
        raise Unanswerable("too-large", frames=len(stack.frames))
    shown = np.stack([pixels(frame.number) for frame in stack.frames])
    used = np.zeros(len(stack.frames), dtype=np.bool_)
    for k in range(lattice.shape[0]):
        _sample_slice(stack, shown, _points(lattice, k), into[k], background, used)
    return int(used.sum())


def _stacked(frames: Sequence[Frame]) -> _Stack | None:
    if not frames:
        return None
    first = frames[0]
    across, down = np.asarray(first.across), np.asarray(first.down)
    axes = np.array([np.cross(across, down), down, across])
    alike = [each for each in frames if _parallel(each, first)]
    places = np.array([each.position for each in alike]) @ axes.T
    order = np.argsort(places[:, 0], kind="stable")
    steps = np.diff(places[order, 0])
    step = float(np.median(steps[steps > _SAME])) if (steps > _SAME).any() else first.thickness or _ASSUMED_STEP
    spacing = np.asarray(first.spacing or (1.0, 1.0))
    return _Stack([alike[n] for n in order], axes, places[order], step / 2 * (1 + _SAME), spacing)


def _parallel(frame: Frame, first: Frame) -> bool:
    is_same = (frame.rows, frame.columns, frame.spacing) == (first.rows, first.columns, first.spacing)
    one, other = ((*(each.across or ()), *(each.down or ())) for each in (frame, first))
    return is_same and np.allclose(one, other, rtol=0, atol=_SAME)


def _points(lattice: Lattice, k: int) -> NDArray[np.float64]:
    """(rows, columns, 3): where a slice's voxels lie in the patient."""
    rows, columns = (np.arange(count) for count in lattice.shape[1:])
    down = (rows * lattice.row_spacing)[:, np.newaxis, np.newaxis] * np.asarray(lattice.down)
    across = (columns * lattice.column_spacing)[np.newaxis, :, np.newaxis] * np.asarray(lattice.across)
    return np.asarray(np.asarray(lattice.point(k, 0, 0)) + down + across, dtype=np.float64)


def _sample_slice(
    stack: _Stack,
    shown: NDArray[Any],
    points: NDArray[np.float64],
    into: NDArray[Any],
    background: int,
    used: NDArray[np.bool_],
) -> None:
    """What the frames show at these points, and in `used` which frames any of the points lies in."""
    height, down, across = np.moveaxis(points @ stack.axes.T, -1, 0)
    nearest = _nearest(stack.places[:, 0], height)
    places = stack.places[nearest]
    j = np.rint((down - places[..., 1]) / stack.spacing[0]).astype(np.int64)
    i = np.rint((across - places[..., 2]) / stack.spacing[1]).astype(np.int64)
    rows, columns = shown.shape[1:]
    inside = (np.abs(height - places[..., 0]) <= stack.reach) & (j >= 0) & (j < rows) & (i >= 0) & (i < columns)
    values = shown[nearest[inside], j[inside], i[inside]]
    into[inside] = np.where(values != background, values, into[inside])
    used[nearest[inside]] = True


def _nearest(places: NDArray[np.float64], heights: NDArray[np.float64]) -> NDArray[np.int64]:
    """The index of the nearest of ascending places for each height."""
    if len(places) == 1:
        return np.zeros(heights.shape, dtype=np.int64)
    middles = (places[1:] + places[:-1]) / 2
    return np.searchsorted(middles, heights).astype(np.int64)
