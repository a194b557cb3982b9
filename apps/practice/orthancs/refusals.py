"""Calls that were not believed, counted for each address in this process: guessing is slow, and costs little."""

import time
from collections import deque
from threading import Lock
from typing import Final

from apps.core.errors import SignInRequired, TooManyAttempts
from apps.saying import say

MOST: Final = 30
SECONDS: Final = 60.0
MOST_ADDRESSES: Final = 4096

_refused: dict[str, deque[float]] = {}
_lock = Lock()


class NotBelieved(SignInRequired):
    """The call is nobody's whom a practice trusts: unknown, switched off, or wrongly signed, which look alike."""

    code = "not-believed"
    title = say("The call is not signed by an Orthanc that is known here")
    takes_password = False


def count(address: str) -> None:
    """One more call from there is not believed. Raises TooManyAttempts where there were too many in the last minute."""
    now = time.monotonic()
    with _lock:
        if len(_refused) >= MOST_ADDRESSES and address not in _refused:
            _refused.clear()
        times = _refused.setdefault(address, deque(maxlen=MOST))
        if len(times) == MOST and times[0] > now - SECONDS:
            raise TooManyAttempts(
                say("Too many calls that were not rightly signed came from this address. Wait a minute.")
            )
        times.append(now)


def forget_all() -> None:
    """Nobody was refused."""
    with _lock:
        _refused.clear()
