"""What becomes of the samples through a slab, an image's part at a time."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from apps.volumes.resampling.planes import Projection

Part = tuple[slice, slice]
Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Projector(Protocol):
    """Takes in samples, in any order, and says what comes of them."""

    def add(self, part: Part, values: Image, inside: Mask | None) -> None:
        """Take in `values` for a part of the image, of which something was imaged where `inside`; None: everywhere."""

    def result(self) -> tuple[Image, Mask]:
        """The image, and where something was imaged."""


class Extreme:
    """The largest or the smallest of the samples."""

    def __init__(self, shape: tuple[int, int], better: np.ufunc, worst: float) -> None:
        self._better, self._worst = better, np.float32(worst)
        self._values = np.full(shape, worst, np.float32)
        self._found = np.zeros(shape, np.bool_)

    def add(self, part: Part, values: Image, inside: Mask | None) -> None:
        if inside is None:
            self._found[part] = True
        else:
            self._found[part] |= inside
            values = np.where(inside, values, self._worst)
        self._better(self._values[part], values, out=self._values[part])

    def result(self) -> tuple[Image, Mask]:
        return self._values, self._found


class Mean:
    """The mean of the samples where something was imaged."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._sums = np.zeros(shape, np.float64)
        self._counts = np.zeros(shape, np.int32)

    def add(self, part: Part, values: Image, inside: Mask | None) -> None:
        if inside is None:
            self._sums[part] += values
            self._counts[part] += 1
        else:
            np.add(self._sums[part], values, out=self._sums[part], where=inside)
            self._counts[part] += inside

    def result(self) -> tuple[Image, Mask]:
        found = self._counts > 0
        np.divide(self._sums, self._counts, out=self._sums, where=found)
        return self._sums.astype(np.float32), found


_OPPOSITES: Final = {Projection.MAXIMUM: Projection.MINIMUM, Projection.MINIMUM: Projection.MAXIMUM}


def raw(projection: Projection, slope: float) -> Projection:
    """What `projection` of values is of the array's numbers, which fall as those rise if `slope` is negative."""
    return _OPPOSITES.get(projection, projection) if slope < 0 else projection


def projector(projection: Projection, shape: tuple[int, int]) -> Projector:
    """For an image of `shape` (rows, columns)."""
    if projection is Projection.MEAN:
        return Mean(shape)
    is_maximum = projection is Projection.MAXIMUM
    return Extreme(shape, np.maximum, -np.inf) if is_maximum else Extreme(shape, np.minimum, np.inf)
