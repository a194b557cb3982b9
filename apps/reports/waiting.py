"""Waiting for what a worker makes: for a while, and not with all threads of the process."""

import time
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Final

WAIT_SECONDS: Final = 20.0
# Of a process: threads that wait. The others go on with quick requests.
CALLERS: Final = 4
_POLL_SECONDS: Final = 0.1
_callers: Final = BoundedSemaphore(CALLERS)


def waited_for(made: Callable[[], bytes | None]) -> bytes | None:
    """What `made` gives as soon as it does; None where that takes longer, or too many wait already. Raises as it."""
    if not _callers.acquire(blocking=False):
        return None
    try:
        return _polled(made)
    finally:
        _callers.release()


def _polled(made: Callable[[], bytes | None]) -> bytes | None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        data = made()
        if data is not None:
            return data
        time.sleep(_POLL_SECONDS)
    return None
