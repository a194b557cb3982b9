"""Measurements in the REST API: lists, as JSON or as a table, and values over time."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.filters import asked, filters
from apps.core.paging import CursorPaging
from apps.measurements.api.parameters import Form, LineFilters, MeasurementFilters
from apps.measurements.api.reaching import found, patient_of, read_now, rows
from apps.measurements.api.serializers import LinesSerializer, MeasurementSerializer
from apps.measurements.api.tables import table
from apps.measurements.lines import MOST_VALUES, lines_of
from apps.measurements.models import Measurement

WHAT = "measurements"
AS_TABLE = "measurements as CSV"


class TableRenderer(BaseRenderer):
    """What `Accept: text/csv` and `format=csv` choose; the view itself writes the table."""

    media_type = "text/csv"
    format = Form.CSV.value


class MeasurementsView(ListAPIView[Measurement]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = MeasurementSerializer
    pagination_class = CursorPaging
    renderer_classes = (JSONRenderer, TableRenderer)

    def get_queryset(self) -> QuerySet[Measurement]:
        wanted = filters(self.request, MeasurementFilters)
        wanted.pop("format", None)
        return found(principal(self.request), wanted)

    @extend_schema(
        summary="Measurements, newest first", parameters=[MeasurementFilters],
        responses={
            (200, "application/json"): MeasurementSerializer(many=True), (200, "text/csv"): OpenApiTypes.STR,
        },
        description="Of every structured report that came, a row for each value; not of reports that others take the "
        "place of, nor of findings that a person has rejected. As CSV it is all of them at once, without pages.",
    )  # fmt: skip
    def get(self, request: Request) -> Any:
        names = asked(request, MeasurementFilters)
        if request.accepted_renderer.format == Form.CSV:
            chosen = self.get_queryset()
            access.note_search(principal(request), AS_TABLE, names, chosen.count())
            return table(chosen)
        response = self.list(request)
        access.note_search(principal(request), WHAT, names, len(response.data["results"]))
        return response


class MeasurementView(RetrieveAPIView[Measurement]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = MeasurementSerializer

    def get_queryset(self) -> QuerySet[Measurement]:
        return rows(principal(self.request))

    @extend_schema(summary="One measurement: what, how much, where and by whom")
    def get(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        access.note(principal(request), row.study.practice_id, row.study.study_instance_uid, "a measurement")
        return Response(self.get_serializer(row).data)


class LinesView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(
        summary="A patient's values over time", parameters=[LineFilters], responses=LinesSerializer,
        description="Each of `results` is one thing: with the same Tracking Unique Identifier in several studies, else "
        "with the same label, finding and site. Those in most studies come first.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        who = principal(request)
        patient = patient_of(who, filters(request, LineFilters)["patient"])
        read_now(who, {"study__patient": patient.pk})
        chosen = list(rows(who).filter(study__patient=patient)[: MOST_VALUES + 1])
        told: dict[str, Any] = {
            "results": lines_of(chosen[:MOST_VALUES]), "is_whole": len(chosen) <= MOST_VALUES,
        }  # fmt: skip
        access.note_search(who, WHAT, asked(request, LineFilters), min(len(chosen), MOST_VALUES))
        return Response(LinesSerializer(told).data)
