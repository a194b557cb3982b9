"""When pictures are shown: the rate of a film, and whether it is constant, from the times of all its packets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

from apps.video.streams.facts import Timing

# Of what says nothing of its own times; what is decided on has to replace it.
ASSUMED_RATE = Fraction(25)
_STRAYING = 0.02  # of the usual interval: what differs by more is irregular
_MOST_STRAYING = 0.005  # the share of intervals that may be irregular: gaps where a film was cut
_LARGEST_GAP = 3  # intervals that may be missing in all
_JITTER = Fraction(1, 1000)  # seconds beside an even beat: the rounding of containers that count milliseconds
_MOST_INTERVALS = 20_000  # a Frame Time Vector holds fewer
_CLOSE = Fraction(1, 10_000)  # 30 and 29.97 differ by ten times as much
_MOST_DUPLICATES = 0.005
_LARGEST_DENOMINATOR = 1001
_NTSC = Fraction(1000, 1001)
_WHOLE_RATES = (24, 25, 30, 50, 60, 15, 10, 12, 20, 48, 90, 100, 120, 240, 5, 8, 1)
USUAL_RATES = (
    *(Fraction(rate) for rate in _WHOLE_RATES),
    *(rate * _NTSC for rate in (24, 30, 48, 60, 15, 120, 240)),
    Fraction(25, 2),
    Fraction(15, 2),
)


@dataclass(frozen=True, slots=True)
class Clock:
    """Times of a stream's pictures: `shown` and `decoded` in ticks of `base` seconds, in the order of decoding.

    Either is empty where one of the pictures has none. `rates` are what the stream and its container claim (in this
    order of trust): they only choose between rates that fit the times as well.
    """

    shown: Sequence[int]
    decoded: Sequence[int]
    base: Fraction
    count: int
    rates: tuple[Fraction, ...]
    is_only_ordered: bool = False  # the container tells no times of showing (AVI)


def timing(clock: Clock) -> Timing:
    """Measure a film's rate."""
    times = _times(clock)
    if len(times) < 2:
        return _claimed(clock, times)
    intervals = [later - earlier for earlier, later in pairwise(times)]
    usual = median(intervals)
    regular = [interval for interval in intervals if not _strays(interval, usual)]
    if usual <= 0:
        return _claimed(clock, times)
    mean = Fraction(sum(regular), len(regular)) if regular else Fraction(usual)
    start = times[0] * clock.base
    span = (times[-1] - times[0] + mean) * clock.base
    gap = abs(times[-1] - times[0] - mean * len(intervals))
    is_regular = len(intervals) - len(regular) <= max(1, _MOST_STRAYING * len(intervals))
    if is_regular and (gap <= _LARGEST_GAP * mean or gap <= _MOST_STRAYING * (times[-1] - times[0])):
        return Timing(_rate(mean * clock.base, len(regular), clock), True, start, span)
    even = Fraction(times[-1] - times[0], len(intervals))
    if _is_even(times, even, _JITTER / clock.base):
        return Timing(_rate(even * clock.base, len(intervals), clock), True, start, span)
    rate = Fraction(len(times) / span).limit_denominator(_LARGEST_DENOMINATOR)
    return Timing(rate, False, start, span, _milliseconds(intervals, clock.base))


def _times(clock: Clock) -> list[int]:
    """The times at which pictures are shown, in their order; those of decoding where they are garbage or missing."""
    shown = sorted(clock.shown)
    if not clock.is_only_ordered and shown and _duplicates(shown) <= _MOST_DUPLICATES * len(shown):
        return shown
    return list(clock.decoded) if _is_rising(clock.decoded) else []


def _duplicates(times: Sequence[int]) -> int:
    return sum(1 for earlier, later in pairwise(times) if later == earlier)


def _is_rising(times: Sequence[int]) -> bool:
    return all(later > earlier for earlier, later in pairwise(times))


def _claimed(clock: Clock, times: Sequence[int]) -> Timing:
    """What can be said of a stream without times, or of a single picture."""
    rate = next(iter(clock.rates), ASSUMED_RATE)
    return Timing(rate, True, times[0] * clock.base if times else Fraction(0), clock.count / rate)


def _strays(interval: float, usual: float) -> bool:
    """Whether an interval differs from the usual one by more than a fiftieth and more than a tick."""
    return abs(interval - usual) > max(_STRAYING * usual, 1)


def _is_even(times: Sequence[int], interval: Fraction, jitter: Fraction) -> bool:
    """Whether nearly all pictures are where an even beat would have them."""
    beat, slack = float(interval), float(jitter)
    off = sum(1 for number, time in enumerate(times) if abs(time - times[0] - number * beat) > slack)
    return off <= _MOST_STRAYING * len(times)


def _rate(interval: Fraction, count: int, clock: Clock) -> Fraction:
    """Pictures a second for a mean interval over `count`: a claimed or a usual rate if it fits, else as measured."""
    measured = 1 / interval
    close = max(_CLOSE, 2 * clock.base / (count * interval))
    fitting = [rate for rate in (*clock.rates, *_nearest(measured)) if abs(rate / measured - 1) <= close]
    return fitting[0] if fitting else measured.limit_denominator(_LARGEST_DENOMINATOR)


def _nearest(measured: Fraction) -> Iterable[Fraction]:
    return sorted(USUAL_RATES, key=lambda rate: abs(rate - measured))


def _milliseconds(intervals: Sequence[int], base: Fraction) -> tuple[float, ...]:
    """Frame Time Vector (C.7.6.5.1.2): the first is 0; none where there are more than any vector holds."""
    if len(intervals) >= _MOST_INTERVALS:
        return ()
    scale = float(base * 1000)
    return (0.0, *(interval * scale for interval in intervals))
