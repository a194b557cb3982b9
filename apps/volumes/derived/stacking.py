"""Planes side by side through a whole volume; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.saying import say
from apps.volumes.geometry.lattice import Lattice, Vector
from apps.volumes.resampling.planes import Orientation, Plane
from apps.volumes.resampling.standard import planes_of

MOST: Final = 2000
# Rows and columns of an oblique plane.
MOST_SIDE: Final = 2048
# Of an interval: so much may be missing at the end.
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Stack:
    """`spacing` are the millimetres from one to the next, None where they aren't the same; `step` the usual ones."""

    planes: tuple[Plane, ...]
    step: float
    spacing: float | None


def standard(lattice: Lattice, orientation: Orientation, interval: float | None) -> Stack:
    """Planes along the patient's axes: those of the voxels, or every `interval` millimetres from the first one on.

    Raises ValueError, with a sentence for people, for too many.
    """
    planes = planes_of(lattice, orientation)
    first, last = planes.positions[0], planes.positions[-1]
    if interval is None:
        steps = np.diff(planes.positions)
        is_even = bool(np.all(np.abs(steps - planes.spacing) <= 1e-3 * planes.spacing))
        positions: Sequence[float] = planes.positions
        spacing = planes.spacing if is_even else None
    else:
        positions = _every(first, last, interval)
        spacing = interval
    _check(len(positions))
    made = tuple(replace(planes.first, origin=_at(planes.first.origin, planes.axis, each)) for each in positions)
    return Stack(made, interval or planes.spacing, spacing)


def oblique(lattice: Lattice, normal: Sequence[float], interval: float | None) -> Stack:
    """Planes across `normal` (any length but 0), from one end of the volume to the other, each as large as all of it.

    Their rows go towards the feet as far as they can; pixels are as far apart as the nearest voxels. Raises ValueError,
    with a sentence for people, for too many, or too large ones.
    """
    along = np.asarray(normal, np.float64) / np.linalg.norm(normal)
    down = _down(along)
    across = np.cross(down, along)
    finest = min(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    step = interval or finest
    lows, highs = (find(lattice.corners @ np.array([across, down, along]).T, axis=0) for find in (np.min, np.max))
    columns, rows = (int((highs[side] - lows[side]) / finest + _ROUNDING) + 1 for side in (0, 1))
    if max(columns, rows) > MOST_SIDE:
        raise ValueError(say("Such planes would have more than {most} pixels on a side.", most=MOST_SIDE))
    positions = _every(float(lows[2]), float(highs[2]), step)
    _check(len(positions))
    corner = lows[0] * across + lows[1] * down
    made = tuple(
        Plane(_vector(corner + each * along), _vector(across), _vector(down), finest, finest, rows, columns)
        for each in positions
    )
    return Stack(made, step, step)


def _down(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """The direction in the plane that is nearest to the feet; to the back where the plane is axial."""
    wanted = np.array([0.0, 0.0, -1.0]) if abs(along[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    inside = wanted - (wanted @ along) * along
    down: NDArray[np.float64] = inside / np.linalg.norm(inside)
    return down


def _every(first: float, last: float, interval: float) -> tuple[float, ...]:
    count = int((last - first) / interval + _ROUNDING) + 1
    _check(count)
    return tuple(first + number * interval for number in range(count))


def _check(count: int) -> None:
    if count > MOST:
        raise ValueError(say("That would be more than {most} images: give a longer interval.", most=MOST))


def _at(origin: Vector, axis: int, position: float) -> Vector:
    placed = list(origin)
    placed[axis] = position
    return placed[0], placed[1], placed[2]


def _vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = values.tolist()
    return x, y, z
