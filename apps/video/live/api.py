"""Recordings in the REST API: started, watched, stopped."""

from typing import Any, Final

import orjson
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.errors import Invalid
from apps.core.filters import filters
from apps.core.paging import CursorPaging
from apps.saying import say
from apps.video.live import ordering
from apps.video.live.models import Recording
from apps.video.live.serializers import (
    OWN,
    NewRecordingSerializer,
    OneRecordingSerializer,
    RecordingFilters,
    RecordingSerializer,
)

BRINGS: Final = Permission.UPLOAD


class RecordingsView(ListAPIView[Recording]):
    guards: Guards = {"GET": BRINGS, "POST": BRINGS}
    serializer_class = RecordingSerializer
    pagination_class = CursorPaging

    def get_queryset(self) -> QuerySet[Recording]:
        given = filters(self.request, RecordingFilters)
        return _visible(self.request).filter(**given).order_by("-pk")

    @extend_schema(summary="Recordings of live sources, newest first", parameters=[RecordingFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Record live sources", request=NewRecordingSerializer,
        responses={201: OneRecordingSerializer(many=True)},
        description="By RTSP, RTMP, UDP (a transport stream) or HLS, without encoding anew. It goes on until it is "
        "stopped, its time is over, or its playlist ends; a source that is lost is looked for again.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = NewRecordingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = ordering.start(principal(request), _practice(request, asked.validated_data), _wanted(asked))
        told: Any = OneRecordingSerializer(rows, many=True).data
        return Response(told, status=status.HTTP_201_CREATED)


class RecordingView(RetrieveAPIView[Recording]):
    guards: Guards = {"GET": BRINGS}
    serializer_class = OneRecordingSerializer

    def get_queryset(self) -> QuerySet[Recording]:
        return _visible(self.request).prefetch_related("segments")

    @extend_schema(summary="One recording: how it goes, and its instances")
    def get(self, request: Request, pk: int) -> Response:
        recording = self.get_object()
        access.note(principal(request), recording.practice_id, recording.study_instance_uid, "a recording")
        return Response(self.get_serializer(recording).data)


class RecordingStopView(GenericAPIView[Recording]):
    guards: Guards = {"POST": BRINGS}
    serializer_class = OneRecordingSerializer

    def get_queryset(self) -> QuerySet[Recording]:
        return _visible(self.request)

    @extend_schema(
        summary="Stop a recording", request=None, responses=OneRecordingSerializer,
        description="What has been recorded is kept and converted; 409 for one that has ended.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(ordering.stop(principal(request), self.get_object())).data)


def _visible(request: Request) -> QuerySet[Recording]:
    return Recording.objects.visible_to(principal(request)).select_related("requested_by")


def _wanted(asked: NewRecordingSerializer) -> ordering.Wanted:
    """What is wanted, the wishes by their names outside: the service checks them once more, with what they name."""
    given = asked.validated_data
    details = given.get("metadata")
    return ordering.Wanted(
        tuple(ordering.Camera(each["address"], each["name"]) for each in given["cameras"]),
        given["segment_seconds"],
        given["most_seconds"],
        {name: value for name, value in dict(asked.initial_data).items() if name not in OWN},
        None if details is None else orjson.dumps(details),
    )


def _practice(request: Request, given: dict[str, Any]) -> int:
    """The practice that is named, or the active one. Raises Invalid for none."""
    practice_id = given.get("practice") or principal(request).practice_id
    if practice_id is None:
        raise Invalid(errors=[("practice", say("Say the practice."))])
    return int(practice_id)
