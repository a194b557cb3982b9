"""Procedures of several cameras in the REST API."""

from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.filters import filters
from apps.core.languages import translated
from apps.core.paging import CursorPaging
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.jobs.api import ProgressSerializer
from apps.jobs.models import State
from apps.video.cameras import asking
from apps.video.cameras.models import Camera, Procedure

BRINGS: Final = Permission.UPLOAD


class ProcedureCameraSerializer(CamelCaseModelSerializer):
    """A camera: `offset` in seconds after the earliest's first picture, `video` how its conversion goes."""

    file = serializers.CharField(source="file_name")
    video: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True
    )

    class Meta:
        model = Camera
        fields: tuple[str, ...] = (
            "number", "name", "file", "size", "started_at", "offset", "confidence", "series_instance_uid", "video",
        )  # fmt: skip
        read_only_fields = fields


class ProcedureSerializer(CamelCaseModelSerializer):
    """Several cameras' films of one procedure. `state` and `error` are of the alignment; each film has a job then."""

    practice = serializers.IntegerField(source="practice_id")
    state = serializers.ChoiceField(State.choices, read_only=True)
    error = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    job: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    cameras = ProcedureCameraSerializer(many=True, read_only=True)

    class Meta:
        model = Procedure
        fields: tuple[str, ...] = (
            "id", "practice", "state", "error", "progress", "job", "alignment", "is_time_synchronized", "time_source",
            "study_instance_uid", "synchronization_uid", "created_at", "cameras",
        )  # fmt: skip
        read_only_fields = fields

    def get_error(self, procedure: Procedure) -> str:
        return translated(procedure.error)

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, procedure: Procedure) -> Any:
        return ProgressSerializer(procedure.job).data if procedure.job else None


class ProcedureFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)


class ProceduresView(ListAPIView[Procedure]):
    """Its body is read as a stream, and never by the framework: the parser is there for the schema alone."""

    guards: Guards = {"GET": BRINGS, "POST": BRINGS}
    serializer_class = ProcedureSerializer
    pagination_class = CursorPaging
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[Procedure]:
        return _visible(self.request).filter(**filters(self.request, ProcedureFilters)).order_by("-pk")

    @extend_schema(summary="Procedures of several cameras, newest first", parameters=[ProcedureFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Bring the films of several cameras", request=asking.parameters(),
        responses={202: ProcedureSerializer},
        description="They become a series each, with one Synchronization Frame of Reference UID (C.7.4.2), aligned by "
        "the times at which they began or, without these, by what they heard. Where that can't be told the alignment "
        "fails with its reason, and nothing is converted.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        procedure = asking.take(request._request, principal(request))  # noqa: SLF001 - what it wraps, unread
        place = reverse("api-video-procedure", args=[procedure.pk], request=request)
        return Response(
            ProcedureSerializer(procedure).data, status=status.HTTP_202_ACCEPTED, headers={"Location": place}
        )


class ProcedureView(RetrieveAPIView[Procedure]):
    guards: Guards = {"GET": BRINGS}
    serializer_class = ProcedureSerializer

    def get_queryset(self) -> QuerySet[Procedure]:
        return _visible(self.request)

    @extend_schema(summary="One procedure of several cameras: how they were aligned")
    def get(self, request: Request, pk: int) -> Response:
        procedure = self.get_object()
        access.note(principal(request), procedure.practice_id, procedure.study_instance_uid, "a video procedure")
        return Response(self.get_serializer(procedure).data)


def _visible(request: Request) -> QuerySet[Procedure]:
    return Procedure.objects.visible_to(principal(request)).select_related("job").prefetch_related("cameras")
