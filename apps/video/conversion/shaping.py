"""The shape of a stream that is encoded anew: its size, its pictures a second, and the level that holds them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from apps.video.streams.facts import Pictures, Probe, Scan

HIGH = 100  # H.264's profile_idc; HEVC's Main is 1
HEVC_MAIN = 1
_LEVELS = ((41, 8192, 245_760), (42, 8704, 522_240))  # level_idc, MaxFS, MaxMBPS (ISO/IEC 14496-10, Table A-1)
_HEVC_LEVEL, _HEVC_BOX = 153, (4096, 2160)  # Main@5.1, general_level_idc; PS3.5 8.2.10
_BOX = (1920, 1080)
_FASTEST = Fraction(60)
_SLOWEST = Fraction(1)
_USUAL = tuple(
    Fraction(rate)
    for rate in (Fraction(24000, 1001), 24, 25, Fraction(30000, 1001), 30, 48, 50, Fraction(60000, 1001), 60)
)
_NEAR = Fraction(5, 1000)  # how far a measured rate may be off a usual one that is meant


@dataclass(frozen=True, slots=True)
class Shape:
    """What is encoded: `level` is H.264's level_idc, or HEVC's general_level_idc with `is_hevc`."""

    columns: int
    rows: int
    rate: Fraction
    level: int
    is_hevc: bool = False


def shape(probe: Probe, scan: Scan, rate: Fraction, *, keep_4k: bool) -> Shape:
    """The least change that H.264 High@4.2 holds (PS3.5 8.2.9), or HEVC Main@5.1 for what is larger, if wanted."""
    columns, rows = upright(squared(probe.pictures), probe.wrapping.rotation)
    rate = min(rate, _FASTEST)
    level = level_of(columns, rows, rate)
    if level:
        return Shape(columns, rows, rate, level)
    if keep_4k and _is_within(columns, rows, _HEVC_BOX):
        return Shape(columns, rows, rate, _HEVC_LEVEL, is_hevc=True)
    columns, rows = within(columns, rows, _BOX)
    return Shape(columns, rows, rate, level_of(columns, rows, rate))


def level_of(columns: int, rows: int, rate: Fraction) -> int:
    """41 or 42, whichever is the first to hold such pictures; 0 if neither does."""
    across, down = math.ceil(columns / 16), math.ceil(rows / 16)
    for level, largest, quickest in _LEVELS:
        longest = math.isqrt(8 * largest)  # A.3.1: neither side is longer
        if across * down <= largest and max(across, down) <= longest and across * down * rate <= quickest:
            return level
    return 0


def squared(pictures: Pictures) -> tuple[int, int]:
    """The size with square pixels: what is too short is lengthened, so that no line is lost. Both sides are even."""
    aspect = pictures.sample_aspect
    columns = pictures.columns * max(aspect, Fraction(1))
    rows = pictures.rows / min(aspect, Fraction(1))
    return even(columns), even(rows)


def upright(size: tuple[int, int], rotation: int) -> tuple[int, int]:
    """The size after turning by a multiple of 90 degrees."""
    return size if rotation % 180 == 0 else (size[1], size[0])


def within(columns: int, rows: int, box: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the same form that fits the box, lying or standing as the picture does."""
    longer, shorter = max(columns, rows), min(columns, rows)
    share = min(Fraction(box[0], longer), Fraction(box[1], shorter), Fraction(1))
    return _even_below(columns * share), _even_below(rows * share)


def even(length: Fraction | int) -> int:
    """The nearest even number that is not smaller by more than half a pixel; at least 2. 4:2:0 has no others."""
    whole = round(length)
    return max(whole + whole % 2, 2)


def _even_below(length: Fraction) -> int:
    return max(round(length) // 2 * 2, 2)


def _is_within(columns: int, rows: int, box: tuple[int, int]) -> bool:
    return max(columns, rows) <= box[0] and min(columns, rows) <= box[1]


def steady(rate: Fraction, intervals: Sequence[float]) -> Fraction:
    """The constant rate for pictures that come at varying `intervals` (milliseconds): that of most of them.

    The mean `rate` serves where no interval is known. Between 1 and 60 pictures a second.
    """
    shown = [interval for interval in intervals[1:] if interval > 0]
    wanted = Fraction(1000 / median(shown)).limit_denominator(1001) if shown else rate
    return min(max(usual(wanted), _SLOWEST), _FASTEST)


def usual(rate: Fraction) -> Fraction:
    """The rate of cameras and broadcasting that is meant by a measured one, or that one."""
    nearest = min(_USUAL, key=lambda known: abs(known - rate))
    return nearest if abs(nearest - rate) <= nearest * _NEAR else rate
