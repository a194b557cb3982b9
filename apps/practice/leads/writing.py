"""How leads are written: facts put into the row, many rows at once, and every change told to the record."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts import whole
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.attributes import identity_of
from apps.audit.entries import Entry
from apps.audit.patients import pseudonym
from apps.audit.record import Action, alert, is_outside, record
from apps.dicom.names import fold
from apps.practice.events import leads_changed
from apps.practice.leads import keys
from apps.practice.leads.facts import FIELDS, Facts
from apps.practice.leads.reading import NO_NAME, Errors
from apps.practice.models import Lead
from apps.practice.models.leads import KEEPING, NAMES_LENGTH
from apps.saying import say

NOT_KEEPING: Final = say(
    "You may not keep this practice's leads: that is for those who may store objects in all of it."
)
NOT_ERASING: Final = say("You may not erase people: that is for those who may delete studies in all of the practice.")
_GAPS: Final = re.compile(r"[^\w]+|_+")
_COLUMNS: Final = [field for field in Lead._meta.concrete_fields if not field.primary_key]  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class Written:
    """A lead that is written, and what has become of it, for the record: names of fields, never what is in them.

    `patient_id` is what it was known by, where it has lost that.
    """

    lead: Lead
    what: str
    patient_id: str = ""


def decide(who: Principal, practice_id: int, permission: Permission = KEEPING) -> None:
    """Raises Refused for who may not do this in all of the practice, NotFound for who has nothing to do with it."""
    whole.decide(who, permission, practice_id, NOT_KEEPING if permission is KEEPING else NOT_ERASING)


def lacks(lead: Lead, facts: Facts) -> Errors:
    """What the lead would lack with these facts."""
    names = [str(facts.get(name, getattr(lead, name))) for name in ("family_name", "given_name")]
    return () if any(names) else (("familyName", NO_NAME),)


def put(lead: Lead, facts: Facts) -> list[str]:
    """Write the facts into the lead, which is not saved; returns the names of the fields that differ."""
    changed = [name for name in FIELDS if name in facts and getattr(lead, name) != facts.get(name)]
    for name in changed:
        setattr(lead, name, facts.get(name))
    lead.name_key = name_key(_all_names(lead))
    return changed


def name_key(names: Iterable[str]) -> str:
    """The words of these names, folded, as leads are looked up and ordered by."""
    return " ".join(word for word in _GAPS.split(fold(" ".join(names))) if word)[:NAMES_LENGTH]


def insert(leads: Sequence[Lead]) -> None:
    """Insert new leads, which have numbers then."""
    Lead.objects.bulk_create(leads)


def update(leads: Sequence[Lead]) -> None:
    """Save leads that are known, each with its next version; one statement for all of them."""
    if not leads:
        return
    for lead in leads:
        lead.version += 1
        lead.changed_at = timezone.now()
    assigned = ", ".join(f"{field.column} = %s" for field in _COLUMNS)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE practice_lead SET {assigned} WHERE id = %s", [_values(lead) for lead in leads])  # noqa: S608


def settle(
    who: Principal, practice_id: int, written: Sequence[Written], source: str, *, is_erased: bool = False
) -> None:
    """What follows in the same transaction: the leads' keys, the record, and after the commit all who listen."""
    if not written:
        return
    leads = [each.lead for each in written]
    (keys.drop if is_erased else keys.rewrite)(leads)
    pks = {lead.pk for lead in leads}
    transaction.on_commit(lambda: leads_changed.send(Lead, practice_id=practice_id, lead_pks=pks))
    action = Action.ERASE if is_erased else Action.LEAD
    entries = [_entry(who, each, source, action) for each in written]
    if is_outside(who, practice_id):
        entries.append(alert(_counted(entries)))
    with connection.cursor() as cursor:
        record(cursor, entries)


def _all_names(lead: Lead) -> Iterable[str]:
    yield from (lead.family_name, lead.given_name, lead.middle_name)
    for each in lead.other_names:
        yield from (each.get("family", ""), each.get("given", ""))


def _values(lead: Lead) -> list[Any]:
    columns = [field.get_db_prep_save(getattr(lead, field.attname), connection) for field in _COLUMNS]
    return [*columns, lead.pk]


def _entry(who: Principal, written: Written, source: str, action: Action) -> Entry:
    lead = written.lead
    return Entry(
        action=action,
        actor=who.username,
        practice_id=lead.practice_id,
        source=source,
        detail=f"lead {lead.pk} {written.what}",
        on_behalf_of=who.on_behalf_of,
        via=who.via,
        patient=pseudonym(lead.practice_id, identity_of("", written.patient_id or lead.dicom_patient_id)),
    )


def _counted(entries: Sequence[Entry]) -> Entry:
    """One entry for all of them."""
    first = entries[0]
    if len(entries) == 1:
        return first
    return Entry(
        *(first.action, first.actor, first.practice_id, first.source),
        count=len(entries),
        detail=f"{len(entries)} leads",
        on_behalf_of=first.on_behalf_of,
        via=first.via,
    )
