"""How opaque and of which colour values are, in HU; pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Opacity = tuple[float, float]
Colour = tuple[float, float, float, float]


class Preset(StrEnum):
    """What is to be seen."""

    BONE = "bone"
    SOFT = "soft"
    TEETH = "teeth"
    VESSELS = "vessels"


@dataclass(frozen=True, slots=True)
class Transfer:
    """Opacity (value, 0 to 1) and colour (value, red, green, blue) by ascending values, linear between them."""

    opacity: tuple[Opacity, ...]
    colour: tuple[Colour, ...]

    def scaled(self, low: float, high: float) -> "Transfer":
        """The same for values that aren't HU: `low` takes the place of air's, `high` that of dense enamel's."""
        return Transfer(
            tuple((_scaled(value, low, high), opacity) for value, opacity in self.opacity),
            tuple((_scaled(value, low, high), *rgb) for value, *rgb in self.colour),  # type: ignore[misc]
        )


# The ends of what a CT shows, which `scaled` has others for.
AIR: Final = -1000.0
ENAMEL: Final = 3000.0
TRANSFERS: Final = {
    Preset.BONE: Transfer(
        ((250, 0), (450, 0.5), (1200, 0.9)),
        ((250, 0.55, 0.35, 0.25), (450, 0.88, 0.78, 0.62), (700, 0.98, 0.95, 0.88), (3000, 1, 1, 1)),
    ),
    Preset.SOFT: Transfer(
        ((-500, 0), (-250, 0.35), (100, 0.6), (400, 0.9)),
        ((-500, 0.6, 0.4, 0.3), (-100, 0.85, 0.62, 0.5), (100, 0.87, 0.65, 0.55), (400, 0.95, 0.9, 0.8)),
    ),
    Preset.TEETH: Transfer(
        ((250, 0), (500, 0.03), (900, 0.06), (1400, 0.5), (2200, 0.95)),
        ((250, 0.7, 0.5, 0.4), (900, 0.8, 0.66, 0.5), (1600, 0.97, 0.92, 0.8), (2600, 1, 1, 1)),
    ),
    Preset.VESSELS: Transfer(
        ((130, 0), (220, 0.2), (350, 0.55), (900, 0.7)),
        ((130, 0.5, 0.05, 0.05), (300, 0.85, 0.2, 0.12), (500, 0.95, 0.75, 0.6), (1200, 1, 1, 0.95)),
    ),
}


def _scaled(value: float, low: float, high: float) -> float:
    return low + (value - AIR) / (ENAMEL - AIR) * (high - low)
