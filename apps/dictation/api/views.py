"""Sounds are taken and what was heard in them is told, to who has spoken; corrections, for who writes reports."""

from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards, Open
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.core.errors import Refused
from apps.core.filters import filters
from apps.core.http import body_stream
from apps.dictation import correcting, engines, taking
from apps.dictation.api.serializers import (
    DictationCorrectionFilters,
    DictationCorrectionSerializer,
    DictationFilters,
    DictationSerializer,
    EarSerializer,
)
from apps.dictation.models import Correction, Dictation, Mode
from apps.saying import say

SOURCE: Final = "API"
WRITES: Final = Permission.REPORT
KINDS: Final = ("audio/wav", "audio/webm", "audio/ogg", "audio/mp4", "audio/flac")
SOUND: Final[dict[str, Any]] = dict.fromkeys(KINDS, OpenApiTypes.BINARY)


class DictationsView(APIView):
    guards: Guards = {"POST": WRITES}

    @extend_schema(
        summary="Have a sound listened to", parameters=[DictationFilters], request=SOUND,
        responses={201: DictationSerializer},
        description="The body is the sound itself: WAV (16 kHz, one channel, is best), WebM, Ogg, MP4 or FLAC, at most "
        "16 MiB and two minutes. It is listened to in a moment, and forgotten then: ask for the dictation until its "
        "`state` is `done` or `failed`. 503 where there is no recogniser for it (GET /api/dictations/engines).",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = filters(request, DictationFilters)
        plain = request._request  # noqa: SLF001 - the body is read as a stream
        sound = body_stream(plain, limit=taking.MOST_BYTES)
        row = taking.take(principal(request), sound, mode=Mode(asked["mode"]), language=asked["language"])
        place = reverse("api-dictation", args=[row.pk], request=request)
        return Response(DictationSerializer(row).data, status=status.HTTP_201_CREATED, headers={"Location": place})


@extend_schema(summary="One dictation of the caller's: what was heard in it")
class DictationView(RetrieveAPIView[Dictation]):
    guards: Guards = {"GET": Open.TO_USERS}
    serializer_class = DictationSerializer

    def get_queryset(self) -> QuerySet[Dictation]:
        return Dictation.objects.visible_to(principal(self.request))


class EnginesView(APIView):
    guards: Guards = {"GET": WRITES}

    @extend_schema(summary="Which recognisers there are here", responses=EarSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(EarSerializer(engines.every(), many=True).data)


class CorrectionsView(ListAPIView[Correction]):
    guards: Guards = {"GET": WRITES, "POST": WRITES}
    serializer_class = DictationCorrectionSerializer
    orderings: ClassVar[dict[str, str]] = {"heard": "heard", "id": "pk"}

    def get_queryset(self) -> QuerySet[Correction]:
        return _visible(self.request).filter(**filters(self.request, DictationCorrectionFilters))

    @extend_schema(summary="The corrections of dictations", parameters=[DictationCorrectionFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Add a correction", request=DictationCorrectionSerializer,
        responses={201: DictationCorrectionSerializer},
        description="409 where there is one of these words in this language.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        who = principal(request)
        given = _given(DictationCorrectionSerializer(data=request.data))
        practice = given.pop("practice", None)
        row = Correction(practice_id=practice.pk if practice else _active(who), **given)
        told = DictationCorrectionSerializer(correcting.save(who, row, source=SOURCE)).data
        return Response(told, status=status.HTTP_201_CREATED)


class CorrectionView(RetrieveAPIView[Correction]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), WRITES)
    serializer_class = DictationCorrectionSerializer

    def get_queryset(self) -> QuerySet[Correction]:
        return _visible(self.request)

    @extend_schema(summary="One correction")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(
        summary="Change a correction", request=DictationCorrectionSerializer, description="It stays in its practice."
    )
    def patch(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        for name, value in _given(DictationCorrectionSerializer(row, data=request.data, partial=True)).items():
            if name != "practice":
                setattr(row, name, value)
        return Response(DictationCorrectionSerializer(correcting.save(principal(request), row, source=SOURCE)).data)

    @extend_schema(summary="Remove a correction", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        correcting.remove(principal(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _visible(request: Request) -> QuerySet[Correction]:
    return Correction.objects.visible_to(principal(request), WRITES)


def _given(serializer: DictationCorrectionSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _active(who: Principal) -> int:
    if who.practice_id is None:
        raise Refused(say("You belong to no practice."))
    return who.practice_id
