"""A lane: one thread that sends to one destination, study after study, until nothing is due there."""

import logging
import traceback
from collections.abc import Callable
from typing import Final

from django.db import Error

from apps.routing import journal, leases
from apps.routing.attempting import Attempt
from apps.routing.leases import Leases
from apps.routing.models import Outgoing
from apps.saying import say

UNEXPECTED: Final = say("It failed unexpectedly. The server's log says where.")

logger = logging.getLogger(__name__)


def drain(remote_id: int, held: Leases, is_to_stop: Callable[[], bool]) -> int:
    """Send what is due to a destination; gives how many attempts were made. Raises database errors."""
    attempts = 0
    while not is_to_stop() and (row := leases.claim(remote_id)):
        attempts += 1
        with held.holding(row) as mine:
            _attempt(row, Attempt(row, mine, is_to_stop))
    return attempts


def _attempt(row: Outgoing, attempt: Attempt) -> None:
    try:
        attempt.run()
    except Error:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one study meets holds up no other
        _log(row, error)
        journal.put_back(row, UNEXPECTED)


def _log(row: Outgoing, error: Exception) -> None:
    """The class and the place, not the message: that may quote a patient's data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    logger.error("outgoing %s, attempt %s: %s at %s", row.pk, row.attempts, type(error).__qualname__, place)
