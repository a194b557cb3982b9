"""When what failed is tried again: a delivery by itself, and a webhook whose every delivery fails."""

import random
from datetime import timedelta
from typing import Final

# After the first attempt, the second, … (as Standard Webhooks suggests): three days in all.
PAUSES: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
MOST_ATTEMPTS: Final = 1 + len(PAUSES)
# So much longer a pause may be, so that not all that failed together comes back together.
JITTER: Final = 0.2
# Failures in a row from which on a webhook is tried with one delivery at a time, and with pauses between.
DOUBTFUL: Final = 3
FIRST_REST: Final = timedelta(seconds=5)
LONGEST_REST: Final = timedelta(minutes=5)


def pause(attempts: int, wish: timedelta | None = None) -> timedelta | None:
    """How long to wait after that many attempts; None when it is given up. Never shorter than the receiver wishes."""
    if attempts >= MOST_ATTEMPTS:
        return None
    planned = PAUSES[max(attempts, 1) - 1] * (1 + JITTER * random.random())  # noqa: S311 - no secret
    return max(planned, wish or timedelta(0))


def rest(failures: int) -> timedelta:
    """How long a webhook is left alone after so many failures in a row: it doubles, up to five minutes."""
    if failures < DOUBTFUL:
        return timedelta(0)
    return min(FIRST_REST * 2 ** min(failures - DOUBTFUL, 16), LONGEST_REST)
