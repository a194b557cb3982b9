"""When pictures are shown, as the Cine module says it (PS3.3 C.7.6.5)."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Final

# Bytes of a value in Explicit VR with a length of 16 bits: DS has no other (PS3.5 7.1.2).
LONGEST_VALUE: Final = 65534
# Digits behind the point, of milliseconds: from what is plenty to what is the least.
_PLACES: Final = (3, 2, 1)


def frame_time(rate: Fraction) -> str:
    """Frame Time (0018,1063): milliseconds between pictures at so many a second, as in 33.367 and 40."""
    return _number(round(1000 / rate, _PLACES[0]))


def frame_time_vector(intervals: Sequence[float]) -> list[str] | None:
    """Frame Time Vector (0018,1065): milliseconds since the picture before, the first 0; None where they don't fit.

    Rounded so that no picture is off by more than half of the last digit, however many come before it.
    """
    for places in _PLACES:
        moments = [round(Fraction(moment), places) for moment in accumulate(intervals)]
        written = [_number(here - before) for before, here in zip([Fraction(0), *moments], moments, strict=False)]
        if sum(map(len, written)) + len(written) - 1 <= LONGEST_VALUE:
            return written
    return None


def _number(milliseconds: Fraction) -> str:
    return f"{float(milliseconds):.3f}".rstrip("0").rstrip(".")
