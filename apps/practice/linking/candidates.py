"""The leads that a patient of the images may be: those who share keys with them. Three queries, however many leads."""

from collections.abc import Collection, Iterable
from typing import Final

from django.db.models import Count

from apps.practice.matching import blocking
from apps.practice.models import Lead, LeadKey

# What is compared of a lead, and what names one.
COMPARED: Final = (
    "practice", "external_id", "patient_id", "family_name", "given_name", "middle_name", "other_names", "birth_date",
    "sex", "phones", "emails", "addresses", "health_number", "health_number_system", "identifiers",
)  # fmt: skip


def leads_by(practice_id: int, keys: Collection[str], besides: Iterable[int | None] = ()) -> list[Lead]:
    """The living leads of the practice that these keys lead to, forty at most, and `besides` those by number."""
    wanted = {pk for pk in besides if pk is not None} | set(_sharing(practice_id, keys))
    if not wanted:
        return []
    leads = Lead.objects.alive().filter(practice=practice_id, pk__in=sorted(wanted))
    return list(leads.only(*COMPARED).order_by("pk"))


def _sharing(practice_id: int, keys: Collection[str]) -> list[int]:
    rows = LeadKey.objects.filter(practice=practice_id, key__in=sorted(keys)).order_by()
    counts = dict(rows.values_list("key").annotate(Count("pk"))) if keys else {}
    chosen = blocking.usable(counts)
    found = LeadKey.objects.filter(practice=practice_id, key__in=chosen).order_by()
    return blocking.shortlist(found.values_list("lead", "key")) if chosen else []
