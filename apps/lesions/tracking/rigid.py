"""A rigid motion between two studies, and how well they agree under it."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from apps.volumes.geometry.lattice import Vector


@dataclass(frozen=True)
class Rigid:
    """Takes a point of the baseline (LPS, mm) to the same place of the follow-up: `rotation` (3 x 3), then `shift`.

    `similarity` is the correlation of the two volumes' values under it, from -1 to 1, where both were imaged;
    `overlap` is the share of the baseline that is so.
    """

    rotation: NDArray[np.float64]
    shift: NDArray[np.float64]
    similarity: float = 1.0
    overlap: float = 1.0

    def __call__(self, point: ArrayLike) -> Vector:
        x, y, z = (self.rotation @ np.asarray(point, np.float64) + self.shift).tolist()
        return x, y, z

    @property
    def degrees(self) -> float:
        """By how much it turns."""
        return float(np.degrees(np.arccos(np.clip((np.trace(self.rotation) - 1) / 2, -1, 1))))

    def to_json(self) -> dict[str, Any]:
        return {
            "rotation": self.rotation.tolist(),
            "shift": self.shift.tolist(),
            "similarity": self.similarity,
            "overlap": self.overlap,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        rotation, shift = np.array(told["rotation"], np.float64), np.array(told["shift"], np.float64)
        return cls(rotation, shift, told["similarity"], told["overlap"])
