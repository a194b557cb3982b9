"""By what Appointments are found."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.models import Q

from apps.fhir import finding, terms
from apps.fhir.finding import NOTHING, is_of
from apps.fhir.kinds import Find, Parameter
from apps.fhir.patients.ids import KIND, LEAD
from apps.practice.models import AppointmentState


def _of_appointment(system: str | None, value: str) -> Iterator[Q]:
    if is_of(system, terms.EXTERNAL_ID):
        yield Q(external_id=value)


def _modality(text: str) -> Q:
    system, code = finding.token(text)
    return Q(modality=code.upper()) if is_of(system, terms.DCM) else NOTHING


_patient: Final[Find] = finding.referred(KIND, {LEAD: lambda pk: Q(lead=pk)})
PARAMETERS: Final[Mapping[str, Parameter]] = {
    "_id": Parameter("token", finding.by_id()),
    "_lastUpdated": Parameter("date", finding.moments("changed_at")),
    "identifier": Parameter("token", finding.identified("appointment", _of_appointment)),
    "patient": Parameter("reference", _patient),
    "actor": Parameter("reference", _patient),
    "date": Parameter("date", finding.moments("start_at")),
    "status": Parameter("token", finding.coded({state.value: Q(state=state) for state in AppointmentState})),
    "service-type": Parameter("token", _modality),
    "based-on": Parameter("reference", finding.referred("ServiceRequest", {"": lambda pk: Q(step=pk)})),
}
SORTS: Final = {
    "date": ("start_at", "pk"),
    "-date": ("-start_at", "-pk"),
    "_lastUpdated": ("changed_at", "pk"),
    "-_lastUpdated": ("-changed_at", "-pk"),
}
