"""By what ImagingStudies are found."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.models import Q

from apps.archive.models import Series
from apps.fhir import finding, terms
from apps.fhir.finding import NOTHING, is_of, uid_of
from apps.fhir.kinds import Find, Parameter
from apps.fhir.patients import finding as patients
from apps.fhir.patients.ids import IMAGES, KIND, LEAD
from apps.fhir.studies.mapping import STATUS
from apps.practice.models import Lead, MatchState


def _of_study(system: str | None, value: str) -> Iterator[Q]:
    if is_of(system, terms.DICOM_UID, ""):
        yield Q(study_instance_uid=uid_of(value))
    if is_of(system, terms.ACCESSION):
        yield Q(accession_number=value)


def _modality(text: str) -> Q:
    system, code = finding.token(text)
    return Q(modalities__contains=f"\\{code.upper()}\\") if is_of(system, terms.DCM) else NOTHING


def _by_patients_identifier(text: str) -> Q:
    """Of the leads with this identifier, and of the images' patients with it."""
    leads = Lead.objects.filter(patients.OF_LEADS["identifier"].find(text), deleted_at=None).order_by()
    system, value = finding.token(text)
    found = Q(match__lead__in=leads.values("pk"), match__state=MatchState.LINKED)
    return found | Q(patient_identifier=value) if is_of(system, terms.PATIENT_ID) else found


def _series(text: str) -> Q:
    named = Series.objects.filter(series_instance_uid=uid_of(finding.token(text)[1]))
    return Q(pk__in=named.order_by().values("study"))


_patient: Final[Find] = finding.referred(
    KIND,
    {
        LEAD: lambda pk: Q(match__lead=pk, match__state=MatchState.LINKED),
        IMAGES: lambda pk: Q(patient=pk),
    },
)
PARAMETERS: Final[Mapping[str, Parameter]] = {
    "_id": Parameter("token", finding.by_id()),
    "_lastUpdated": Parameter("date", finding.moments("updated_at")),
    "identifier": Parameter("token", finding.identified("", _of_study)),
    "patient": Parameter("reference", _patient),
    "patient.identifier": Parameter("token", _by_patients_identifier),
    "subject": Parameter("reference", _patient),
    "started": Parameter("date", finding.days_and_times("study_date", "study_time", is_text=True)),
    "modality": Parameter("token", _modality),
    "status": Parameter("token", finding.constant(STATUS)),
    "basedon": Parameter("reference", finding.referred("ServiceRequest", {"": lambda pk: Q(scheduled_steps=pk)})),
    "series": Parameter("token", _series),
}
SORTS: Final = {
    "started": ("study_date", "study_time", "pk"),
    "-started": ("-study_date", "-study_time", "-pk"),
    "_lastUpdated": ("updated_at", "pk"),
    "-_lastUpdated": ("-updated_at", "-pk"),
}
