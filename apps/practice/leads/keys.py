"""What leads are looked up by: rewritten with them, some hundred at a time, in three statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection

from apps.practice.leads.persons import person_of
from apps.practice.matching.blocking import keys
from apps.practice.matching.person import Facts, person
from apps.practice.models import Lead, LeadKey

_INSERT: Final = "INSERT INTO practice_leadkey (practice_id, lead_id, key) VALUES (%s, %s, %s)"


def rewrite(leads: Sequence[Lead]) -> None:
    """Let each of these leads have the keys that follow from it as it is now, in the caller's transaction."""
    held = _held(lead.pk for lead in leads)
    wanted = {lead.pk: keys(person_of(lead)) for lead in leads}
    stale = [lead for lead in leads if held[lead.pk] != wanted[lead.pk]]
    if not stale:
        return
    if replaced := [lead.pk for lead in stale if held[lead.pk]]:
        LeadKey.objects.filter(lead__in=replaced).delete()
    rows = [(lead.practice_id, lead.pk, key) for lead in stale for key in sorted(wanted[lead.pk])]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, rows)


def drop(leads: Iterable[Lead]) -> None:
    """Let nobody find these leads by anything."""
    LeadKey.objects.filter(lead__in=[lead.pk for lead in leads]).delete()


def of_phone(number: str) -> frozenset[str]:
    """The keys of a telephone number however it is written; none for one that is too short to tell people apart."""
    return keys(person(Facts(phones=(number,))))


def of_email(address: str) -> frozenset[str]:
    """The key of an e-mail address; none for what isn't one."""
    return keys(person(Facts(emails=(address,))))


def _held(lead_pks: Iterable[int]) -> dict[int, frozenset[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for lead, key in LeadKey.objects.filter(lead__in=list(lead_pks)).order_by().values_list("lead", "key"):
        found[lead].add(key)
    return defaultdict(frozenset, {lead: frozenset(held) for lead, held in found.items()})
