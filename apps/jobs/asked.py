"""What a process has asked a job for lately, so that it does not ask again with each batch that is stored."""

import time
from collections.abc import Iterable
from threading import Lock
from typing import Final

REMEMBERED: Final = 10_000


class AskedLately:
    """Keys, each with the moment until which it is taken to be asked for. Some thousands; then all are forgotten."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}
        self._lock = Lock()

    def fresh(self, keys: Iterable[int], seconds: float) -> list[int]:
        """Those of the keys that were not asked for lately, in order; for so many seconds they count as asked for."""
        now = time.monotonic()
        with self._lock:
            fresh = sorted(key for key in keys if self._until.get(key, 0.0) <= now)
            if len(self._until) + len(fresh) > REMEMBERED:
                self._until.clear()
            self._until.update(dict.fromkeys(fresh, now + seconds))
        return fresh

    def forget_all(self) -> None:
        """Nothing was asked for."""
        with self._lock:
            self._until.clear()
