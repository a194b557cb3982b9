"""By what DiagnosticReports are found."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.models import Q, QuerySet

from apps.archive.models import Study
from apps.fhir import finding, terms
from apps.fhir.finding import NOTHING, is_of, number_of, uid_of
from apps.fhir.kinds import Find, Parameter
from apps.fhir.observations.mapping import KIND as OBSERVATION
from apps.fhir.orders.mapping import KIND as ORDER
from apps.fhir.orders.mapping import SCHEMES
from apps.fhir.reports.mapping import AMENDED, CATEGORY, FINAL, PRELIMINARY
from apps.fhir.studies import finding as studies
from apps.fhir.studies.mapping import KIND as STUDY
from apps.measurements.models import Measurement
from apps.reports.models import Signature, Status

_SCHEMES: Final = {system: scheme for scheme, system in SCHEMES.items()}


def _of_study(parameter: str) -> Find:
    """By what finds their studies."""
    find = studies.PARAMETERS[parameter].find
    return lambda text: Q(study__in=Study.objects.filter(find(text)).order_by().values("pk"))


def _identifier(system: str | None, value: str) -> Iterator[Q]:
    if is_of(system, terms.REPORT):
        key = number_of(value)
        yield NOTHING if key is None else Q(pk=key)
    if is_of(system, terms.ACCESSION):
        yield Q(study__accession_number=value)
    if is_of(system, terms.DICOM_UID, ""):
        yield _signed(Signature.objects.filter(sr_instance_uid=uid_of(value)))


def _signed(signatures: QuerySet[Signature]) -> Q:
    return Q(pk__in=signatures.order_by().values("report"))


def _code(text: str) -> Q:
    """The title of what was signed."""
    system, code = finding.token(text)
    found = Signature.objects.filter(document__code__value=code)
    if system:
        found = found.filter(document__code__scheme=_SCHEMES[system]) if system in _SCHEMES else found.none()
    return _signed(found)


def _result(pk: int) -> Q:
    """Those that have this measurement in their table."""
    row = Measurement.objects.filter(pk=pk).select_related("report__instance").only(
        "study_id", "group", "number", "report__instance__sop_instance_uid"
    ).first()  # fmt: skip
    if row is None:
        return NOTHING
    place = row.report.instance.sop_instance_uid, row.group, row.number
    signatures = Signature.objects.filter(report__study=row.study_id).values_list("report", "document__measurements")
    found = {report for report, table in signatures if any(place == _place(each) for each in table or ())}
    return Q(pk__in=found)


def _place(line: Mapping[str, object]) -> tuple[object, object, object]:
    return line.get("report_uid"), line.get("group"), line.get("number")


_STATUSES: Final = {
    PRELIMINARY: Q(status=Status.PRELIMINARY),
    FINAL: Q(times_signed=1),
    AMENDED: Q(times_signed__gt=1),
}
PARAMETERS: Final[Mapping[str, Parameter]] = {
    "_id": Parameter("token", finding.by_id()),
    "_lastUpdated": Parameter("date", finding.moments("issued")),
    "identifier": Parameter("token", finding.identified("", _identifier)),
    "patient": Parameter("reference", _of_study("patient")),
    "patient.identifier": Parameter("token", _of_study("patient.identifier")),
    "subject": Parameter("reference", _of_study("subject")),
    "date": Parameter("date", _of_study("started")),
    "issued": Parameter("date", finding.moments("issued")),
    "status": Parameter("token", finding.coded(_STATUSES)),
    "category": Parameter("token", finding.constant(CATEGORY)),
    "code": Parameter("token", _code),
    "result": Parameter("reference", finding.referred(OBSERVATION, {"": _result})),
    "based-on": Parameter("reference", finding.referred(ORDER, {"": lambda pk: Q(study__scheduled_steps=pk)})),
    # Of FHIR R5, where it is called study.
    "imaging-study": Parameter("reference", finding.referred(STUDY, {"": lambda pk: Q(study=pk)})),
}
SORTS: Final = {
    "date": ("study__study_date", "study__study_time", "pk"),
    "-date": ("-study__study_date", "-study__study_time", "-pk"),
    "issued": ("issued", "pk"),
    "-issued": ("-issued", "-pk"),
    "_lastUpdated": ("issued", "pk"),
    "-_lastUpdated": ("-issued", "-pk"),
}
