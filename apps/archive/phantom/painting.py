"""Painting soft-edged solids into an axial slice of Hounsfield units."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Solid:
    """A superellipsoid in millimetres and Hounsfield units: of `power` 2 an ellipsoid, of more boxier."""

    hounsfield: float
    centre: Point
    axes: Point
    power: float = 2.0

    def mirrored(self) -> Iterator[Self]:
        """This solid and its mirror image on the other side of the body."""
        x, y, z = self.centre
        yield self
        yield replace(self, centre=(-x, y, z))

    def shell(self, hounsfield: float, thickness: float) -> Self:
        """A solid around this one, to be painted before it."""
        a, b, c = self.axes
        return replace(self, hounsfield=hounsfield, axes=(a + thickness, b + thickness, c + thickness))


@dataclass(frozen=True, slots=True)
class Slice:
    """An axial plane being painted: `x` (1, columns) and `y` (rows, 1) in millimetres, `z` its height."""

    image: Image
    x: Image
    y: Image
    z: float
    spacing: float

    def paint(self, solid: Solid) -> None:
        """Lay the solid's section over what is there, with an edge one pixel soft."""
        if (window := self.window(solid)) is None:
            return
        rows, columns = window
        inside = self.coverage(solid, rows, columns)
        target = self.image[rows, columns]
        target += inside * (np.float32(solid.hounsfield) - target)

    def coverage(self, solid: Solid, rows: slice, columns: slice) -> Image:
        """How much of each pixel of the window lies in the solid, 0 to 1."""
        a, b = self.section(solid)
        x = np.abs(self.x[:, columns] - np.float32(solid.centre[0])) / np.float32(a)
        y = np.abs(self.y[rows] - np.float32(solid.centre[1])) / np.float32(b)
        if solid.power == 2.0:
            radius = np.sqrt(x * x + y * y)
        else:
            radius = (x**solid.power + y**solid.power) ** np.float32(1 / solid.power)
        distance = (radius - 1) * np.float32(min(a, b) / self.spacing)
        return np.clip(np.float32(0.5) - distance, 0, 1)

    def section(self, solid: Solid) -> tuple[float, float]:
        """The half axes of the solid's section by this plane; zero where they don't meet."""
        height = 1 - min(1.0, abs(self.z - solid.centre[2]) / solid.axes[2]) ** solid.power
        scale = height ** (1 / solid.power)
        return solid.axes[0] * scale, solid.axes[1] * scale

    def window(self, solid: Solid) -> tuple[slice, slice] | None:
        """The rows and columns that the solid's section can touch, or None."""
        a, b = self.section(solid)
        if min(a, b) <= 0:
            return None
        rows = self._span(self.y[:, 0], solid.centre[1], b)
        columns = self._span(self.x[0], solid.centre[0], a)
        return (rows, columns) if rows.stop > rows.start and columns.stop > columns.start else None

    def _span(self, positions: Image, centre: float, half: float) -> slice:
        margin = half + self.spacing
        first, last = np.searchsorted(positions, [centre - margin, centre + margin])
        return slice(int(first), int(last))
