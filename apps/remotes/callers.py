"""Callers that nobody knows: listed for who administers the practice, and on record.

A flood of them costs a write every few seconds, and a bounded number of rows: those that called the longest ago go.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.audit import access
from apps.audit.models import Event
from apps.remotes.models import AE_TITLE_LENGTH, TEXT_LENGTH, UnknownCaller

logger = logging.getLogger(__name__)

# Rows that a site keeps, and different callers that wait to be written; of more than these only the number is kept.
MOST_KEPT: Final = 300
MOST_WAITING: Final = 50
SOURCE: Final = "DIMSE"


@dataclass(frozen=True, slots=True)
class Caller:
    """A node that was refused: by which AE title it calls and which it called, from where."""

    calling: str
    called: str
    address: str

    @classmethod
    def of(cls, calling: str, called: str, address: str) -> "Caller":
        """With what databases and people can read of what was sent."""
        return cls(_readable(calling), _readable(called), address)


@dataclass(slots=True)
class _Tally:
    practice_id: int | None
    reason: str
    calls: int
    at: datetime


_waiting: dict[Caller, _Tally] = {}
_others = 0
_lock = threading.Lock()
_writer: threading.Timer | None = None


def note(caller: Caller, practice_id: int | None, reason: str) -> None:
    """List a caller that was refused, or count it on, and put it on record: at once, or with those of some seconds."""
    global _others  # noqa: PLW0603 - one count a process
    with _lock:
        tally = _waiting.get(caller)
        if tally is not None:
            tally.practice_id, tally.reason, tally.calls, tally.at = (
                practice_id,
                reason,
                tally.calls + 1,
                timezone.now(),
            )
        elif len(_waiting) < MOST_WAITING:
            _waiting[caller] = _Tally(practice_id, reason, 1, timezone.now())
        else:
            _others += 1
        is_due = _is_due()
    if is_due:
        write()


def write() -> None:
    """Write what waits, now. What the database doesn't take waits no longer: the next call of the same tells again."""
    global _others  # noqa: PLW0603 - one count a process
    with _lock:
        tallies, others = dict(_waiting), _others
        _waiting.clear()
        _others = 0
    try:
        _list(tallies)
    except Error:
        logger.exception("%d unknown callers could not be listed.", len(tallies))
    for caller, tally in tallies.items():
        access.note_refusal(
            Event.Action.NODE_REFUSED, caller.calling, practice_id=tally.practice_id, source=SOURCE,
            detail=f"called {caller.called}: {tally.reason}", address=caller.address, count=tally.calls,
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
    global _writer  # noqa: PLW0603 - one writer a process
    if not settings.AUDIT_FLUSH_SECONDS:
        return True
    if _writer is not None and _writer.is_alive():
        return False
    _writer = threading.Timer(settings.AUDIT_FLUSH_SECONDS, _write_later)
    _writer.daemon = True
    _writer.start()
    return True


def _write_later() -> None:
    try:
        write()
    finally:
        connection.close()


def _list(tallies: dict[Caller, _Tally]) -> None:
    with transaction.atomic():
        for caller, tally in sorted(tallies.items(), key=lambda each: (each[0].calling, each[0].address)):
            _list_one(caller, tally)
        _bound()


def _list_one(caller: Caller, tally: _Tally) -> None:
    rows = UnknownCaller.objects.filter(calling=caller.calling, called=caller.called, address=caller.address)
    facts = {"practice_id": tally.practice_id, "reason": tally.reason[:TEXT_LENGTH], "last_at": tally.at}
    if not rows.update(calls=F("calls") + tally.calls, **facts):
        made = UnknownCaller(
            calling=caller.calling, called=caller.called, address=caller.address, calls=tally.calls,
            first_at=tally.at, **facts,
        )  # fmt: skip
        UnknownCaller.objects.bulk_create([made], ignore_conflicts=True)


def _bound() -> None:
    beyond: Iterable[int] = UnknownCaller.objects.order_by("-last_at", "-pk").values_list("pk", flat=True)[MOST_KEPT:]
    if old := list(beyond):
        UnknownCaller.objects.filter(pk__in=old).delete()


def _readable(title: str) -> str:
    return "".join(sign if " " <= sign <= "~" else "?" for sign in title)[:AE_TITLE_LENGTH]
