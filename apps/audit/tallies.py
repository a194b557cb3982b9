"""What happens again and again, counted together and written every few seconds: a flood costs no more than a drop."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection
from django.utils import timezone

Key = TypeVar("Key", bound=Hashable)
Facts = TypeVar("Facts")


@dataclass(slots=True)
class Tally(Generic[Facts]):
    """How often the same happened, what was known of it last, and when that was."""

    facts: Facts
    calls: int
    at: datetime


class Tallies(Generic[Key, Facts]):
    """Of one process. `write` gets what has come since it was last called, and how often beyond the `most` kept apart.

    It is called at once for the first after a pause; what comes soon after that is written when the pause ends
    (FOVEA_AUDIT_SECONDS). What it can't write is not brought again.
    """

    def __init__(self, write: Callable[[dict[Key, Tally[Facts]], int], None], most: int) -> None:
        self._write = write
        self._most = most
        self._waiting: dict[Key, Tally[Facts]] = {}
        self._others = 0
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def note(self, key: Key, facts: Facts) -> None:
        """Count it, and write if it is time to."""
        with self._lock:
            tally = self._waiting.get(key)
            if tally is None and len(self._waiting) >= self._most:
                self._others += 1
            else:
                self._waiting[key] = Tally(facts, (tally.calls if tally else 0) + 1, timezone.now())
            is_due = self._is_due()
        if is_due:
            self.write()

    def write(self) -> None:
        """Write what waits, now."""
        with self._lock:
            waiting, others = self._waiting, self._others
            self._waiting, self._others = {}, 0
        self._write(waiting, others)

    def forget_all(self) -> None:
        """Drop what waits to be written."""
        with self._lock:
            self._waiting, self._others = {}, 0

    def _is_due(self) -> bool:
        if not settings.AUDIT_FLUSH_SECONDS:
            return True
        if self._timer is not None and self._timer.is_alive():
            return False
        self._timer = threading.Timer(settings.AUDIT_FLUSH_SECONDS, self._write_later)
        self._timer.daemon = True
        self._timer.start()
        return True

    def _write_later(self) -> None:
        try:
            self.write()
        finally:
            connection.close()
