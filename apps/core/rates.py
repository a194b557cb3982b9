"""How many requests a caller may make: a bucket for each that fills by the minute, in the memory of each process.

No query and no other process is asked: with two web processes a caller may reach twice the rate, which does not matter
to a bound that is there to keep one program's mistake from being everybody's.
"""

import time
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import Final

MOST_CALLERS: Final = 10_000
WINDOW: Final = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """What is left after this request, whether it is one too many, and in how many seconds there is more."""

    limit: int
    left: int
    is_over: bool
    seconds: int

    @property
    def fields(self) -> dict[str, str]:
        """The header fields that tell it (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"caller";q={self.limit};w={WINDOW}',
            "RateLimit": f'"caller";r={self.left};t={self.seconds}',
        }


# Of each caller: what was left, and when.
_buckets: dict[str, tuple[float, float]] = {}
_lock = Lock()


def take(caller: str, limit: int) -> Measured:
    """Count one request of this caller, who may make `limit` a minute; as many at once while none were made."""
    now, pace = time.monotonic(), limit / WINDOW
    with _lock:
        left, since = _buckets.pop(caller, (float(limit), now))
        left = min(float(limit), left + (now - since) * pace)
        is_over = left < 1
        left -= not is_over
        _make_room()
        # Whoever called last is the last that is forgotten.
        _buckets[caller] = left, now
    wait = (1 - left) / pace if is_over else (limit - left) / pace
    return Measured(limit, int(left), is_over, ceil(wait))


def forget_all() -> None:
    """Begin anew, for tests."""
    with _lock:
        _buckets.clear()


def _make_room() -> None:
    while len(_buckets) >= MOST_CALLERS:
        del _buckets[next(iter(_buckets))]
