"""Sending the record to a collector (FOVEA_AUDIT_SYSLOG): along each chain, from where the last event was taken.

Nothing is lost while the collector is away. What it took without our learning of it is sent once more.
"""

import logging
import time
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from apps.audit import chain, syslog
from apps.audit.models import Delivery, Event, Head
from apps.core.errors import Unavailable
from apps.saying import say

# Events that one connection takes, and connections that one call makes.
BATCH: Final = 500
BATCHES: Final = 4
FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 300.0

logger = logging.getLogger(__name__)


def ship() -> int:
    """Send what waits, some of it; gives how many events were taken. Raises Unavailable."""
    address, taken = _address(), 0
    for _ in range(BATCHES):
        events = _waiting()
        if not events:
            break
        syslog.send(address, [syslog.frame(event) for event in events])
        _note({event.practice_id or chain.SITE: event.sequence for event in events})
        taken += len(events)
    return taken


def waiting() -> int:
    """How many events the collector hasn't taken yet."""
    taken = _taken()
    return sum(head.sequence - taken.get(head.chain, 0) for head in Head.objects.all())


def _waiting() -> list[Event]:
    """The next events, each chain's in their order."""
    taken, events = _taken(), list[Event]()
    for head in Head.objects.order_by("chain"):
        done = taken.get(head.chain, 0)
        if head.sequence > done and len(events) < BATCH:
            practice = {"practice_id": head.chain} if head.chain != chain.SITE else {"practice": None}
            later = Event.objects.filter(**practice, sequence__gt=done).order_by("sequence")
            events += later[: BATCH - len(events)]
    return events


def _taken() -> dict[int, int]:
    return dict(Delivery.objects.filter(destination=_destination()).values_list("chain", "sequence"))


def _note(last: dict[int, int]) -> None:
    for name, sequence in last.items():
        Delivery.objects.update_or_create(destination=_destination(), chain=name, defaults={"sequence": sequence})


def _address() -> tuple[str, int]:
    """Where to. Raises Unavailable where the site has named no collector."""
    if settings.AUDIT_SYSLOG is None:
        raise Unavailable(say("There is no collector of the record: FOVEA_AUDIT_SYSLOG names one."))
    return settings.AUDIT_SYSLOG


def _destination() -> str:
    address, port = _address()
    return f"tls://{address}:{port}"


@dataclass(slots=True)
class Shipper:
    """Ships when it is time to: at once while it works, after ever longer pauses while it doesn't."""

    pause: float = 0.0
    due: float = field(default_factory=time.monotonic)

    def ship_when_due(self) -> None:
        if not settings.AUDIT_SYSLOG or time.monotonic() < self.due:
            return
        try:
            ship()
            self.pause = 0.0
        except Unavailable as error:
            self.pause = min(LONGEST_PAUSE, 2 * self.pause or FIRST_PAUSE)
            self.due = time.monotonic() + self.pause
            logger.warning("%s %s events wait, the next try is in %.0f s.", error.detail, waiting(), self.pause)
