"""Reports in the REST API as HL7 has them."""

from typing import Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.rest import principal
from apps.audit import access
from apps.hl7.v2.results import oru_segments
from apps.reports.documents import document_for
from apps.reports.reaching import READS, report_of

SEGMENT_END: Final = "\r"


class ReportSegmentsView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="A report as segments of HL7 v2 (ORC, OBR, OBX)", responses={(200, "text/plain"): OpenApiTypes.STR},
        description="What comes after PID in an ORU^R01, each segment ended by a carriage return, in UTF-8.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponse:
        who = principal(request)
        report = report_of(who, pk)
        access.note(who, report.study.practice_id, report.study.study_instance_uid, "a report")
        segments = oru_segments(document_for(who, report))
        told = "".join(f"{segment}{SEGMENT_END}" for segment in segments)
        return HttpResponse(told, content_type="text/plain; charset=utf-8")
