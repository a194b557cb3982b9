"""What is to be known of a volume's geometry before a number is read from it. Flags travel into every result."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Flag(StrEnum):
    """Each is in the REST API by its value; `wording` says it to people."""

    # Corrected, and told: lengths and volumes are right.
    GANTRY_TILT = "gantry-tilt-corrected"
    LOCALIZER_LEFT_OUT = "localizer-left-out"
    MIXED_KERNELS = "mixed-kernels-separated"
    MIXED_ORIENTATIONS = "mixed-orientations-separated"
    MIXED_MATRICES = "mixed-matrices-separated"
    TEMPORAL_POSITIONS = "temporal-positions-separated"
    OTHER_STACKS = "stacks-separated"
    # Nothing may be measured across these.
    UNEVEN_SPACING = "uneven-spacing"
    MISSING_SLICES = "missing-slices"
    DUPLICATE_POSITIONS = "duplicate-positions"
    OVERLAPPING = "overlapping-thicknesses"
    SHIFTED_SLICES = "shifted-slices"
    UNCALIBRATED = "no-pixel-spacing"
    LOSSY = "lossy-compressed"
    NO_FRAME_OF_REFERENCE = "no-frame-of-reference"


# Those that leave lengths, volumes and values what they are.
HARMLESS: Final = frozenset(
    {
        Flag.GANTRY_TILT,
        Flag.LOCALIZER_LEFT_OUT,
        Flag.MIXED_KERNELS,
        Flag.MIXED_ORIENTATIONS,
        Flag.MIXED_MATRICES,
        Flag.TEMPORAL_POSITIONS,
        Flag.OTHER_STACKS,
        Flag.OVERLAPPING,
    }
)


def is_quantifiable(flags: Iterable[Flag]) -> bool:
    """Whether lengths, volumes and values may be measured in a volume with these flags."""
    return all(flag in HARMLESS for flag in flags)
