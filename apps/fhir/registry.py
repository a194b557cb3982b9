"""The resource types that there are, by their names."""

from collections.abc import Mapping
from typing import Final

from apps.archive.models import Patient, Study
from apps.fhir.appointments import finding as appointment_finding
from apps.fhir.appointments import showing as appointment_showing
from apps.fhir.appointments import taking as appointment_taking
from apps.fhir.datatypes import Json
from apps.fhir.kinds import Kind, Source, Writer
from apps.fhir.observations import finding as observation_finding
from apps.fhir.observations import showing as observation_showing
from apps.fhir.orders import finding as order_finding
from apps.fhir.orders import showing as order_showing
from apps.fhir.orders import taking as order_taking
from apps.fhir.patients import finding as patient_finding
from apps.fhir.patients import showing as patient_showing
from apps.fhir.patients import taking as patient_taking
from apps.fhir.patients.ids import IMAGES, LEAD
from apps.fhir.reports import finding as report_finding
from apps.fhir.reports import showing as report_showing
from apps.fhir.studies import finding as study_finding
from apps.fhir.studies import showing as study_showing
from apps.measurements.models import Measurement
from apps.practice.appointments.remarks import remarks
from apps.practice.models import Appointment, Lead
from apps.reports.models import Report
from apps.worklist.models import ScheduledStep


def _subject(resource: Json) -> list[str]:
    return _named([resource.get("subject", {})])


def _named(references: list[Json]) -> list[str]:
    return [each["reference"] for each in references if "reference" in each]


def _actors(resource: Json) -> list[str]:
    named = _named([each["actor"] for each in resource["participant"]])
    return [each for each in named if each.startswith("Patient/")]


PATIENT: Final = Kind(
    name="Patient",
    words="patients",
    sources=(
        Source(
            model=Lead, prefix=LEAD, rows=patient_showing.leads, show=patient_showing.show_leads,
            parameters=patient_finding.OF_LEADS, listed=patient_finding.listed_leads,
        ),
        Source(
            model=Patient, prefix=IMAGES, rows=patient_showing.images, show=patient_showing.show_images,
            parameters=patient_finding.OF_IMAGES, listed=patient_finding.listed_images,
        ),
    ),
    summary=frozenset(
        {"identifier", "active", "name", "telecom", "gender", "birthDate", "address", "managingOrganization", "link"}
    ),
    writer=Writer(patient_taking.create, patient_taking.change, patient_taking.KEEPING),
)  # fmt: skip
STUDY: Final = Kind(
    name="ImagingStudy",
    words="studies",
    sources=(
        Source(
            model=Study, rows=study_showing.rows, show=study_showing.show, parameters=study_finding.PARAMETERS,
        ),
    ),
    includes={
        "patient": _subject,
        "subject": _subject,
        "basedon": lambda resource: _named(resource.get("basedOn", [])),
        "endpoint": lambda resource: _named(resource.get("endpoint", [])),
    },
    sorts=study_finding.SORTS,
    mandatory=frozenset({"status", "subject"}),
    summary=frozenset(
        {"identifier", "status", "modality", "subject", "started", "basedOn", "referrer", "endpoint", "numberOfSeries",
         "numberOfInstances", "description", "series"}
    ),
)  # fmt: skip
APPOINTMENT: Final = Kind(
    name="Appointment",
    words="appointments",
    sources=(
        Source(
            model=Appointment, rows=appointment_showing.rows, show=appointment_showing.show,
            parameters=appointment_finding.PARAMETERS,
        ),
    ),
    includes={
        "patient": _actors,
        "actor": _actors,
        "based-on": lambda resource: _named(resource.get("basedOn", [])),
    },
    sorts=appointment_finding.SORTS,
    mandatory=frozenset({"status", "participant"}),
    summary=frozenset(
        {"identifier", "status", "cancelationReason", "serviceType", "start", "end", "participant"}
    ),
    writer=Writer(appointment_taking.create, appointment_taking.change, appointment_taking.PLANNING, remarks),
)  # fmt: skip
ORDER: Final = Kind(
    name="ServiceRequest",
    words="scheduled steps",
    sources=(
        Source(
            model=ScheduledStep, rows=order_showing.rows, show=order_showing.show,
            parameters=order_finding.PARAMETERS,
        ),
    ),
    includes={"patient": _subject, "subject": _subject},
    sorts=order_finding.SORTS,
    mandatory=frozenset({"status", "intent", "subject"}),
    summary=frozenset(
        {"identifier", "status", "intent", "category", "priority", "code", "orderDetail", "subject",
         "occurrenceDateTime", "occurrencePeriod", "authoredOn", "requester", "performer", "locationReference"}
    ),
    writer=Writer(order_taking.create, order_taking.change, order_taking.PLANNING),
)  # fmt: skip
OBSERVATION: Final = Kind(
    name="Observation",
    words="measurements",
    sources=(
        Source(
            model=Measurement, rows=observation_showing.rows, show=observation_showing.show,
            parameters=observation_finding.PARAMETERS,
        ),
    ),
    includes={
        "patient": _subject,
        "subject": _subject,
        "derived-from": lambda resource: _named(resource["derivedFrom"]),
    },
    sorts=observation_finding.SORTS,
    mandatory=frozenset({"status", "code"}),
    summary=frozenset(
        {"identifier", "status", "code", "subject", "effectiveDateTime", "issued", "performer", "valueQuantity",
         "derivedFrom", "component"}
    ),
)  # fmt: skip
REPORT: Final = Kind(
    name="DiagnosticReport",
    words="reports",
    sources=(
        Source(
            model=Report, rows=report_showing.rows, show=report_showing.show, parameters=report_finding.PARAMETERS,
        ),
    ),
    includes={
        "patient": _subject,
        "subject": _subject,
        "result": lambda resource: _named(resource.get("result", [])),
        "based-on": lambda resource: _named(resource.get("basedOn", [])),
        "imaging-study": lambda resource: _named(resource["imagingStudy"]),
    },
    sorts=report_finding.SORTS,
    mandatory=frozenset({"status", "code"}),
    summary=frozenset(
        {"identifier", "basedOn", "status", "category", "code", "subject", "effectiveDateTime", "issued", "performer",
         "resultsInterpreter"}
    ),
)  # fmt: skip
KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind for kind in (PATIENT, STUDY, APPOINTMENT, ORDER, OBSERVATION, REPORT)
}
