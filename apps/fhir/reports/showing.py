"""DiagnosticReports as they are shown, many at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Coalesce

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.fhir.datatypes import Json
from apps.fhir.patients.showing import lead_keys
from apps.fhir.reports.mapping import Told, of_report
from apps.fhir.studies.showing import subject_of
from apps.measurements.models import Measurement
from apps.reports.content.document import Document
from apps.reports.documents import document_of
from apps.reports.models import Report, Signature
from apps.reports.reaching import READABLE
from apps.worklist.models import ScheduledStep

# A value of a report: of which study, in which structured report, which group and which number.
_Place = tuple[int, str, int, int]


def rows(who: Principal, permission: Permission) -> QuerySet[Report]:
    """The reports of studies in sight from when they are preliminary: a draft is nobody else's.

    `issued` is when each was signed last, of those that never were when they became preliminary; `times_signed` how
    often it was signed.
    """
    told = Report.objects.with_study().visible_to(who, permission).filter(status__in=READABLE)
    issued = Coalesce(Max("signatures__signed_at"), "preliminary_at", "changed_at")
    return told.annotate(issued=issued, times_signed=Count("signatures"))


def show(who: Principal, reports: Sequence[Any]) -> list[Json]:
    """Their resources: in four queries for all of them, and those that a preliminary one's document takes."""
    last, studies = _last(reports), {report.study_id for report in reports}
    told = [_told(each, last.get(each.pk), who) for each in reports]
    leads, steps, observations = lead_keys(who, studies), _steps(who, studies), _observations(who, studies)
    return [
        of_report(each, subject_of(each.study, leads.get(each.study.pk)), steps[each.study.pk], _of(each, observations))
        for each in told
    ]


def _last(reports: Iterable[Report]) -> dict[int, Signature]:
    """The last signature of each."""
    found = Signature.objects.filter(report__in=list(reports)).order_by("number")
    return {signature.report_id: signature for signature in found}


def _told(report: Any, signature: Signature | None, who: Principal) -> Told:
    document = Document.from_json(signature.document) if signature else document_of(report, who=who)
    return Told(report.pk, document, signature, report.study, report.issued)


def _steps(who: Principal, studies: Iterable[int]) -> Mapping[int, list[int]]:
    steps: defaultdict[int, list[int]] = defaultdict(list)
    planned = ScheduledStep.objects.visible_to(who).filter(study__in=list(studies)).order_by("pk")
    for study, pk in planned.values_list("study_id", "pk"):
        steps[study].append(pk)
    return steps


def _observations(who: Principal, studies: Iterable[int]) -> dict[_Place, int]:
    """The keys of the measurements in sight that count, by where they stand."""
    found = Measurement.objects.visible_to(who).current().filter(study__in=list(studies)).order_by()
    named = found.values_list("study_id", "report__instance__sop_instance_uid", "group", "number", "pk")
    return {(study, uid, group, number): pk for study, uid, group, number, pk in named}


def _of(told: Told, known: Mapping[_Place, int]) -> list[int]:
    """Those that the report has in its table."""
    places = ((told.study.pk, each.report_uid, each.group, each.number) for each in told.document.measurements)
    return [known[place] for place in places if place in known]
