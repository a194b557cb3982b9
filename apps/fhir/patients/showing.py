"""Patients as they are shown, many at once: each with the others that are the same person."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Patient
from apps.fhir.datatypes import Json
from apps.fhir.identifying import given
from apps.fhir.patients import mapping
from apps.practice.models import Lead, Match, MatchState


def leads(who: Principal, permission: Permission) -> QuerySet[Lead]:
    """The leads in sight."""
    return Lead.objects.visible_to(who, permission).select_related("practice")


def images(who: Principal, permission: Permission) -> QuerySet[Patient]:
    """The images' patients in sight."""
    return Patient.objects.visible_to(who, permission).select_related("practice").defer("demographics")


def show_leads(who: Principal, rows: Sequence[Lead]) -> list[Json]:
    """Their resources, in three queries for all of them."""
    known = given("lead", rows)
    same: defaultdict[int, set[int]] = defaultdict(set)
    for lead, patient in _pairs(who).filter(lead__in=rows).values_list("lead_id", "study__patient_id"):
        same[lead].add(patient)
    return [mapping.of_lead(lead, known[lead.pk], same[lead.pk]) for lead in rows]


def show_images(who: Principal, rows: Sequence[Patient]) -> list[Json]:
    """Their resources, in two queries for all of them."""
    same: defaultdict[int, set[int]] = defaultdict(set)
    for patient, lead in _pairs(who).filter(study__patient__in=rows).values_list("study__patient_id", "lead_id"):
        same[patient].add(lead)
    return [mapping.of_images(patient, same[patient.pk]) for patient in rows]


def _pairs(who: Principal) -> QuerySet[Match]:
    """Which images are whose, as far as whoever asks may know it: leads are for who sees all of the practice."""
    linked = Match.objects.visible_to(who).filter(state=MatchState.LINKED, lead__deleted_at=None)
    return linked.order_by().distinct()


def lead_keys(who: Principal, studies: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Of these studies' keys: the lead whose each is, with what people call them."""
    linked = Match.objects.visible_to(who).filter(state=MatchState.LINKED, lead__deleted_at=None, study__in=studies)
    return {match.study_id: (match.lead.pk, str(match.lead)) for match in linked.select_related("lead") if match.lead}
