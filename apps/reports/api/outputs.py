"""A report as a page and as plain text, for whoever may read it: as it was signed, or as it is being written."""

from typing import Final

from django.http import HttpResponse
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.languages import translated
from apps.core.policies import CONTENT_SECURITY_POLICY
from apps.reports import documents, paper
from apps.reports.content.document import Document
from apps.reports.models import Report
from apps.reports.printing import html
from apps.reports.printing.parts import Picture
from apps.reports.printing.text import text_of
from apps.reports.reaching import READS, report_of

FRAMED: Final = "SAMEORIGIN"


class HtmlView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="A report as a page", responses={(200, "text/html"): OpenApiTypes.STR},
        description="As it was signed last; before that, and for who writes the amendment, as it is now.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponse:
        report, document = _read(request, pk)
        with override(document.language):
            page = html.html_of(
                document, paper.letterhead_of(report.study.practice), _pictures(report, document), for_paper=False,
                tell=translated,
            )  # fmt: skip
        response = HttpResponse(page, content_type="text/html; charset=utf-8")
        response.headers[CONTENT_SECURITY_POLICY] = html.CONTENT_SECURITY_POLICY
        response.headers["X-Frame-Options"] = FRAMED
        return response


class TextView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="A report as plain text", responses={(200, "text/plain"): OpenApiTypes.STR},
        description="In lines of eighty columns, as HL7 messages and e-mail have it.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponse:
        _, document = _read(request, pk)
        with override(document.language):
            text = text_of(document, translated)
        return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _read(request: Request, pk: int) -> tuple[Report, Document]:
    """The report and what the caller may read of it, on record."""
    who = principal(request)
    report = report_of(who, pk)
    access.note(who, report.study.practice_id, report.study.study_instance_uid, "a report")
    return report, documents.document_for(who, report)


def _pictures(report: Report, document: Document) -> list[Picture]:
    """The key images by their addresses; their sizes are the browser's to find out."""
    return [
        Picture(f"/api/reports/{report.pk}/key-images/{number}", 0, 0, image.caption)
        for number, image in enumerate(document.key_images)
    ]
