"""ServiceRequest (FHIR R4) of a scheduled procedure step."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.timezone import get_default_timezone

from apps.dicom.spoken import spoken_name
from apps.fhir import terms
from apps.fhir.datatypes import Json, coding, concept, device, filled, identifier, instant, named, versioned
from apps.fhir.models import Identifier
from apps.fhir.patients.mapping import external
from apps.worklist.models import Priority, ScheduledStep, StepState

KIND: Final = "ServiceRequest"
INTENT: Final = "order"
# Requested Procedure Code Sequence, and the parts of its items (PS3.3 8.8).
PROCEDURE_CODE: Final = "00321064"
CODE_VALUE, CODE_SCHEME, CODE_MEANING = "00080100", "00080102", "00080104"
# Coding Scheme Designators (PS3.16 8), and how FHIR calls the same.
SCHEMES: Final[Mapping[str, str]] = {"SCT": terms.SNOMED, "LN": terms.LOINC, "DCM": terms.DCM}

STATUSES: Final[Mapping[str, str]] = {
    StepState.SCHEDULED: "active",
    StepState.IN_PROGRESS: "active",
    StepState.COMPLETED: "completed",
    StepState.DISCONTINUED: "revoked",
    StepState.CANCELLED: "revoked",
    StepState.EXPIRED: "revoked",
}
PRIORITIES: Final[Mapping[str, str]] = {
    Priority.STAT: "stat",
    Priority.HIGH: "urgent",
    Priority.ROUTINE: "routine",
    Priority.MEDIUM: "routine",
    Priority.LOW: "routine",
}


def of_step(step: ScheduledStep, subject: Json, given: Iterable[Identifier]) -> Json:
    """`subject` is a Reference, `given` are identifiers of other systems."""
    resource = {
        "identifier": [each for each in _identifiers(step, given) if each],
        "status": STATUSES[step.state],
        "intent": INTENT,
        "category": [concept("", coding(terms.SNOMED, *terms.IMAGING))],
        "priority": PRIORITIES.get(step.priority, "routine"),
        "code": concept(step.requested_description or step.description, *_codes(step.attributes)),
        "orderDetail": [concept("", coding(terms.DCM, step.modality))],
        "subject": subject,
        **_occurrence(step),
        "authoredOn": instant(step.created_at),
        "requester": named(spoken_name(step.referring_physician), "Practitioner"),
        "performer": [
            *([named(spoken_name(step.performing_physician), "Practitioner")] if step.performing_physician else []),
            *(device(title) for title in step.station_titles.split("\\") if title),
        ],
        "locationReference": [named(step.location, "Location")] if step.location else [],
    }
    return versioned(resource, KIND, step.pk, step.changed_at)


def start_of(step: ScheduledStep) -> datetime | None:
    """When it is to be, by the site's clock; None for any time of the day."""
    if step.start_time is None:
        return None
    return datetime.combine(step.start_date, step.start_time, get_default_timezone())


def _occurrence(step: ScheduledStep) -> Json:
    start = start_of(step)
    if start is None:
        return {"occurrenceDateTime": step.start_date.isoformat()}
    end = start + timedelta(minutes=step.minutes)
    return {"occurrencePeriod": {"start": start.isoformat(), "end": end.isoformat()}}


def _identifiers(step: ScheduledStep, given: Iterable[Identifier]) -> Iterator[Json]:
    yield from external(step.external_id, given)
    yield identifier(step.accession_number, terms.ACCESSION, terms.TYPE_ACCESSION)
    yield identifier(step.step_id, terms.STEP_ID, terms.TYPE_FILLER)
    if step.study_instance_uid:
        yield identifier(f"{terms.OID}{step.study_instance_uid}", terms.DICOM_UID)


def _codes(attributes: Mapping[str, Any]) -> Iterator[Json]:
    """The codes of the requested procedure, in the systems that FHIR has for their schemes."""
    for item in attributes.get(PROCEDURE_CODE, {}).get("Value") or ():
        value, scheme, meaning = (_text(item, tag) for tag in (CODE_VALUE, CODE_SCHEME, CODE_MEANING))
        if scheme in SCHEMES:
            yield filled(coding(SCHEMES[scheme], value, meaning))


def _text(item: Mapping[str, Any] | None, tag: str) -> str:
    values = (item or {}).get(tag, {}).get("Value") or [""]
    return str(values[0] or "")
