"""Appointments as they are shown, many at once."""

from collections.abc import Sequence
from typing import Final

from django.db.models import QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.fhir.appointments.mapping import of_appointment
from apps.fhir.datatypes import Json
from apps.fhir.identifying import given
from apps.practice.models import Appointment

OWNER: Final = "appointment"


def rows(who: Principal, permission: Permission) -> QuerySet[Appointment]:
    """The appointments in sight."""
    seen = Appointment.objects.visible_to(who, permission).select_related("lead", "step")
    return seen.defer("step__item", "step__attributes")


def show(who: Principal, appointments: Sequence[Appointment]) -> list[Json]:
    """Their resources, in one query for all of them."""
    known = given(OWNER, appointments)
    return [of_appointment(each, known[each.pk]) for each in appointments]
