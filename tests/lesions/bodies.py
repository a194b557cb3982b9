"""Two studies of one body that lay differently: the second's lattice is moved by a rigid motion that is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Vector
from apps.volumes.geometry.voxels import Voxels
from tests.segmentation.phantoms import centred, chest
from tests.volumes.phantoms import rotation_of, vector

# Across, down, along: what the phantom of a chest is large.
EXTENT: Final = (320, 300, 400)


@dataclass(frozen=True)
class Motion:
    """From how the patient lay in the first study to how they lie in the second one."""

    rotation: NDArray[np.float64]
    shift: NDArray[np.float64]

    @classmethod
    def of(cls, degrees: Sequence[float] = (0, 0, 0), shift: Sequence[float] = (0, 0, 0)) -> "Motion":
        return cls(rotation_of(degrees), np.array(shift, float))

    def __call__(self, point: Sequence[float]) -> tuple[float, float, float]:
        return vector(self.rotation @ np.asarray(point) + self.shift)


@cache
def body(spacing: Vector = (10.0, 10.0, 10.0), *, count: int | None = None, seed: int = 1, tilt: float = 0.0) -> Voxels:
    """A chest in voxels of `spacing` mm (slice, row, column), of which only the lowest `count` slices were imaged."""
    shape = tuple(round(size / step) for size, step in zip(EXTENT, spacing, strict=True))
    whole = chest(centred(shape, spacing, tilt=tilt), seed=seed).voxels
    values = whole.values[:count]
    lattice = replace(whole.lattice, shape=values.shape, offsets=whole.lattice.offsets[:count])
    return replace(whole, values=values, lattice=lattice)


def moved(voxels: Voxels, motion: Motion) -> Voxels:
    """The same images of a patient who lies elsewhere."""
    lattice = voxels.lattice
    turned = {name: vector(motion.rotation @ np.array(getattr(lattice, name))) for name in ("along", "down", "across")}
    return replace(voxels, lattice=replace(lattice, origin=motion(lattice.origin), **turned))
