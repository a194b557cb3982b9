"""Appointment (FHIR R4) of an appointment of the practice."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from apps.fhir import terms
from apps.fhir.datatypes import Json, coding, concept, device, instant, named, reference, versioned
from apps.fhir.models import Identifier
from apps.fhir.patients.ids import KIND as PATIENT
from apps.fhir.patients.ids import LEAD
from apps.fhir.patients.mapping import external
from apps.practice.models import Appointment, AppointmentState

KIND: Final = "Appointment"


def of_appointment(appointment: Appointment, given: Iterable[Identifier]) -> Json:
    """`given` are identifiers of other systems. The states are those of FHIR."""
    step = appointment.step
    study = step.study_id if step else None
    resource = {
        "identifier": [each for each in external(appointment.external_id, given) if each],
        "status": appointment.state,
        "cancelationReason": _reason(appointment),
        "serviceType": [each for each in (concept("", coding(terms.DCM, appointment.modality)),) if each],
        "description": appointment.description,
        "supportingInformation": [reference("ImagingStudy", study)] if study else [],
        "start": instant(appointment.start_at),
        "end": instant(appointment.start_at + timedelta(minutes=appointment.minutes)),
        "minutesDuration": appointment.minutes,
        "created": instant(appointment.created_at),
        "basedOn": [reference("ServiceRequest", step.pk)] if step else [],
        "participant": [{"actor": actor, "status": "accepted"} for actor in _actors(appointment) if actor],
    }
    return versioned(resource, KIND, appointment.pk, appointment.changed_at)


def _reason(appointment: Appointment) -> Json:
    return concept(appointment.reason) if appointment.state == AppointmentState.CANCELLED else {}


def _actors(appointment: Appointment) -> Iterator[Json]:
    yield reference(PATIENT, f"{LEAD}{appointment.lead_id}", str(appointment.lead))
    yield named(appointment.practitioner, "Practitioner")
    yield named(appointment.location, "Location")
    yield device(appointment.station_title)
