"""By what ServiceRequests are found."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.models import OuterRef, Q, Subquery

from apps.archive.models import Patient
from apps.fhir import finding, terms
from apps.fhir.finding import NOTHING, is_of, uid_of
from apps.fhir.kinds import Find, Parameter
from apps.fhir.orders.mapping import INTENT, STATUSES
from apps.fhir.patients.ids import IMAGES, KIND, LEAD
from apps.practice.models import Lead


def _of_step(system: str | None, value: str) -> Iterator[Q]:
    columns = {terms.EXTERNAL_ID: "external_id", terms.ACCESSION: "accession_number", terms.STEP_ID: "step_id"}
    for known, column in columns.items():
        if is_of(system, known):
            yield Q(**{column: value})
    if is_of(system, terms.DICOM_UID):
        yield Q(study_instance_uid=uid_of(value))


def _of_lead(pk: int) -> Q:
    """Those of the lead's appointments, and those with the Patient ID that the lead has at the devices."""
    lead = Lead.objects.filter(pk=pk).first()
    if lead is None:
        return NOTHING
    own = Q(patient_id=lead.dicom_patient_id, issuer="", practice=lead.practice_id)
    return Q(appointment__lead=pk) | own


def _of_images(pk: int) -> Q:
    same = Patient.objects.filter(pk=pk, practice=OuterRef("practice"), issuer=OuterRef("issuer")).exclude(
        patient_id=""
    )
    return Q(patient_id=Subquery(same.values("patient_id")[:1]))


def _modality(text: str) -> Q:
    system, code = finding.token(text)
    return Q(modality=code.upper()) if is_of(system, terms.DCM) else NOTHING


def _status(text: str) -> Q:
    code = finding.token(text)[1]
    return Q(state__in=[state for state, status in STATUSES.items() if status == code])


_patient: Final[Find] = finding.referred(KIND, {LEAD: _of_lead, IMAGES: _of_images})
PARAMETERS: Final[Mapping[str, Parameter]] = {
    "_id": Parameter("token", finding.by_id()),
    "_lastUpdated": Parameter("date", finding.moments("changed_at")),
    "identifier": Parameter("token", finding.identified("step", _of_step)),
    "patient": Parameter("reference", _patient),
    "subject": Parameter("reference", _patient),
    "status": Parameter("token", _status),
    "intent": Parameter("token", finding.constant(INTENT)),
    "occurrence": Parameter("date", finding.days_and_times("start_date", "start_time")),
    "authored": Parameter("date", finding.moments("created_at")),
    "code": Parameter("token", _modality),
}
SORTS: Final = {
    "occurrence": ("start_date", "start_time", "pk"),
    "-occurrence": ("-start_date", "-start_time", "-pk"),
    "_lastUpdated": ("changed_at", "pk"),
    "-_lastUpdated": ("-changed_at", "-pk"),
}
