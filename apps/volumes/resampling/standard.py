"""Planes along the patient's axes through a whole volume, and planes as one likes."""

import math
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

import numpy as np

from apps.saying import say
from apps.volumes.geometry.lattice import Lattice, Vector
from apps.volumes.resampling.indexing import ROUNDING, Floats
from apps.volumes.resampling.planes import Orientation, Plane
from apps.volumes.resampling.reformatting import check

# How far directions may be from unit length and from a right angle, as a share: rounding in a query, no more.
SLACK: Final = 1e-2
X, Y, Z = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """How planes of an orientation are drawn: the patient axes they follow one another along, and of the columns and
    the rows (LPS); `is_down` if rows go towards the feet."""

    through: int
    across: int
    down: int
    is_down: bool


_DRAWN: Final = {
    Orientation.AXIAL: Drawn(Z, X, Y, is_down=False),
    Orientation.CORONAL: Drawn(Y, X, Z, is_down=True),
    Orientation.SAGITTAL: Drawn(X, Y, Z, is_down=True),
}


@dataclass(frozen=True)
class Planes:
    """The planes of an orientation through a volume. `first` is the one at index 0; `positions` are millimetres along
    the patient's axis, ascending: feet to head, anterior to posterior, right to left. `spacing` is the median step."""

    first: Plane
    axis: int
    positions: tuple[float, ...]
    spacing: float

    @property
    def count(self) -> int:
        return len(self.positions)

    @property
    def rows(self) -> int:
        return self.first.rows

    @property
    def columns(self) -> int:
        return self.first.columns

    def plane(self, index: int) -> Plane:
        """Raises IndexError unless 0 <= index < count."""
        if not 0 <= index < self.count:
            raise IndexError(index)
        origin = list(self.first.origin)
        origin[self.axis] = self.positions[index]
        return replace(self.first, origin=(origin[0], origin[1], origin[2]))


def planes_of(lattice: Lattice, orientation: Orientation, *, spacing: float | None = None) -> Planes:
    """The planes of `orientation` over the box around `lattice`, along the patient's axes.

    Their spacing, and that of their pixels, along each axis is the lattice's along the axis of its own that is nearest;
    `spacing` is another one for the pixels, in millimetres. Those of a volume along the patient's axes coincide with
    its voxels, also where its slices aren't even. Raises ValueError, with a text for people, if `spacing` is none.
    """
    if spacing is not None and not (math.isfinite(spacing) and spacing > 0):
        raise ValueError(say("A spacing is a number of millimetres above 0."))
    drawn, boxed = _DRAWN[orientation], _box(lattice)
    columns, rows = boxed[drawn.across].scale(spacing), boxed[drawn.down].scale(spacing)
    positions = boxed[drawn.through].positions()
    origin = [0.0, 0.0, 0.0]
    origin[drawn.through] = positions[0]
    origin[drawn.across] = columns.first
    origin[drawn.down] = rows.last if drawn.is_down else rows.first
    first = Plane(
        origin=(origin[0], origin[1], origin[2]),
        across=_axis(drawn.across, 1.0),
        down=_axis(drawn.down, -1.0 if drawn.is_down else 1.0),
        row_spacing=rows.step,
        column_spacing=columns.step,
        rows=rows.count,
        columns=columns.count,
    )
    return Planes(first, drawn.through, positions, boxed[drawn.through].step)


@dataclass(frozen=True, slots=True)
class Scale:
    """Evenly spaced places along an axis, in millimetres."""

    first: float
    step: float
    count: int

    @property
    def last(self) -> float:
        return self.first + (self.count - 1) * self.step


@dataclass(frozen=True, slots=True)
class Side:
    """A patient axis of the box around a lattice: from `low` to `high`, and the millimetres from voxel to voxel. Where
    one of the lattice's own axes lies along it, `places` are its voxels', ascending; `is_even` if evenly spaced."""

    low: float
    high: float
    step: float
    places: tuple[float, ...]
    is_even: bool

    def scale(self, spacing: float | None) -> Scale:
        """Evenly spaced places over all of it; the voxels' own if they are even, unless `spacing` is another."""
        extent = self.high - self.low
        if spacing is None and self.places and self.is_even:
            between = len(self.places) - 1
            return Scale(self.low, extent / between if between else self.step, len(self.places))
        step = spacing or self.step
        between = math.floor(extent / step + ROUNDING / 10)
        return Scale(self.low + (extent - between * step) / 2, step, between + 1)

    def positions(self) -> tuple[float, ...]:
        """The voxels' places, even or not; if there are none, a scale's."""
        if self.places:
            return self.places
        scale = self.scale(None)
        return tuple(scale.first + number * scale.step for number in range(scale.count))


def _box(lattice: Lattice) -> tuple[Side, Side, Side]:
    """The box around a lattice along x, y and z."""
    x, y, z = (_side(lattice, axis, own) for axis, own in enumerate(_nearest(lattice)))
    return x, y, z


def _side(lattice: Lattice, axis: int, own: int) -> Side:
    """The box along a patient axis, to which the lattice's axis `own` is the nearest."""
    low, high = float(lattice.corners[:, axis].min()), float(lattice.corners[:, axis].max())
    step, places = _own(lattice, own)
    # If the other two axes add nothing to the box, and this one all of its length, it lies along the patient's.
    is_along = abs(high - low - places[-1]) <= ROUNDING * step
    goes_up = (lattice.along, lattice.down, lattice.across)[own][axis] > 0
    placed = low + places if goes_up else (high - places)[::-1]
    return Side(low, high, step, tuple(placed.tolist()) if is_along else (), own != 0 or lattice.is_even)


def _own(lattice: Lattice, axis: int) -> tuple[float, Floats]:
    """The millimetres from voxel to voxel along an axis of a lattice, and where they lie from the first."""
    if axis == 0:
        return lattice.slice_spacing, np.asarray(lattice.offsets)
    step = lattice.row_spacing if axis == 1 else lattice.column_spacing
    return step, np.arange(lattice.shape[axis], dtype=np.float64) * step


def _nearest(lattice: Lattice) -> tuple[int, ...]:
    """Which of the lattice's axes (0: from slice to slice, …) is nearest to the patient's x, y and z; each is once."""
    closeness = np.abs([lattice.along, lattice.down, lattice.across])
    return max(permutations(range(3)), key=lambda own: sum(closeness[own[axis], axis] for axis in range(3)))


def _axis(axis: int, length: float) -> Vector:
    along = [0.0, 0.0, 0.0]
    along[axis] = length
    return along[0], along[1], along[2]


def oblique(centre: Vector, across: Vector, down: Vector, *, spacing: float, rows: int, columns: int) -> Plane:
    """The plane about `centre` (LPS, mm) with square pixels of `spacing` mm.

    `across` (from column to column) and `down` (from row to row) are made unit vectors at a right angle, `across` as it
    is. Raises ValueError, with a text for people, if they are farther from that than rounding makes them, or the plane
    can't be drawn (see `reformatting.check`).
    """
    row, column = np.asarray(down, dtype=np.float64), np.asarray(across, dtype=np.float64)
    lengths = np.linalg.norm([row, column], axis=1)
    if not (np.all(np.abs(lengths - 1) <= SLACK) and abs(row @ column) <= SLACK):
        raise ValueError(say("The directions of a plane are two unit vectors at a right angle."))
    column = column / lengths[1]
    row = row - (row @ column) * column
    row = row / np.linalg.norm(row)
    origin = np.asarray(centre) - column * ((columns - 1) / 2 * spacing) - row * ((rows - 1) / 2 * spacing)
    plane = Plane(_vector(origin), _vector(column), _vector(row), spacing, spacing, rows, columns)
    check(plane)
    return plane


def _vector(values: Floats) -> Vector:
    x, y, z = values.tolist()
    return x, y, z
