"""A report's history in the REST API: its revisions, and what became of it from one to another."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.filters import filters
from apps.reports import differences, revisions
from apps.reports.api import telling
from apps.reports.api.serializers import (
    DifferenceFilters,
    DifferencesSerializer,
    OneRevisionSerializer,
    RevisionSerializer,
)
from apps.reports.content.entries import Content
from apps.reports.models import Report, Revision, Status
from apps.reports.reaching import WRITES, report_of


class RevisionsView(APIView):
    guards: Guards = {"GET": WRITES}

    @extend_schema(
        summary="The revisions of a report, newest first", operation_id="reports_revisions_list",
        responses=RevisionSerializer(many=True),
        description=f"At most {revisions.MOST}. What one person saves within five minutes is one.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        report = _reached(request, pk)
        rows = report.revisions.select_related("changed_by").defer("content")[: revisions.MOST]
        return Response([_row(each) for each in rows])


class RevisionView(APIView):
    guards: Guards = {"GET": WRITES}

    @extend_schema(summary="What a report said in a revision", responses=OneRevisionSerializer)
    def get(self, request: Request, pk: int, number: int) -> Response:
        row = revisions.revision_of(_reached(request, pk), number)
        return Response({**_row(row), "content": telling.content_json(Content.from_json(row.content))})


class DifferencesView(APIView):
    guards: Guards = {"GET": WRITES}

    @extend_schema(
        summary="What became of a report's texts from one revision to another", parameters=[DifferenceFilters],
        responses=DifferencesSerializer,
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        report = _reached(request, pk)
        before, after = _asked_for(report, filters(request, DifferenceFilters))
        fields = [
            {**differences.as_json(each), "html": differences.as_html(each)}
            for each in differences.between(report, before, after)
        ]
        return Response({"from": before.number, "to": after.number, "fields": fields})


def _reached(request: Request, pk: int) -> Report:
    """The report, on record."""
    who = principal(request)
    report = report_of(who, pk, WRITES)
    access.note(who, report.study.practice_id, report.study.study_instance_uid, "a report's history")
    return report


def _asked_for(report: Report, wanted: dict[str, Any]) -> tuple[Revision, Revision]:
    """By default from what was signed before the newest, else the first. Raises NotFound."""
    newest = wanted.get("to") or report.revisions.values_list("number", flat=True)[:1].get()
    rows = report.revisions.filter(number__lt=newest).values_list("number", flat=True)
    signed = rows.filter(status__in=(Status.FINAL, Status.AMENDED)).first()
    first = wanted.get("from") or signed or rows.last() or newest
    return revisions.revision_of(report, first), revisions.revision_of(report, newest)


def _row(row: Revision) -> dict[str, Any]:
    return {
        "number": row.number,
        "status": row.status,
        "changedAt": row.changed_at,
        "changedBy": telling.person_json(row.changed_by),
    }
