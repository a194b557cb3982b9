"""How the values of derived images are kept: 16-bit whole numbers and one rescale (PS3.3 C.11.1)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.valuerep import format_number_as_ds

from apps.volumes.geometry.voxels import Voxels

_LIMITS: Final = np.iinfo(np.int16)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A value is `stored * slope + intercept`, in `unit` (Rescale Type); both numbers just as a Decimal String says."""

    slope: float
    intercept: float
    unit: str = "US"

    @property
    def is_identity(self) -> bool:
        return self.slope == 1 and self.intercept == 0

    def stored(self, image: NDArray[np.float32]) -> NDArray[np.int16]:
        """The stored values, in little endian: off by half a slope at most. What is beyond the range gets its end."""
        scaled = np.rint((image.astype(np.float64) - self.intercept) / self.slope)
        return np.clip(scaled, _LIMITS.min, _LIMITS.max).astype("<i2")


def encoding_of(voxels: Voxels, *, has_intercept: bool = True) -> Encoding:
    """The volume's own rescale where its voxels are whole numbers, else one that spans all of its values.

    Interpolated, averaged and extreme values lie between those of voxels, so they fit. PET has no intercept (C.8.9.4).
    """
    if voxels.values.dtype == np.int16 and (has_intercept or voxels.intercept == 0):
        return Encoding(decimal(voxels.slope), decimal(voxels.intercept), voxels.unit)
    low, high = _range(voxels)
    if has_intercept:
        middle = decimal((low + high) / 2)
        return Encoding(_step(max(high - middle, middle - low)), middle, voxels.unit)
    return Encoding(_step(max(abs(low), abs(high))), 0.0, voxels.unit)


def decimal(number: float) -> float:
    """The nearest number that a Decimal String of 16 bytes can say (PS3.5 6.2)."""
    return float(format_number_as_ds(float(number)))


def _step(furthest: float) -> float:
    return decimal(furthest / _LIMITS.max) if furthest > 0 else 1.0


def _range(voxels: Voxels) -> tuple[float, float]:
    """The lowest and the highest value there is, slice by slice: all of it may not fit into the memory."""
    ends = [float(find(plane)) for plane in voxels.values for find in (np.min, np.max)]
    values = [end * voxels.slope + voxels.intercept for end in ends]
    return min(*values, voxels.outside), max(*values, voxels.outside)
