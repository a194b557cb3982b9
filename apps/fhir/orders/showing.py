"""ServiceRequests as they are shown, many at once: each with the Patient who is expected."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Q, QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.attributes import identity_of
from apps.archive.models import Patient
from apps.dicom.spoken import spoken_name
from apps.fhir.datatypes import Json, reference
from apps.fhir.identifying import given
from apps.fhir.orders.mapping import of_step
from apps.fhir.patients.finding import patient_id_is
from apps.fhir.patients.ids import IMAGES, KIND, LEAD
from apps.fhir.patients.mapping import id_of_images
from apps.practice.models import Appointment, Lead
from apps.worklist.models import ScheduledStep

OWNER: Final = "step"
# A practice and a Patient ID in it.
Place = tuple[int, str]


def rows(who: Principal, permission: Permission) -> QuerySet[ScheduledStep]:
    """The steps in sight."""
    return ScheduledStep.objects.visible_to(who, permission).defer("item")


def show(who: Principal, steps: Sequence[ScheduledStep]) -> list[Json]:
    """Their resources, in four queries for all of them."""
    known, subjects = given(OWNER, steps), _subjects(who, steps)
    return [of_step(step, subjects[step.pk], known[step.pk]) for step in steps]


def _subjects(who: Principal, steps: Sequence[ScheduledStep]) -> dict[int, Json]:
    booked = _booked(who, steps)
    rest = [step for step in steps if step.pk not in booked]
    leads, images = _leads(who, rest), _images(who, rest)
    return booked | {step.pk: _subject(step, leads, images) for step in rest}


def _subject(step: ScheduledStep, leads: dict[Place, Lead], images: dict[Place, int]) -> Json:
    place = step.practice_id, step.patient_id
    if not step.issuer and (lead := leads.get(place)):
        return reference(KIND, f"{LEAD}{lead.pk}", str(lead))
    patient = images.get((step.practice_id, identity_of(step.issuer, step.patient_id)))
    name = spoken_name(step.patient_name)
    if patient:
        return reference(KIND, f"{IMAGES}{patient}", name)
    return {"type": KIND, "identifier": id_of_images(step.patient_id, step.issuer), "display": name}


def _booked(who: Principal, steps: Sequence[ScheduledStep]) -> dict[int, Json]:
    appointments = Appointment.objects.visible_to(who).filter(step__in=steps).select_related("lead").order_by()
    return {
        each.step_id: reference(KIND, f"{LEAD}{each.lead_id}", str(each.lead)) for each in appointments if each.step_id
    }


def _leads(who: Principal, steps: Sequence[ScheduledStep]) -> dict[Place, Lead]:
    """The leads whose devices know them by these Patient IDs."""
    asked = Q(pk__in=())
    for patient_id in {step.patient_id for step in steps}:
        asked |= patient_id_is(patient_id)
    found = Lead.objects.visible_to(who).alive().filter(asked) if steps else ()
    return {(lead.practice_id, lead.dicom_patient_id): lead for lead in found}


def _images(who: Principal, steps: Sequence[ScheduledStep]) -> dict[Place, int]:
    identities = {identity_of(step.issuer, step.patient_id) for step in steps}
    found = Patient.objects.visible_to(who).filter(identity__in=identities, merged_into=None).order_by()
    return {(practice, identity): pk for practice, identity, pk in found.values_list("practice", "identity", "pk")}
