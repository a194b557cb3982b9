"""A proposal for the dental arch, from the volume alone: what is dense and lies along a horseshoe."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.curves.arch import Arch
from apps.volumes.curves.following import extended, followed
from apps.volumes.curves.horseshoes import Horseshoe, horseshoe
from apps.volumes.curves.judging import is_jaw
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.planes import Plane
from apps.volumes.resampling.reformatting import reformat

Floats = NDArray[np.float64]
# The volume is looked at in axial planes this coarse (millimetres), or coarser: so many pixels and planes at most.
PIXEL: Final = 1.0
STEP: Final = 1.5
MOST_SIDE: Final = 256
MOST_LEVELS: Final = 240
# Teeth stand upright: levels are looked at together over this many millimetres, each time so much higher.
WINDOW: Final = 12.0
ADVANCE: Final = 4.0
# Nothing smaller holds a jaw.
SMALLEST: Final = 40.0
# Metal is denser than anything else, and no guide to the rest.
METAL_SHARE: Final = 0.001
# The share of an image that dense matter may fill; more is no arch of teeth or bone.
MOST_FILLED: Final = 0.5
CONTROL_POINTS: Final = 9
# Millimetres that are shown behind what was found: teeth that haven't come through, the ascending ramus.
BEHIND: Final = 12.0
# Of the levels' horseshoes, the best so many are looked at closely.
MOST_JUDGED: Final = 5


@dataclass(frozen=True, slots=True)
class Levels:
    """Axial images [level, row, column] of a volume, and the millimetres at each."""

    values: NDArray[np.float32]
    x: Floats
    y: Floats
    z: Floats


@dataclass(frozen=True, slots=True)
class Found:
    """A horseshoe about the height `z`, among dense places (n, 2) of these weights."""

    shape: Horseshoe
    z: float
    points: Floats
    weights: Floats


def propose(voxels: Voxels) -> Arch | None:
    """The arch of the teeth, or of the jaw where there are none, at the level where it is clearest, and a little more
    behind it: 9 to 11 control points.

    None where nothing looks like a jaw. Grey values needn't be Hounsfield units. The same volume always gets the same.
    """
    if (levels := _levels(voxels)) is None:
        return None
    for threshold in _thresholds(levels.values, voxels.outside):
        if (arch := _arch(levels, levels.values > threshold)) is not None:
            return arch
    return None


def _levels(voxels: Voxels) -> Levels | None:
    """Look at the volume; None where it is smaller than a jaw."""
    low, high = voxels.lattice.corners.min(axis=0), voxels.lattice.corners.max(axis=0)
    extent = high - low
    if min(extent[:2]) < SMALLEST or extent[2] < WINDOW / 2:
        return None
    pixel = max(PIXEL, extent[:2].max() / MOST_SIDE, _finest(voxels.lattice))
    step = max(STEP, extent[2] / MOST_LEVELS)
    x, y, z = (np.arange(start, stop, by) for start, stop, by in zip(low, high, (pixel, pixel, step), strict=True))
    images = [
        reformat(
            voxels,
            Plane((low[0], low[1], height), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), pixel, pixel, len(y), len(x)),
        )
        for height in z.tolist()
    ]
    return Levels(np.stack(images), x, y, z)


def _finest(lattice: Lattice) -> float:
    return min(lattice.row_spacing, lattice.column_spacing, lattice.slice_spacing)


def _thresholds(values: NDArray[np.float32], outside: float) -> list[float]:
    """Values that part dense matter from the rest, the highest first: teeth from bone, bone from soft tissue, …"""
    seen = values[values != np.float32(outside)]
    found: list[float] = []
    while len(found) < 3 and len(seen) > 1000:
        least, most = float(seen.min()), float(np.quantile(seen, 1 - METAL_SHARE))
        if most <= least:
            break
        found.append(_otsu(np.clip(seen, least, most)))
        seen = seen[seen > found[-1]]
    return found[::-1]


def _otsu(values: NDArray[np.float32]) -> float:
    """The value that parts the values into two groups, each as alike as can be (Otsu 1979)."""
    counts, edges = np.histogram(values, 256)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)[:-1]
    sums = np.cumsum(counts * middles)
    above = counts.sum() - below
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
    between = np.where((below > 0) & (above > 0), below * above * apart**2, 0.0)
    return float(edges[1 + int(between.argmax())])


def _arch(levels: Levels, is_dense: NDArray[np.bool_]) -> Arch | None:
    """The arch along which what is dense lies, at the level where it does so best."""
    pixel = float(levels.x[1] - levels.x[0])
    found = sorted(_found(levels, is_dense), key=lambda each: -each.shape.score)
    for best in found[:MOST_JUDGED]:
        begin = best.shape.points(np.linspace(best.shape.begin, best.shape.end, CONTROL_POINTS))
        line = followed(begin, best.points, best.weights)
        if is_jaw(line, best.points, pixel):
            line = extended(line, BEHIND, np.array([levels.x[0], levels.y[0]]), np.array([levels.x[-1], levels.y[-1]]))
            return Arch(tuple((x, y) for x, y in line.tolist()), best.z)
    return None


def _found(levels: Levels, is_dense: NDArray[np.bool_]) -> Iterator[Found]:
    """The horseshoe at each level that has one."""
    random = np.random.default_rng(0)
    for first in np.arange(levels.z[0], max(levels.z[-1] - WINDOW, levels.z[0]) + ADVANCE / 2, ADVANCE).tolist():
        heap = is_dense[(levels.z >= first) & (levels.z <= first + WINDOW)].sum(axis=0)
        points, weights = _weighted(levels, heap)
        if len(points) > MOST_FILLED * heap.size:
            continue
        if (shape := horseshoe(points, weights, random)) is not None:
            yield Found(shape, first + WINDOW / 2, points, weights)


def _weighted(levels: Levels, heap: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Where something dense is (n, 2), and at how many levels."""
    rows, columns = np.nonzero(heap)
    return np.stack([levels.x[columns], levels.y[rows]], axis=1), heap[rows, columns].astype(np.float64)
