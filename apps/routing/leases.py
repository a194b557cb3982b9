"""Who sends what. A destination's row is the gate: claims for it, by however many nodes, come one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from threading import Lock
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.archive.shelving import site_writer
from apps.jobs.claims import WORKER
from apps.routing.models import Destination, Outgoing, OutgoingState

# How many studies go to one destination at the same time.
LANES: Final = 2


@dataclass(slots=True)
class Held:
    """A study that is this attempt's; `owner` proves it. `is_lost` is set when another has it, or nobody any more."""

    pk: int
    owner: str
    is_lost: bool = False


def claim(remote_id: int) -> Outgoing | None:
    """Take what is to go next to a destination, priorities first and then age, and count an attempt.

    None where nothing is due, where LANES are at work, and for a destination that is switched off or only asked by
    echo. What an attempt whose lease has lapsed has left is due at once.
    """
    with site_writer(), transaction.atomic():
        gate = Destination.objects.select_for_update(of=("self",)).filter(remote=remote_id, open_since=None)
        if gate.filter(remote__is_active=True).first() is None:
            return None
        now = timezone.now()
        rows = Outgoing.objects.filter(remote=remote_id).select_related("remote", "rule", "asked_by")
        sending = list(rows.filter(state=OutgoingState.SENDING).order_by("priority", "created_at", "id"))
        lapsed = [row for row in sending if row.lease_until is None or row.lease_until <= now]
        if len(sending) - len(lapsed) >= LANES:
            return None
        due = rows.filter(state=OutgoingState.WAITING, not_before__lte=now)
        heads = [*lapsed[:1], *due.order_by("priority", "created_at", "id")[:1]]
        first = min(heads, key=lambda row: (row.priority, row.created_at, row.pk), default=None)
        return _taken(first) if first else None


def _taken(row: Outgoing) -> Outgoing | None:
    """The row with its lease; None where somebody has cancelled it at this moment."""
    mine = Outgoing.objects.filter(pk=row.pk, state=row.state, owner=row.owner)
    row.state, row.attempts = OutgoingState.SENDING, row.attempts + 1
    row.owner = f"{WORKER}:{token_hex(6)}"
    row.lease_until = timezone.now() + timedelta(seconds=settings.ROUTING_LEASE)
    taken = mine.update(state=row.state, attempts=row.attempts, owner=row.owner, lease_until=row.lease_until)
    return row if taken else None


class Leases:
    """What this process sends at the moment. `renew` is called by its heartbeat, the rest by its lanes."""

    def __init__(self) -> None:
        self._held: dict[int, Held] = {}
        self._lock = Lock()

    @contextmanager
    def holding(self, row: Outgoing) -> Iterator[Held]:
        """The study's lease is renewed within."""
        held = Held(row.pk, row.owner)
        with self._lock:
            self._held[row.pk] = held
        try:
            yield held
        finally:
            with self._lock:
                self._held.pop(row.pk, None)

    def renew(self) -> None:
        """Keep everything for another lease, by one statement, and tell those that have lost theirs."""
        with self._lock:
            held = list(self._held.values())
        if not held:
            return
        lease = timezone.now() + timedelta(seconds=settings.ROUTING_LEASE)
        owners = [each.owner for each in held]
        mine = Outgoing.objects.filter(pk__in=[each.pk for each in held], state=OutgoingState.SENDING, owner__in=owners)
        mine.update(lease_until=lease)
        kept = set(mine.values_list("owner", flat=True))
        for each in held:
            each.is_lost = each.owner not in kept
