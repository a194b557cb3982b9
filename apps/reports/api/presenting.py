"""A report as slides, for whoever may read it."""

from typing import Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.filters import filters
from apps.core.serializers import CamelCaseSerializer
from apps.reports import presenting
from apps.reports.reaching import READS, report_of

POWERPOINT: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


class SlidesFilters(CamelCaseSerializer):
    anonymous = serializers.BooleanField(
        default=False, help_text="Without the patient's name, number and dates, also in what was written."
    )


class SlidesView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="A report as slides", operation_id="reports_pptx_retrieve", parameters=[SlidesFilters],
        responses={(200, POWERPOINT): OpenApiResponse(OpenApiTypes.BINARY)},
        description="PowerPoint: what was written, the key images, the measurements. 503 while it is being made. "
        "What is burned into images stays in them.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponse:
        who, is_anonymous = principal(request), filters(request, SlidesFilters)["anonymous"]
        report = report_of(who, pk)
        data = presenting.presented(who, report, is_anonymous=is_anonymous)
        access.note(who, report.study.practice_id, report.study.study_instance_uid, "a report's slides")
        name = f"report-{'case' if is_anonymous else report.pk}.pptx"
        return HttpResponse(
            data, content_type=POWERPOINT,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"},
        )  # fmt: skip
