"""Systems that nobody knows: listed for who administers the practice, and on record.

A flood of them costs a write every few seconds, and a bounded number of rows: those that called the longest ago go.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import Practice
from apps.audit import access
from apps.audit.models import Event
from apps.hl7.models import HD_LENGTH, TEXT_LENGTH, Stranger

logger = logging.getLogger("fovea.hl7")

# Rows that a site keeps, and different senders that wait to be written; of more than these only the number is kept.
MOST_KEPT: Final = 300
MOST_WAITING: Final = 50
SOURCE: Final = "HL7"


@dataclass(frozen=True, slots=True)
class Writer:
    """A system that was refused: what it calls itself, whom it wrote to (MSH-3 to MSH-6), and from where."""

    application: str
    facility: str
    address: str
    receiving: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    reason: str
    receiving: tuple[str, ...]
    calls: int
    at: datetime


_waiting: dict[tuple[str, str, str], _Tally] = {}
_others = 0
_lock = threading.Lock()
_timer: threading.Timer | None = None


def note(writer: Writer, reason: str) -> None:
    """List a system that was refused, or count it on, and put it on record: at once, or with those of some seconds."""
    global _others  # noqa: PLW0603 - one count a process
    key = _readable(writer.application), _readable(writer.facility), writer.address
    with _lock:
        known = _waiting.get(key)
        if known is None and len(_waiting) >= MOST_WAITING:
            _others += 1
        else:
            calls = known.calls if known else 0
            _waiting[key] = _Tally(reason, writer.receiving, calls + 1, timezone.now())
        is_due = _is_due()
    if is_due:
        write()


def write() -> None:
    """Write what waits, now. What the database doesn't take waits no longer: the next message tells again."""
    global _others  # noqa: PLW0603 - one count a process
    with _lock:
        tallies, others = dict(_waiting), _others
        _waiting.clear()
        _others = 0
    for (application, facility, address), tally in sorted(tallies.items(), key=lambda each: each[0]):
        practice_id = None
        try:
            practice_id = _practice_of(tally.receiving)
            _list(application, facility, address, tally, practice_id)
        except Error:
            logger.exception("an unknown HL7 sender could not be listed")
        access.note_refusal(
            Event.Action.NODE_REFUSED, application or facility, practice_id=practice_id, source=SOURCE,
            detail=tally.reason, address=address, count=tally.calls,
        )  # fmt: skip
    if others:
        access.note_refusal(Event.Action.NODE_REFUSED, "", practice_id=None, source=SOURCE, detail="more", count=others)


def forget_all() -> None:
    """Drop what waits to be written."""
    global _others  # noqa: PLW0603 - one count a process
    with _lock:
        _waiting.clear()
        _others = 0


def _is_due() -> bool:
    """Whether to write at once: the first after a pause; what comes soon after it is written when the pause ends."""
    global _timer  # noqa: PLW0603 - one writer a process
    if not settings.AUDIT_FLUSH_SECONDS:
        return True
    if _timer is not None and _timer.is_alive():
        return False
    _timer = threading.Timer(settings.AUDIT_FLUSH_SECONDS, _write_later)
    _timer.daemon = True
    _timer.start()
    return True


def _write_later() -> None:
    try:
        write()
    finally:
        connection.close()


def _list(application: str, facility: str, address: str, tally: _Tally, practice_id: int | None) -> None:
    facts = {"practice_id": practice_id, "reason": tally.reason[:TEXT_LENGTH], "last_at": tally.at}
    known = {"application": application, "facility": facility, "address": address}
    with transaction.atomic():
        if not Stranger.objects.filter(**known).update(calls=F("calls") + tally.calls, **facts):
            made = Stranger(**known, **facts, calls=tally.calls, first_at=tally.at)
            Stranger.objects.bulk_create([made], ignore_conflicts=True)
        if beyond := list(Stranger.objects.order_by("-last_at", "-pk").values_list("pk", flat=True)[MOST_KEPT:]):
            Stranger.objects.filter(pk__in=beyond).delete()


def _practice_of(receiving: tuple[str, ...]) -> int | None:
    """Whom it wrote to: the practice of that name, or the only one there is."""
    practices = dict(Practice.objects.values_list("pk", "name")[:1000])
    if len(practices) == 1:
        return next(iter(practices))
    called = {name.casefold() for name in receiving if name}
    return next((pk for pk, name in practices.items() if name.casefold() in called), None)


def _readable(name: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:HD_LENGTH]
