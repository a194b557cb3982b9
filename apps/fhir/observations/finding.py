"""By what Observations are found."""

from collections.abc import Mapping
from typing import Final

from django.db.models import Q

from apps.archive.models import Study
from apps.fhir import finding, terms
from apps.fhir.finding import NOTHING, is_of, uid_of
from apps.fhir.kinds import Find, Parameter
from apps.fhir.observations.mapping import CATEGORY, status_of
from apps.fhir.orders.mapping import SCHEMES
from apps.fhir.studies import finding as studies
from apps.fhir.studies.mapping import KIND as STUDY

_SCHEMES: Final = {system: scheme for scheme, system in SCHEMES.items()}


def _of_study(parameter: str) -> Find:
    """By what finds their studies."""
    find = studies.PARAMETERS[parameter].find
    return lambda text: Q(study__in=Study.objects.filter(find(text)).order_by().values("pk"))


def _code(text: str) -> Q:
    """What was measured."""
    system, code = finding.token(text)
    if not system:
        return Q(concept_value=code)
    return Q(concept_value=code, concept_scheme=_SCHEMES[system]) if system in _SCHEMES else NOTHING


def _tracking(text: str) -> Q:
    """Everything that was measured of the same thing: by its Tracking Unique Identifier."""
    system, value = finding.token(text)
    return Q(tracking_uid=uid_of(value)) if value and is_of(system, terms.DICOM_UID, "") else NOTHING


PARAMETERS: Final[Mapping[str, Parameter]] = {
    "_id": Parameter("token", finding.by_id()),
    "_lastUpdated": Parameter("date", finding.moments("report__instance__received_at")),
    "identifier": Parameter("token", _tracking),
    "patient": Parameter("reference", _of_study("patient")),
    "patient.identifier": Parameter("token", _of_study("patient.identifier")),
    "subject": Parameter("reference", _of_study("subject")),
    "code": Parameter("token", _code),
    "category": Parameter("token", finding.constant(CATEGORY)),
    "date": Parameter("date", _of_study("started")),
    "status": Parameter(
        "token",
        finding.coded({status_of(is_verified=is_so): Q(report__is_verified=is_so) for is_so in (True, False)}),
    ),
    "derived-from": Parameter("reference", finding.referred(STUDY, {"": lambda pk: Q(study=pk)})),
}
SORTS: Final = {
    "date": ("study__study_date", "study__study_time", "pk"),
    "-date": ("-study__study_date", "-study__study_time", "-pk"),
    "_lastUpdated": ("report__instance__received_at", "pk"),
    "-_lastUpdated": ("-report__instance__received_at", "-pk"),
}
