"""When each packet of pictures is shown and decoded in a new container, by the order and the times of the old one."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from apps.video.conversion.plan import Plan

Ticks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Timetable:
    """For each packet as it comes: when it is shown (pts), decoded (dts) and how long, in ticks of `base` seconds."""

    base: Fraction
    shown: Ticks
    decoded: Ticks
    lengths: Ticks


def timetable(times: Sequence[int], base: Fraction, plan: Plan, *, is_single: bool) -> Timetable:
    """Times for packets which were shown at `times` (in ticks of `base` seconds), as they come in decoding order.

    A constant rate's are made anew, since containers round theirs; so are those of streams that have none, whose
    `times` only tell the order. Where the intervals vary, or pictures are two packets (not `is_single`), they stay as
    they were.
    """
    old = np.asarray(times, dtype=np.int64)
    ranks = np.empty(len(old), dtype=np.int64)
    ranks[np.argsort(old, kind="stable")] = np.arange(len(old))
    if not plan.intervals and is_single:
        return _table(1 / plan.rate, np.arange(len(old), dtype=np.int64), ranks)
    ordered = np.sort(old) - old.min()
    # No two packets at one time: a muxer refuses that.
    ordered = np.maximum.accumulate(ordered - np.arange(len(old))) + np.arange(len(old))
    return _table(base, ordered, ranks)


def _table(base: Fraction, ordered: Ticks, ranks: Ticks) -> Timetable:
    """`ordered` are the times at which something is shown, `ranks` the place of each packet among them."""
    count = len(ranks)
    delay = max(int((np.arange(count) - ranks).max(initial=0)), 0)
    gaps = np.diff(ordered)
    usual = max(int(np.median(gaps)), 1) if len(gaps) else 1
    early = ordered[0] - usual * np.arange(delay, 0, -1, dtype=np.int64)
    decoded = np.concatenate([early, ordered])[:count]
    lengths = np.append(gaps, usual).astype(np.int64)
    return Timetable(base, ordered[ranks], decoded, lengths[ranks])
