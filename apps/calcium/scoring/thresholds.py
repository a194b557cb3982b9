"""From which attenuation on something counts as calcium, and how much it weighs (Agatston 1990)."""

from dataclasses import dataclass
from typing import Final

Limits = tuple[float, float, float, float]

# Agatston AS, et al. J Am Coll Cardiol 1990;15:827-32: for electron beam CT, and since then for 120 kVp.
AGATSTON: Final[Limits] = (130.0, 200.0, 300.0, 400.0)
AGATSTON_SOURCE: Final = "Agatston AS et al. J Am Coll Cardiol 1990;15:827-832"
KVP: Final = 120.0
# A tube voltage is that of a table within so many kVp.
SAME_KVP: Final = 0.5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The Hounsfield units from which on a lesion weighs 1, 2, 3 and 4, ascending; `kvp` is the tube voltage that they
    hold for, `source` who says so."""

    kvp: float = KVP
    limits: Limits = AGATSTON
    source: str = AGATSTON_SOURCE

    @property
    def lowest(self) -> float:
        """What is below is no calcium."""
        return self.limits[0]
