"""What lies between voxels, a tile at a time.

A tile's working arrays fit into the processor's second cache; NumPy lets go of the interpreter in each of its passes.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.resampling.indexing import Floats

# Samples at once: fewer, and the calls cost more than the work; more, and the cache overflows.
TILE: Final = 1 << 14


class Trilinear:
    """Takes values of an array `[k, j, i]` between its voxels. Keeps its working arrays, so it serves one thread."""

    def __init__(self, values: NDArray[Any]) -> None:
        sides = np.array(values.shape, dtype=np.float64)
        # Nothing is behind an axis' last voxel to go towards, so what is on it is taken from just before it.
        self.last = np.nextafter(sides - 1, 0.0)
        flat = np.ascontiguousarray(values).reshape(-1).view(np.ndarray)
        self._strides = (values.shape[1] * values.shape[2], values.shape[2], 1)
        k, j, i = (stride if side > 1 else 0 for stride, side in zip(self._strides, values.shape, strict=True))
        # By each of a sample's eight voxels, the array from where the first one's index leads to it.
        self._corners = [flat[a + b + c :] for a in (0, k) for b in (0, j) for c in (0, i)]
        self._places = np.empty((3, TILE))
        self._floors = np.empty((3, TILE))
        self._first = np.empty(TILE, np.intp)
        self._shares = np.empty((3, TILE), np.float32)
        self._taken = np.empty((8, TILE), flat.dtype)
        self._values = np.empty((8, TILE), np.float32)

    def places(self, count: int) -> Floats:
        """`[3, count]`: where to write the indices along each axis that `at` takes, and spoils; at most TILE."""
        return self._places[:, :count]

    def at(self, count: int) -> NDArray[np.float32]:
        """The values at the first `count` of `places`, good until it is asked again; each from 0 to `last`."""
        first = self._locate(count)
        for corner, taken in zip(self._corners, self._taken, strict=True):
            # Clipping never happens; it spares NumPy a check of its own and a copy of the result.
            corner.take(first, out=taken[:count], mode="clip")
        values = self._values[:, :count]
        np.copyto(values, self._taken[:, :count], casting="same_kind")
        for axis, width in ((2, 1), (1, 2), (0, 4)):
            _towards(values[0 :: 2 * width], values[width :: 2 * width], self._shares[axis, :count])
        return values[0]

    def _locate(self, count: int) -> NDArray[np.intp]:
        """Where in the flat array the first of each sample's eight voxels is; keeps the shares of the others."""
        places, floors, first = self._places[:, :count], self._floors[:, :count], self._first[:count]
        np.floor(places, out=floors)
        np.subtract(places, floors, out=places)
        np.copyto(self._shares[:, :count], places, casting="same_kind")
        # Added by hand: BLAS would start threads for it.
        for axis, stride in enumerate(self._strides[:2]):
            np.multiply(floors[axis], stride, out=floors[axis])
        np.add(floors[0], floors[1], out=floors[0])
        np.add(floors[0], floors[2], out=first, casting="unsafe")
        return first


def _towards(near: NDArray[np.float32], far: NDArray[np.float32], share: NDArray[np.float32]) -> None:
    """Move `near` by `share` of the way to `far`, in place; `far` is lost."""
    np.subtract(far, near, out=far)
    np.multiply(far, share, out=far)
    np.add(near, far, out=near)
