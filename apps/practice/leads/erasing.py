"""Erasing a person (GDPR article 17): nothing that was said of them stays but a number, and that it was done."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.practice.leads.facts import FIELDS
from apps.practice.leads.writing import Written, decide, settle, update
from apps.practice.models import Lead

ERASING: Final = Permission.DELETE


def erase(who: Principal, lead: Lead, *, source: str) -> Lead:
    """Remove all that is known of a lead, for good. Its row stays, empty and deleted, for what refers to it.

    The images are part of the medical record and stay: whoever may delete studies deletes them. Raises Refused.
    """
    decide(who, lead.practice_id, ERASING)
    with transaction.atomic():
        lead = Lead.objects.select_for_update().get(pk=lead.pk)
        if lead.erased_at is None:
            was = lead.dicom_patient_id
            _blank(lead)
            update([lead])
            settle(who, lead.practice_id, [Written(lead, "erased", was)], source, is_erased=True)
    return lead


def _blank(lead: Lead) -> None:
    empty = Lead()
    for name in (*FIELDS, "name_key", "source"):
        setattr(lead, name, getattr(empty, name))
    lead.erased_at = timezone.now()
    lead.deleted_at = lead.deleted_at or lead.erased_at
