"""Writing the record: events are added in the transaction of what they tell of."""

from collections.abc import Iterable
from dataclasses import replace

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.accounts.principal import Principal
from apps.audit import chain, patients
from apps.audit.entries import Entry
from apps.audit.models import Event
from apps.core import requests
from apps.core.languages import in_english

__all__ = ["Entry", "record", "tell"]

Action = Event.Action
Outcome = Event.Outcome


def tell(  # noqa: PLR0913 - an event has that many facts, each of them named
    action: Event.Action,
    *,
    principal: Principal | None = None,
    actor: str = "",
    practice_id: int | None = None,
    study_instance_uid: str = "",
    patient: str = "",
    count: int = 1,
    detail: str = "",
    outcome: Event.Outcome = Outcome.SUCCESS,
    reason: str = "",
    source: str = "",
) -> None:
    """Put one event on record, in the caller's transaction.

    Who and how is the principal's, or `actor` where there is none; where it comes from, the request's at hand.
    `practice_id` is the principal's active practice unless it is given. `patient` is a pseudonym
    (`patients.pseudonym`); left out, it is looked up by the study. Nothing may hold a patient's name.
    A superuser who acts outside its practices is on record with an alert as well.
    """
    entry = Entry(
        action=action,
        actor=principal.username if principal else actor,
        practice_id=practice_id if practice_id is not None or principal is None else principal.practice_id,
        source=source,
        study_instance_uid=study_instance_uid,
        count=count,
        detail=detail,
        on_behalf_of=principal.on_behalf_of if principal else "",
        via=principal.via if principal else "",
        patient=patient,
        outcome=outcome,
        reason=reason,
    )
    entries = [entry]
    if principal and is_outside(principal, entry.practice_id):
        entries.append(alert(entry))
    with connection.cursor() as cursor:
        record(cursor, entries)


def record(cursor: CursorWrapper, entries: Iterable[Entry]) -> None:
    """Add these events, which happen now in the request at hand. The caller's transaction decides whether they stand.

    Other writers of the same practice's record wait until it ends: call it last in it.
    """
    told = [_of_request(entry) for entry in entries]
    if told:
        with transaction.atomic(savepoint=False):
            chain.append(cursor, with_patients(told))


def is_outside(principal: Principal, practice_id: int | None) -> bool:
    """Whether a superuser acts in a practice that is not its own."""
    return principal.is_superuser and practice_id is not None and practice_id not in principal.practice_ids


def alert(entry: Entry) -> Entry:
    """The alert (PS3.15 A.5.3.11) that this was done by a superuser outside its practices."""
    what = in_english(Action(entry.action).label)
    return replace(entry, action=Action.OUTSIDE, detail=f"{what}: {entry.detail}" if entry.detail else what)


def with_patients(entries: list[Entry]) -> list[Entry]:
    """The entries with the pseudonym of the patient whose study it is, where none is given."""
    wanted = {
        _place(entry) for entry in entries if entry.study_instance_uid and entry.practice_id and not entry.patient
    }
    known = patients.pseudonyms_of(wanted)
    return [replace(entry, patient=entry.patient or known.get(_place(entry), "")) for entry in entries]


def _place(entry: Entry) -> patients.Place:
    return entry.practice_id or chain.SITE, entry.study_instance_uid


def _of_request(entry: Entry) -> Entry:
    """The entry with what is known of the request at hand."""
    exchange = requests.current()
    if exchange is None:
        return entry
    return replace(
        entry,
        request_id=entry.request_id or exchange.request_id,
        address=entry.address or exchange.address,
        via=entry.via or exchange.via,
    )
