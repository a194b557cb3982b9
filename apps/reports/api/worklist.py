"""What is to be reported, and how long that took before, in the REST API."""

from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.rest import principal
from apps.archive.viewing import viewer_url
from apps.audit import access
from apps.core.filters import asked, filters
from apps.core.paging import BoundedPaging
from apps.core.serializers import CamelCaseSerializer
from apps.reports import worklist
from apps.reports.api import telling
from apps.reports.api.serializers import PersonSerializer
from apps.reports.documents import person_of
from apps.reports.modalities import examined
from apps.reports.models import Report, Status, StudyToReport
from apps.reports.reaching import READS, WRITES
from apps.reports.turnaround import Turnaround, turnaround
from apps.reports.worklist import Urgency, Which

_PRIORITIES: Final = [each.name.lower() for each in Urgency]


class WorklistFilters(CamelCaseSerializer):
    """`filter`: unread, mine, preliminary, overdue or stat; all of them without it."""

    filter = serializers.ChoiceField(Which.choices, required=False)


class OpenReportSerializer(CamelCaseSerializer):
    id = serializers.IntegerField()
    status = serializers.ChoiceField(Status.choices)
    author = PersonSerializer(allow_null=True)
    reader = PersonSerializer(allow_null=True)


class WaitingSerializer(CamelCaseSerializer):
    """A study that waits for its report. `report` is the one that is being written; `writeUrl` is where it is."""

    study_instance_uid = serializers.CharField()
    practice = serializers.IntegerField()
    patient = serializers.DictField(child=serializers.CharField())
    date = serializers.CharField()
    description = serializers.CharField()
    accession_number = serializers.CharField()
    modalities = serializers.ListField(child=serializers.CharField())
    priority = serializers.ChoiceField(_PRIORITIES)
    received_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    is_overdue = serializers.BooleanField()
    report = OpenReportSerializer(allow_null=True)
    write_url = serializers.CharField()
    viewer_url = serializers.CharField()


class TurnaroundSerializer(CamelCaseSerializer):
    """The reports of a modality that were first signed in a month: within how many hours of the first image half and
    nine tenths of them were."""

    month = serializers.DateField()
    modality = serializers.CharField()
    count = serializers.IntegerField()
    median_hours = serializers.FloatField()
    hours_of_nine_tenths = serializers.FloatField()


class WorklistView(GenericAPIView[StudyToReport]):
    guards: Guards = {"GET": WRITES}
    serializer_class = WaitingSerializer
    pagination_class = BoundedPaging

    @extend_schema(
        summary="Studies that wait for a report, urgent ones first", operation_id="report_worklist_list",
        parameters=[WorklistFilters], responses=WaitingSerializer(many=True),
        description="Of the last 30 days, complete, with images and without a signed report; and all whose report is "
        "being written or amended. STAT first, then by when the report is due.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        who = principal(request)
        rows = worklist.waiting(who, filters(request, WorklistFilters).get("filter", ""))
        found = list(self.paginate_queryset(rows) or ())
        reports = worklist.reports_in(found)
        access.note_search(who, "reports to write", asked(request, WorklistFilters), len(found))
        told = [_row(each, reports.get(each.report_pk)) for each in found]
        return self.get_paginated_response(told)


class TurnaroundView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="How long reports took, by modality and month", operation_id="report_turnaround_list",
        responses=TurnaroundSerializer(many=True),
        description="Of the last year, the newest month first: from the first image to the first signature.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        found = turnaround(principal(request))
        return Response([_figures(each) for each in found])


def _row(study: StudyToReport, report: Report | None) -> dict[str, Any]:
    begin = f"{reverse('report-new')}?study={study.study_instance_uid}"
    return {
        "studyInstanceUid": study.study_instance_uid,
        "practice": study.practice_id,
        "patient": telling.patient_json(person_of(study)),
        "date": study.study_date,
        "description": study.study_description,
        "accessionNumber": study.accession_number,
        "modalities": list(examined(study.modalities)),
        "priority": _PRIORITIES[study.urgency],
        "receivedAt": study.received_at,
        "dueAt": study.due_at,
        "isOverdue": study.due_at < timezone.now(),
        "report": _report(report) if report else None,
        "writeUrl": reverse("report", args=[report.pk]) if report else begin,
        "viewerUrl": viewer_url(study.study_instance_uid),
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "id": report.pk,
        "status": report.status,
        "author": telling.person_json(report.author),
        "reader": telling.person_json(report.reader),
    }


def _figures(each: Turnaround) -> dict[str, Any]:
    return {
        "month": each.month,
        "modality": each.modality,
        "count": each.count,
        "medianHours": each.median_hours,
        "hoursOfNineTenths": each.hours_of_nine_tenths,
    }
