"""What is known of one lesion in one study, and what of it counts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Sizes are compared in whole micrometres, so that 20 % of a sum is exactly that.
MICROMETRES: Final = 1000
# What is seen but too small to measure counts as so much (4.3, "target lesions that become too small to measure").
TOO_SMALL_MM: Final = 5.0
# The short axis of a node from which it is pathological (3.1.2).
PATHOLOGICAL_NODE_MM: Final = 10.0
LARGEST_MM: Final = 2000.0


class State(StrEnum):
    """How a lesion was found: PRESENT is seen and not measured, PROGRESSED is unequivocal progression (4.3.4)."""

    MEASURED = "measured"
    TOO_SMALL = "too-small"
    ABSENT = "absent"
    PRESENT = "present"
    PROGRESSED = "progressed"
    NOT_EVALUABLE = "not-evaluable"


@dataclass(frozen=True, slots=True)
class Finding:
    """A lesion in one study. `size_mm` is its longest diameter in the plane of measurement, of a node its short axis;
    there exactly where it was measured. Raises ValueError for a size that can't be, or is missing."""

    state: State
    size_mm: float | None = None
    is_node: bool = False

    def __post_init__(self) -> None:
        if (self.state is State.MEASURED) != (self.size_mm is not None):
            raise ValueError("What was measured has a size, and nothing else has.")
        if self.size_mm is not None and not 0 <= self.size_mm <= LARGEST_MM:
            raise ValueError("A lesion is from 0 mm to 2 m large.")

    @property
    def size(self) -> int | None:
        """What it adds to a sum of diameters, in micrometres; None where that isn't known."""
        known = {State.MEASURED: self.size_mm, State.TOO_SMALL: TOO_SMALL_MM, State.ABSENT: 0.0}.get(self.state)
        return None if known is None else round(known * MICROMETRES)

    @property
    def is_cleared(self) -> bool:
        """Whether it is gone: a node once its short axis is below 10 mm, anything else once it isn't seen (4.3.1)."""
        limit = PATHOLOGICAL_NODE_MM * MICROMETRES if self.is_node else 1
        return self.size is not None and self.size < limit
