"""Finding leads: by what somebody remembers of a person, whatever its spelling."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet

from apps.practice.leads import keys
from apps.practice.leads.reading import health_number
from apps.practice.leads.values import Wrong
from apps.practice.leads.writing import name_key
from apps.practice.models import Lead, LeadKey

MOST_WORDS: Final = 8
SEARCH_LENGTH: Final = 200
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER: Final = re.compile(r"\+?[\d\s()./-]{5,}")


def by_name(text: str) -> Q:
    """Who has all these words in their names, or names that begin with them, in any order; without case and accents."""
    found = Q()
    for word in name_key([text[:SEARCH_LENGTH]]).split()[:MOST_WORDS]:
        found &= Q(name_key__startswith=word) | Q(name_key__contains=f" {word}")
    return found


def by_phone(number: str) -> Q:
    """Who has this telephone number, with the country's digits or without them."""
    return _by_keys(keys.of_phone(number))


def by_email(address: str) -> Q:
    """Who has this e-mail address."""
    return _by_keys(keys.of_email(address))


def by_health_number(number: str) -> Q:
    """Who has this number, however it is grouped."""
    try:
        return Q(health_number=health_number(number))
    except Wrong:
        return Q(pk__in=())


FILTERS: Final[Mapping[str, Callable[[Any], Q]]] = {
    "practice": lambda pk: Q(practice=pk),
    "external_id": lambda text: Q(external_id=text),
    "patient_id": lambda text: Q(patient_id=text),
    "name": by_name,
    "birth_date": lambda day: Q(birth_date=day),
    "phone": by_phone,
    "email": by_email,
    "health_number": by_health_number,
    "status": lambda value: Q(status=value),
    "updated_since": lambda moment: Q(changed_at__gte=moment),
    "deleted": lambda is_deleted: Q(deleted_at__isnull=not is_deleted),
}


def matching(leads: QuerySet[Lead], given: Mapping[str, Any]) -> QuerySet[Lead]:
    """Those of the leads that meet all of these filters; without `deleted`, of the living."""
    for name, value in {"deleted": False, **given}.items():
        leads = leads.filter(FILTERS[name](value))
    return leads


def search(leads: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Those whom a person may mean by this text: names, a birth date, an ID, a telephone number or an e-mail."""
    text = text.strip()[:SEARCH_LENGTH]
    is_id = Q(external_id=text) | Q(patient_id=text) | by_health_number(text)
    if _DATE.fullmatch(text):
        return leads.filter(Q(birth_date=text) | is_id) if _is_day(text) else leads.filter(is_id)
    if "@" in text:
        return leads.filter(by_email(text) | is_id)
    if _NUMBER.fullmatch(text):
        return leads.filter(by_phone(text) | is_id)
    return leads.filter(by_name(text) | is_id) if name_key([text]) else leads.filter(is_id)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _by_keys(found: frozenset[str]) -> Q:
    return Q(pk__in=LeadKey.objects.filter(key__in=found).order_by().values("lead")) if found else Q(pk__in=())
