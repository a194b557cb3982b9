"""Callers that nobody knows: listed for who administers the practice, and on record.

A flood of them costs a write every few seconds, and a bounded number of rows: those that called the longest ago go.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import Error, transaction
from django.db.models import F

from apps.audit import access
from apps.audit.models import Event
from apps.audit.tallies import Tallies, Tally
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


@dataclass(frozen=True, slots=True)
class _Refusal:
    practice_id: int | None
    reason: str


def note(caller: Caller, practice_id: int | None, reason: str) -> None:
    """List a caller that was refused, or count it on, and put it on record: at once, or with those of some seconds."""
    _refused.note(caller, _Refusal(practice_id, reason))


def forget_all() -> None:
    """Drop what waits to be written."""
    _refused.forget_all()


def _write(tallies: dict[Caller, Tally[_Refusal]], others: int) -> None:
    try:
        _list(tallies)
    except Error:
        logger.exception("%d unknown callers could not be listed.", len(tallies))
    for caller, tally in tallies.items():
        access.note_refusal(
            Event.Action.NODE_REFUSED, caller.calling, practice_id=tally.facts.practice_id, source=SOURCE,
            detail=f"called {caller.called}: {tally.facts.reason}", address=caller.address, count=tally.calls,
        )  # fmt: skip
    if others:
        access.note_refusal(Event.Action.NODE_REFUSED, "", practice_id=None, source=SOURCE, detail="more", count=others)


_refused: Tallies[Caller, _Refusal] = Tallies(_write, MOST_WAITING)


def _list(tallies: dict[Caller, Tally[_Refusal]]) -> None:
    with transaction.atomic():
        for caller, tally in sorted(tallies.items(), key=lambda each: (each[0].calling, each[0].address)):
            _list_one(caller, tally)
        _bound()


def _list_one(caller: Caller, tally: Tally[_Refusal]) -> None:
    rows = UnknownCaller.objects.filter(calling=caller.calling, called=caller.called, address=caller.address)
    refusal = tally.facts
    facts = {"practice_id": refusal.practice_id, "reason": refusal.reason[:TEXT_LENGTH], "last_at": tally.at}
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
