"""Windows: the linear and sigmoid VOI LUT functions (PS3.3 C.11.2.1.2 and C.11.2.1.3)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.dicom.attributes import Attributes, number, text


class WindowFunction(StrEnum):
    """VOI LUT Function (0028,1056), by the names of PS3.18 8.3.5.1.4."""

    LINEAR = "linear"
    LINEAR_EXACT = "linear-exact"
    SIGMOID = "sigmoid"


@dataclass(frozen=True, slots=True)
class Window:
    """A window in the units of the Modality LUT's output. Raises ValueError for an impossible width."""

    center: float
    width: float
    function: WindowFunction = WindowFunction.LINEAR

    def __post_init__(self) -> None:
        if self.function is WindowFunction.LINEAR and self.width < 1:
            raise ValueError("The width of a linear window is at least 1.")
        if self.width <= 0:
            raise ValueError("The width of a window is greater than 0.")

    @classmethod
    def from_attributes(cls, attributes: Attributes) -> "Window | None":
        """Return the first window of a VOI LUT module or Frame VOI LUT item; None if there's none usable."""
        center, width = number(attributes, "00281050"), number(attributes, "00281051")
        name = text(attributes, "00281056").lower().replace("_", "-")
        functions = {str(function): function for function in WindowFunction}
        if center is None or width is None:
            return None
        try:
            return cls(center, width, functions.get(name, WindowFunction.LINEAR))
        except ValueError:
            return None

    @classmethod
    def spanning(cls, lowest: float, highest: float) -> "Window":
        """Return the window that shows `lowest` as black and `highest` as white (both black if equal)."""
        width = highest - lowest
        if not width > 0:
            return cls(lowest + 0.5, 1, WindowFunction.LINEAR_EXACT)
        return cls(lowest + width / 2, width, WindowFunction.LINEAR_EXACT)

    def display(self, inputs: NDArray[Any]) -> NDArray[np.float64]:
        """Return each input as a display value, 0 to 255."""
        offset = np.asarray(inputs, np.float64) - self.center
        if self.function is WindowFunction.SIGMOID:
            return 255 / (1 + np.exp(np.clip(-4 * offset / self.width, -700, 700)))
        if self.function is WindowFunction.LINEAR_EXACT:
            return np.clip((offset / self.width + 0.5) * 255, 0, 255)
        if self.width == 1:
            return np.where(offset <= -0.5, 0.0, 255.0)
        return np.clip(((offset + 0.5) / (self.width - 1) + 0.5) * 255, 0, 255)
