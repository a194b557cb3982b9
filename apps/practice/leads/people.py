"""Leads added, changed, taken away and brought back: each checked, saved, and put on record."""

from collections.abc import Callable, Mapping
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.core.errors import Conflict, Invalid
from apps.practice.leads import bulk
from apps.practice.leads.bulk import Change, Taken
from apps.practice.leads.facts import Facts
from apps.practice.leads.reading import read
from apps.practice.leads.writing import Written, decide, insert, lacks, put, settle, update
from apps.practice.models import Lead
from apps.saying import say

__all__ = ["Change", "Facts", "Taken", "change", "create", "remove", "restore", "upsert", "upsert_many"]

upsert_many = bulk.upsert_many

EXTERNAL_ID_TAKEN: Final = say("Another lead of this practice has this external ID. Change that one, or give another.")
ID_TAKEN: Final = say("Another lead of this practice has this ID. Change that one, or give another.")
PATIENT_ID_TAKEN: Final = say("Another lead of this practice has this patient ID. Change that one, or give another.")
IS_DELETED: Final = say("This lead has been deleted. Restore it before you change it.")
IS_ERASED: Final = say("This lead has been erased: nothing is left to bring back.")


def create(who: Principal, practice_id: int, facts: Mapping[str, object], *, source: str) -> Lead:
    """Add a lead; `facts` are those of `Facts`, as text or typed.

    Raises Refused, NotFound for a practice out of sight, Invalid with what is wrong with which field, and Conflict for
    an external or patient ID that another lead has.
    """
    decide(who, practice_id)
    lead = Lead(practice_id=practice_id, source=source)
    _put(lead, read(facts))
    with transaction.atomic():
        _make_sure_free(lead)
        _saving(lambda: insert([lead]))
        settle(who, practice_id, [Written(lead, "added")], source)
    return lead


def change(who: Principal, lead: Lead, facts: Mapping[str, object], *, source: str) -> Lead:
    """Say this of a lead; what isn't said stays, and saying the same again changes nothing.

    Raises Refused, Invalid as `create`, Conflict for a deleted one and as `create`.
    """
    decide(who, lead.practice_id)
    said = read(facts)
    with transaction.atomic():
        lead = _locked(lead)
        if lead.deleted_at:
            raise Conflict(IS_DELETED)
        changed = _put(lead, said)
        if changed:
            _make_sure_free(lead)
            _saving(lambda: update([lead]))
            settle(who, lead.practice_id, [Written(lead, f"changed: {', '.join(changed)}")], source)
    return lead


def upsert(who: Principal, practice_id: int, facts: Mapping[str, object], *, source: str) -> Taken:
    """Change the lead of this external ID (else of this patient ID), or add one; a deleted one is restored.

    Raises as `create`.
    """
    taken = upsert_many(who, practice_id, [facts], source=source)[0]
    if taken.errors:
        raise Invalid(say("Some of what was said of this person is not right: see errors."), taken.errors)
    return taken


def remove(who: Principal, lead: Lead, *, source: str) -> Lead:
    """Take a lead off the lists; all that is known of it stays, so that it can be restored. Raises Refused."""
    decide(who, lead.practice_id)
    with transaction.atomic():
        lead = _locked(lead)
        if lead.deleted_at is None:
            lead.deleted_at = timezone.now()
            update([lead])
            settle(who, lead.practice_id, [Written(lead, "deleted")], source)
    return lead


def restore(who: Principal, lead: Lead, *, source: str) -> Lead:
    """Bring a deleted lead back. Raises Refused, and Conflict for one that was erased."""
    decide(who, lead.practice_id)
    with transaction.atomic():
        lead = _locked(lead)
        if lead.erased_at:
            raise Conflict(IS_ERASED)
        if lead.deleted_at:
            lead.deleted_at = None
            update([lead])
            settle(who, lead.practice_id, [Written(lead, "restored")], source)
    return lead


def _locked(lead: Lead) -> Lead:
    return Lead.objects.select_for_update().get(pk=lead.pk)


def _put(lead: Lead, facts: Facts) -> list[str]:
    if errors := lacks(lead, facts):
        raise Invalid(errors[0][1], errors)
    return put(lead, facts)


def _make_sure_free(lead: Lead) -> None:
    """Raises Conflict for an ID that another lead has."""
    others = Lead.objects.filter(practice=lead.practice_id).exclude(pk=lead.pk)
    if lead.external_id and others.filter(external_id=lead.external_id).exists():
        raise Conflict(EXTERNAL_ID_TAKEN)
    if lead.patient_id and others.filter(patient_id=lead.patient_id).exists():
        raise Conflict(PATIENT_ID_TAKEN)


def _saving(save: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        raise Conflict(ID_TAKEN) from error
