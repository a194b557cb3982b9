"""Systems that nobody knows: listed for who administers the practice, and on record.

A flood of them costs a write every few seconds, and a bounded number of rows: those that called the longest ago go.
"""

import logging
from dataclasses import dataclass
from typing import Final

from django.db import Error, transaction
from django.db.models import F

from apps.accounts.models import Practice
from apps.audit import access
from apps.audit.models import Event
from apps.audit.tallies import Tallies, Tally
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


@dataclass(frozen=True, slots=True)
class _Refusal:
    reason: str
    receiving: tuple[str, ...]


# Application, facility and address.
_Key = tuple[str, str, str]


def note(writer: Writer, reason: str) -> None:
    """List a system that was refused, or count it on, and put it on record: at once, or with those of some seconds."""
    key = _readable(writer.application), _readable(writer.facility), writer.address
    _refused.note(key, _Refusal(reason, writer.receiving))


def forget_all() -> None:
    """Drop what waits to be written."""
    _refused.forget_all()


def _write(tallies: dict[_Key, Tally[_Refusal]], others: int) -> None:
    for key, tally in sorted(tallies.items(), key=lambda each: each[0]):
        application, facility, address = key
        practice_id = None
        try:
            practice_id = _practice_of(tally.facts.receiving)
            _list(key, tally, practice_id)
        except Error:
            logger.exception("an unknown HL7 sender could not be listed")
        access.note_refusal(
            Event.Action.NODE_REFUSED, application or facility, practice_id=practice_id, source=SOURCE,
            detail=tally.facts.reason, address=address, count=tally.calls,
        )  # fmt: skip
    if others:
        access.note_refusal(Event.Action.NODE_REFUSED, "", practice_id=None, source=SOURCE, detail="more", count=others)


_refused: Tallies[_Key, _Refusal] = Tallies(_write, MOST_WAITING)


def _list(key: _Key, tally: Tally[_Refusal], practice_id: int | None) -> None:
    facts = {"practice_id": practice_id, "reason": tally.facts.reason[:TEXT_LENGTH], "last_at": tally.at}
    known = dict(zip(("application", "facility", "address"), key, strict=True))
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
