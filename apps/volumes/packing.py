"""What stored values become in a volume: 16-bit integers as they are wherever one rescale says what they mean.

Per-slice rescales (PET; PS3.3 C.8.9.4) and more than 16 bits are kept as float32 of the modality values instead: no
slope holds for all slices, and none is made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.frames import Frame

BITS: Final = 16
HOUNSFIELD: Final = "HU"
AIR: Final = -1000.0
# What is below is no Hounsfield value that scanners give, but padding (PS3.3 C.7.5.1.1.2).
LOWEST: Final = -1024.0
_TOP_BIT: Final = np.uint16(1 << (BITS - 1))
_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True)
class Packing:
    """How the values of a volume are kept, and what they mean: `values * slope + intercept` in `unit`.

    `is_whole`: int16, the stored values themselves, with `is_shifted` less 32768 (unsigned ones of 16 bits). Otherwise
    float32 of the modality values, by `rescales` (slope and intercept). `rescales` and `paddings` (Pixel Padding Value)
    have one entry for all slices, or one for each.
    """

    is_whole: bool
    is_shifted: bool
    slope: float
    intercept: float
    unit: str
    rescales: tuple[tuple[float, float], ...]
    paddings: tuple[int | None, ...]

    @classmethod
    def of(cls, frames: Sequence[Frame]) -> Self:
        """The packing for these images, at least one."""
        rescales = _once([(frame.slope, frame.intercept) for frame in frames])
        is_shifted = _is_shifted(frames)
        is_whole = len(rescales) == 1 and _fits(frames, is_shifted=is_shifted)
        slope, intercept = rescales[0] if is_whole else (1.0, 0.0)
        return cls(
            is_whole=is_whole,
            is_shifted=is_whole and is_shifted,
            slope=slope,
            intercept=intercept + (int(_TOP_BIT) * slope if is_whole and is_shifted else 0.0),
            unit=frames[0].unit,
            rescales=rescales,
            paddings=_once([frame.padding for frame in frames]),
        )

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(
            is_whole=known["kind"] == "int16",
            is_shifted=known["isShifted"],
            slope=known["slope"],
            intercept=known["intercept"],
            unit=known["unit"],
            rescales=tuple((slope, intercept) for slope, intercept in known["rescales"]),
            paddings=tuple(known["paddings"]),
        )

    def to_json(self) -> dict[str, Any]:
        """The packing in JSON's types."""
        return {
            "kind": self.dtype.name,
            "isShifted": self.is_shifted,
            "slope": self.slope,
            "intercept": self.intercept,
            "unit": self.unit,
            "rescales": [list(rescale) for rescale in self.rescales],
            "paddings": list(self.paddings),
        }

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the array: int16 or float32, in the machine's order."""
        return np.dtype(np.int16) if self.is_whole else np.dtype(np.float32)

    def packed(self, k: int, stored: NDArray[Any]) -> NDArray[Any]:
        """The values of slice `k` from its stored ones, of `dtype` and C-contiguous.

        Where Pixel Padding says that nothing was imaged and no Hounsfield value is, there is air.
        """
        slope, intercept = _of(self.rescales, k)
        values = self._whole(stored) if self.is_whole else (stored * slope + intercept).astype(np.float32)
        padding = _of(self.paddings, k)
        if self.unit == HOUNSFIELD and padding is not None and padding * slope + intercept < LOWEST:
            values = np.where(stored == padding, self._air, values)
        return np.ascontiguousarray(values, self.dtype)

    @property
    def _air(self) -> float:
        """Air as a packed value, or what comes nearest to it."""
        if not self.is_whole:
            return AIR
        limits = np.iinfo(np.int16)
        return float(np.clip(np.rint((AIR - self.intercept) / (self.slope or 1.0)), limits.min, limits.max))

    def _whole(self, stored: NDArray[Any]) -> NDArray[Any]:
        if self.is_shifted:
            shifted: NDArray[Any] = (stored.astype(np.uint16) ^ _TOP_BIT).view(np.int16)
            return shifted
        return stored.astype(np.int16, copy=False)

    def smallest(self, values: NDArray[Any]) -> float:
        """The smallest modality value of packed ones; NaN where there is none."""
        extreme = np.fmin.reduce(values, axis=None) if self.slope >= 0 else np.fmax.reduce(values, axis=None)
        return float(extreme) * self.slope + self.intercept

    def outside(self, smallest: float) -> float:
        """The modality value to show where nothing was imaged: air, or the volume's smallest."""
        value = AIR if self.unit == HOUNSFIELD else smallest
        return value if np.isfinite(value) else 0.0


def _once(values: list[_Each]) -> tuple[_Each, ...]:
    """All the values, or the one that they all are."""
    return tuple(values[:1]) if len(set(values)) == 1 else tuple(values)


def _of(values: tuple[_Each, ...], k: int) -> _Each:
    return values[0] if len(values) == 1 else values[k]


def _is_shifted(frames: Sequence[Frame]) -> bool:
    return any(not frame.is_signed and frame.bits_stored == BITS for frame in frames)


def _fits(frames: Sequence[Frame], *, is_shifted: bool) -> bool:
    """Whether 16 bits hold all stored values. Shifted ones are all unsigned; Bits Stored is 0 of floating point."""
    has_sign = any(frame.is_signed for frame in frames)
    return all(0 < frame.bits_stored <= BITS for frame in frames) and not (is_shifted and has_sign)
