"""The levels of H.264: the lowest one whose limits a stream keeps (ITU-T H.264, table A-1, for the High profile)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

_HIGH_FACTOR = 1250  # cpbBrVclFactor of the High profile (table A-2): bits for each unit of MaxBR and MaxCPB


@dataclass(frozen=True, slots=True)
class Level:
    """A row of table A-1."""

    number: int  # level_idc
    macroblocks_a_second: int  # MaxMBPS
    macroblocks: int  # MaxFS
    buffered: int  # MaxDpbMbs
    rate: int  # MaxBR, 1000 bits a second
    buffer: int  # MaxCPB, 1000 bits


LEVELS = tuple(
    Level(*row)
    for row in (
        (10, 1_485, 99, 396, 64, 175),
        (11, 3_000, 396, 900, 192, 500),
        (12, 6_000, 396, 2_376, 384, 1_000),
        (13, 11_880, 396, 2_376, 768, 2_000),
        (20, 11_880, 396, 2_376, 2_000, 2_000),
        (21, 19_800, 792, 4_752, 4_000, 4_000),
        (22, 20_250, 1_620, 8_100, 4_000, 4_000),
        (30, 40_500, 1_620, 8_100, 10_000, 10_000),
        (31, 108_000, 3_600, 18_000, 14_000, 14_000),
        (32, 216_000, 5_120, 20_480, 20_000, 20_000),
        (40, 245_760, 8_192, 32_768, 20_000, 25_000),
        (41, 245_760, 8_192, 32_768, 50_000, 62_500),
        (42, 522_240, 8_704, 34_816, 50_000, 62_500),
        (50, 589_824, 22_080, 110_400, 135_000, 135_000),
        (51, 983_040, 36_864, 184_320, 240_000, 240_000),
        (52, 2_073_600, 36_864, 184_320, 240_000, 240_000),
        (60, 4_177_920, 139_264, 696_320, 240_000, 240_000),
        (61, 8_355_840, 139_264, 696_320, 480_000, 480_000),
        (62, 16_711_680, 139_264, 696_320, 800_000, 800_000),
    )
)
BEYOND = 255  # of what keeps no level's limits


@dataclass(frozen=True, slots=True)
class Load:
    """What a stream asks of a decoder: `sizes` are the bytes of its pictures, in the order of decoding."""

    across: int  # macroblocks
    down: int
    references: int  # frames that are kept
    rate: Fraction  # pictures a second
    sizes: Sequence[int]


def needed_level(load: Load) -> int:
    """level_idc of the lowest level that allows it; `BEYOND` if none does."""
    return next((level.number for level in LEVELS if _allows(level, load)), BEYOND)


def _allows(level: Level, load: Load) -> bool:
    macroblocks = load.across * load.down
    return (
        macroblocks <= level.macroblocks
        and max(load.across, load.down) ** 2 <= 8 * level.macroblocks
        and macroblocks * load.rate <= level.macroblocks_a_second
        and load.references * macroblocks <= level.buffered
        and _fits(level, load)
    )


def _fits(level: Level, load: Load) -> bool:
    """Whether the bits come in at the level's rate without overflowing its buffer: a leaky bucket (C.1)."""
    drained = float(level.rate * _HIGH_FACTOR / 8 / load.rate)
    room, filled = level.buffer * _HIGH_FACTOR / 8, 0.0
    for size in load.sizes:
        filled += size
        if filled > room:
            return False
        filled = max(filled - drained, 0.0)
    return True
