"""What an attempt writes down: each instance as it is confirmed, how the attempt ended, and what has left on record."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.shelving import site_writer
from apps.audit.record import Action, tell
from apps.core import metrics
from apps.routing import breaker
from apps.routing.commitments import requests
from apps.routing.models import Delivery, DeliveryState, Outgoing, OutgoingState
from apps.routing.models.outgoing import TEXT_LENGTH
from apps.routing.verdicts import Verdict

SOURCE: Final = "routing"
ACTOR: Final = "router"
_STATES: Final = {
    Verdict.TAKEN: DeliveryState.TAKEN,
    Verdict.WARNED: DeliveryState.WARNED,
    Verdict.PARKED: DeliveryState.PARKED,
}
_CONFIRMED: Final = (Verdict.TAKEN, Verdict.WARNED)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an instance, by its key."""

    key: int
    verdict: Verdict
    status: int | None = None
    reason: str = ""


def actor_of(row: Outgoing) -> Principal:
    """Who sends: the router, for whoever has asked for it."""
    asked_by = row.asked_by.username if row.asked_by else ""
    return Principal.worker(row.practice_id, ACTOR, frozenset({Permission.SEND}), on_behalf_of=asked_by)


def note(row: Outgoing, results: Sequence[Result]) -> None:
    """Write down what became of these instances. An instance that was noted before counts once."""
    if results:
        with site_writer(), transaction.atomic():
            _write(row, results)


def _write(row: Outgoing, results: Sequence[Result]) -> None:
    """The destination's row first: claims take them in this order too."""
    verdicts = {result.verdict for result in results}
    if not verdicts.isdisjoint(_CONFIRMED):
        breaker.took(row.remote_id)
    counts = dict.fromkeys(Verdict, 0) | {verdict: _note_all(row, verdict, results) for verdict in verdicts}
    confirmed = counts[Verdict.TAKEN] + counts[Verdict.WARNED]
    changed = {
        "taken": F("taken") + confirmed,
        "warned": F("warned") + counts[Verdict.WARNED],
        "parked": F("parked") + counts[Verdict.PARKED],
    }
    if results:
        Outgoing.objects.filter(pk=row.pk).update(**changed, **({"attempts": 1} if confirmed else {}))
    for verdict, count in counts.items():
        metrics.instances_routed(row.remote.name, verdict.name.lower(), count)


def _note_all(row: Outgoing, verdict: Verdict, results: Sequence[Result]) -> int:
    """Those of one verdict; what is the same of many is one statement."""
    together: dict[tuple[int | None, str], list[int]] = {}
    for result in results:
        if result.verdict is verdict:
            together.setdefault((result.status, result.reason[:TEXT_LENGTH]), []).append(result.key)
    waiting = Delivery.objects.filter(outgoing=row.pk, state=DeliveryState.WAITING)
    state = _STATES.get(verdict, DeliveryState.WAITING)
    tries = F("tries") + int(verdict not in _CONFIRMED)
    return sum(
        waiting.filter(instance_key__in=keys).update(state=state, status=status, reason=reason, tries=tries)
        for (status, reason), keys in together.items()
    )


def finish(row: Outgoing, results: Sequence[Result]) -> bool:
    """Note the last results, and end an attempt after which nothing may be left: sent, or failed if some were parked.

    False where something is left, or the attempt is no longer the one that counts.
    """
    with site_writer(), transaction.atomic():
        _write(row, results)
        mine = _mine(row)
        if mine is None or mine.deliveries.filter(state=DeliveryState.WAITING).exists():
            return False
        mine.state = OutgoingState.FAILED if mine.parked else OutgoingState.SENT
        mine.last_error = _parked(mine) if mine.parked else ""
        mine.sent_at = timezone.now()
        _give_back(mine)
        if mine.state == OutgoingState.SENT:
            requests.on_sent(mine)
        _put_on_record(mine)
    return True


def put_back(row: Outgoing, error: str) -> bool:
    """End an attempt that failed: it is tried again after a pause, or waits for a person where that was long enough.

    False where the attempt is no longer the one that counts.
    """
    with site_writer(), transaction.atomic():
        mine = _mine(row)
        if mine is None:
            return False
        given_up = timezone.now() - timedelta(days=settings.ROUTING_GIVE_UP_DAYS)
        is_over = mine.attempts >= settings.ROUTING_ATTEMPTS or mine.tried_since <= given_up
        mine.state = OutgoingState.FAILED if is_over else OutgoingState.WAITING
        mine.not_before = timezone.now() + pause(mine.attempts)
        mine.last_error = error[:TEXT_LENGTH]
        _give_back(mine)
        _put_on_record(mine)
    return True


def release(row: Outgoing) -> bool:
    """Put back what this process has no time for any more, and don't count the attempt; False as with `put_back`."""
    with site_writer(), transaction.atomic():
        mine = _mine(row)
        if mine is None:
            return False
        mine.state, mine.attempts = OutgoingState.WAITING, max(0, mine.attempts - 1)
        _give_back(mine)
        _put_on_record(mine)
    return True


def settle_lost(row: Outgoing) -> None:
    """Put on record what has left before the attempt was cancelled, or given to another."""
    with site_writer(), transaction.atomic():
        _put_on_record(Outgoing.objects.select_for_update(of=("self",)).get(pk=row.pk))


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: it doubles, up to the longest, and no two wait quite the same."""
    seconds = min(settings.ROUTING_LONGEST_BACKOFF, settings.ROUTING_BACKOFF * 2 ** min(max(attempts, 1) - 1, 16))
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def _mine(row: Outgoing) -> Outgoing | None:
    rows = Outgoing.objects.select_for_update(of=("self",)).select_related("remote", "asked_by")
    return rows.filter(pk=row.pk, state=OutgoingState.SENDING, owner=row.owner).first()


def _give_back(row: Outgoing) -> None:
    row.owner, row.lease_until = "", None
    row.save(update_fields=["state", "attempts", "not_before", "last_error", "sent_at", "owner", "lease_until"])


def _parked(row: Outgoing) -> str:
    first = row.deliveries.filter(state=DeliveryState.PARKED).order_by("pk").values_list("reason", flat=True).first()
    return f"{row.parked} of {row.total} instances were not taken. The first: {first}"[:TEXT_LENGTH]


def _put_on_record(row: Outgoing) -> None:
    """What has left since it was told last, a killed attempt's too (PS3.15 A.5.3.7). The last of a transaction."""
    count = row.taken - row.recorded
    if count <= 0:
        return
    Outgoing.objects.filter(pk=row.pk).update(recorded=row.taken)
    tell(
        Action.SEND, principal=actor_of(row), practice_id=row.practice_id, count=count,
        study_instance_uid=row.study_instance_uid, detail=f"to {row.remote.name}", source=SOURCE,
    )  # fmt: skip
