"""Reports in the REST API: begun, written, made preliminary, amended and discarded."""

from typing import Any, Final

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.models import Study
from apps.audit import access
from apps.core import problems
from apps.core.errors import Invalid
from apps.core.filters import asked, filters
from apps.core.paging import CursorPaging
from apps.core.requests import request_id
from apps.reports import creating, presence, reaching, saving, states
from apps.reports.api import telling
from apps.reports.api.fields import ChangeSerializer
from apps.reports.api.serializers import (
    AmendSerializer,
    NewReportSerializer,
    PresenceSerializer,
    ReportFilters,
    ReportSummarySerializer,
    SavedSerializer,
    StudyReportSerializer,
)
from apps.reports.content.checking import missing
from apps.reports.content.entries import Content
from apps.reports.models import Report, ReportTemplate, TemplateVersion
from apps.reports.templates_finding import structure_of_version

SOURCE: Final = "API"
READS: Final = reaching.READS
WRITES: Final = reaching.WRITES


class ReportsView(GenericAPIView[Report]):
    guards: Guards = {"GET": READS, "POST": WRITES}
    serializer_class = ReportSummarySerializer
    pagination_class = CursorPaging

    @extend_schema(
        summary="Reports that one may read, newest first", operation_id="reports_list",
        parameters=[ReportFilters], responses=ReportSummarySerializer(many=True),
        description="Drafts are for who writes the study's reports; others see them once they are preliminary or "
        "signed.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        who, wanted = principal(request), filters(request, ReportFilters)
        rows = reaching.reports(who)
        if "study" in wanted:
            rows = rows.filter(study=reaching.study_of(who, wanted["study"], READS))
        if "status" in wanted:
            rows = rows.filter(status=wanted["status"])
        found = list(self.paginate_queryset(rows) or ())
        access.note_search(who, "reports", asked(request, ReportFilters), len(found))
        return self.get_paginated_response([telling.summary_json(each) for each in found])

    @extend_schema(
        summary="Begin a report of a study", request=NewReportSerializer,
        responses={201: StudyReportSerializer, 200: StudyReportSerializer},
        description="Filled in with all that is known. 200 where one by the same template is being written already.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        who = principal(request)
        given = _given(request, NewReportSerializer)
        study = reaching.study_of(who, given["study"])
        version = _version(study, given["template"]) if "template" in given else None
        begun = creating.begin(who, study, version, source=SOURCE)
        place = reverse("api-report", args=[begun.report.pk], request=request)
        code = status.HTTP_201_CREATED if begun.is_new else status.HTTP_200_OK
        return Response(_told(who, begun.report), status=code, headers={"Location": place})


class ReportView(APIView):
    guards: Guards = {"GET": READS, "PATCH": WRITES, "DELETE": WRITES}

    @extend_schema(
        summary="A report with its template and all that is entered", responses=StudyReportSerializer,
        description="While it is amended, who may not write it reads what was signed last.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        who = principal(request)
        return Response(_told(who, reaching.report_of(who, pk)))

    @extend_schema(
        summary="Save what was written", request=ChangeSerializer, responses=SavedSerializer,
        description="Only over the `revision` that was read: else 409, a problem document with `current` (the content "
        "as it is), `revision`, `changedAt` and `changedBy`, and nothing is overwritten.",
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> HttpResponse:
        who, asked_for = principal(request), ChangeSerializer(data=request.data)
        asked_for.is_valid(raise_exception=True)
        given = asked_for.validated_data
        wanted = saving.Saving(asked_for.change, given.get("reader"), has_reader="reader" in given)
        try:
            report = saving.save(who, pk, given["revision"], wanted, source=SOURCE)
        except saving.Stale as stale:
            return _stale(stale)
        presence.seen(who, report)
        return Response(_saved(who, report, list(wanted.change.entries)))

    @extend_schema(
        summary="Discard a draft, or an amendment", responses={204: None, 200: StudyReportSerializer},
        description="200 for an amendment: the report is as it was signed. 409 for a signed one.",
    )  # fmt: skip
    def delete(self, request: Request, pk: int) -> Response:
        who = principal(request)
        report = states.discard(who, pk, source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT) if report is None else Response(_told(who, report))


class PreliminaryView(APIView):
    guards: Guards = {"POST": WRITES}

    @extend_schema(
        summary="Let others read a draft before it is signed", request=None, responses=StudyReportSerializer,
        description="409 for what is no draft.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        who = principal(request)
        return Response(_told(who, states.make_preliminary(who, pk, source=SOURCE)))


class AmendView(APIView):
    guards: Guards = {"POST": WRITES}

    @extend_schema(
        summary="Open a signed report to amend it", request=AmendSerializer, responses=StudyReportSerializer,
        description="It stays valid as it was signed until the amendment is. 409 for one that is not signed.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        who = principal(request)
        reason = _given(request, AmendSerializer)["reason"]
        return Response(_told(who, states.amend(who, pk, reason, source=SOURCE)))


class PresenceView(APIView):
    guards: Guards = {"POST": READS, "DELETE": READS}

    @extend_schema(
        summary="Say that one has the report open, and learn who else has", request=None, responses=PresenceSerializer,
        description="Who has not said so for 30 seconds has it open no longer.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        who = principal(request)
        report = reaching.report_of(who, pk)
        presence.seen(who, report)
        return Response({"others": _others(who, report), "revision": report.revision})

    @extend_schema(summary="Say that one has closed the report", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        who = principal(request)
        presence.left(who, reaching.report_of(who, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _given(request: Request, serializer: type[Any]) -> dict[str, Any]:
    wanted = serializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)


def _version(study: Study, named: str) -> TemplateVersion:
    """The newest version of the template of this number or identifier: the practice's own before the product's.

    Raises Invalid.
    """
    rows = ReportTemplate.objects.filter(is_retired=False, practice=study.practice_id)
    rows |= ReportTemplate.objects.filter(is_retired=False, practice=None)
    is_number = named.isascii() and named.isdigit() and len(named) < reaching.LONGEST_NUMBER
    found = rows.filter(pk=int(named)) if is_number else rows.filter(identifier=named)
    template = next(iter(sorted(found, key=lambda each: each.practice_id is None)), None)
    version = template.versions.select_related("template").first() if template else None
    if version is None:
        raise Invalid(creating.NO_TEMPLATE, [("template", creating.NO_TEMPLATE)])
    return version


def _told(who: Principal, report: Report) -> dict[str, Any]:
    """The report, on record."""
    access.note(who, report.study.practice_id, report.study.study_instance_uid, "a report")
    return telling.report_json(who, report)


def _others(who: Principal, report: Report) -> list[dict[str, Any]]:
    return [telling.other_json(each) for each in presence.others(who, report)]


def _saved(who: Principal, report: Report, keys: list[str]) -> dict[str, Any]:
    content = Content.from_json(report.content)
    entries = {key: content.entries.get(key) for key in keys}
    return {
        "revision": report.revision,
        "changedAt": report.changed_at,
        "others": _others(who, report),
        "missing": missing(structure_of_version(report.version), content),
        "entries": {key: telling.entry_json(entry) if entry else None for key, entry in entries.items()},
    }


def _stale(stale: saving.Stale) -> HttpResponse:
    """A problem document with what there is (RFC 9457 3.2), so that both can be shown."""
    report = stale.report
    problem = orjson.loads(
        problems.document(stale.status, stale.title, stale.detail, request_id(), code=stale.code)
    ) | {
        "current": telling.content_json(Content.from_json(report.content)),
        "revision": report.revision,
        "changedAt": report.changed_at,
        "changedBy": telling.person_json(report.changed_by),
    }
    return HttpResponse(orjson.dumps(problem), content_type=problems.MEDIA_TYPE, status=stale.status)
