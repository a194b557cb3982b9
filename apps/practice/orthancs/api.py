"""Orthancs in the REST API, for who administers their practices."""

from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.models import Practice
from apps.accounts.people_api import deciding, narrow
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.dicomweb.base import site_url
from apps.practice.models import NoticeState, Orthanc, OrthancNotice
from apps.practice.orthancs import administering
from apps.practice.orthancs.scripting import scripts

SOURCE: Final = "API"
DECIDES: Final = Permission.ADMINISTER
READ_ONLY: Final = ("id", "source", "seen_at", "answered_at", "last_error", "error_at")


class OrthancSerializer(CamelCaseModelSerializer):
    """An Orthanc. `password`, by which it is asked, is never shown; `hasPassword` tells of it, `hasSecret` whether it
    has a secret to sign by."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    password = serializers.CharField(
        write_only=True, required=False, allow_blank=True, trim_whitespace=False, max_length=1000
    )
    has_password = serializers.SerializerMethodField()
    has_secret = serializers.SerializerMethodField()

    class Meta:
        model = Orthanc
        fields: tuple[str, ...] = (
            "id", "practice", "name", "is_active", "url", "certificate", "username", "password", "has_password",
            "source", "has_secret", "networks", "follows", "seen_at", "answered_at", "last_error", "error_at",
        )  # fmt: skip
        read_only_fields = READ_ONLY
        # The model's own rules say it better, and the service asks them.
        validators: tuple[Any, ...] = ()

    def get_has_password(self, orthanc: Orthanc) -> bool:
        return bool(orthanc.secret)

    def get_has_secret(self, orthanc: Orthanc) -> bool:
        return bool(orthanc.signing_secret)


class NewOrthancSerializer(OrthancSerializer):
    """An Orthanc of a practice."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())


class OrthancFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)


class OrthancSecretSerializer(CamelCaseSerializer):
    """A new secret, told this once: as it is, and in the scripts that go into the Orthanc."""

    secret = serializers.CharField()
    python = serializers.CharField()
    lua = serializers.CharField()


class OrthancTestSerializer(CamelCaseSerializer):
    """Whether an Orthanc answered, in how many milliseconds, and a text for people."""

    ok = serializers.BooleanField()
    ms = serializers.FloatField()
    message = serializers.CharField()


class OrthancNoticeSerializer(CamelCaseModelSerializer):
    """What an Orthanc told, and what came of it. `resource` is Orthanc's name for it."""

    job_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = OrthancNotice
        fields: tuple[str, ...] = (
            "id", "delivery", "level", "resource", "state", "detail", "job_id", "received_at", "ended_at",
        )  # fmt: skip
        read_only_fields = fields


class NoticeFilters(CamelCaseSerializer):
    state = serializers.ChoiceField(NoticeState.choices, required=False)


class OrthancsView(ListAPIView[Orthanc]):
    guards: Guards = {"GET": DECIDES, "POST": DECIDES}
    serializer_class = OrthancSerializer

    def get_queryset(self) -> QuerySet[Orthanc]:
        given = filters(self.request, OrthancFilters)
        return Orthanc.objects.visible_to(principal(self.request), DECIDES).filter(**given).order_by("name", "pk")

    @extend_schema(summary="Orthancs of one's practices", parameters=[OrthancFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(summary="Add an Orthanc", request=NewOrthancSerializer, responses={201: OrthancSerializer})
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = NewOrthancSerializer(data=request.data)
        narrow(asked, who)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        password = facts.pop("password", None)
        orthanc = administering.save(who, Orthanc(**facts), source=SOURCE, password=password)
        return Response(OrthancSerializer(orthanc).data, status=status.HTTP_201_CREATED)


class OrthancView(RetrieveAPIView[Orthanc]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), DECIDES)
    serializer_class = OrthancSerializer

    def get_queryset(self) -> QuerySet[Orthanc]:
        return Orthanc.objects.visible_to(principal(self.request), DECIDES)

    @extend_schema(summary="One Orthanc")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Change an Orthanc", request=OrthancSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, orthanc = deciding(request), self.get_object()
        asked = OrthancSerializer(orthanc, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        password = facts.pop("password", None)
        for name, value in facts.items():
            setattr(orthanc, name, value)
        administering.save(who, orthanc, source=SOURCE, password=password)
        return Response(OrthancSerializer(orthanc).data)

    @extend_schema(summary="Remove an Orthanc", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        administering.remove(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class _OneView(GenericAPIView[Orthanc]):
    guards: Guards = {"POST": DECIDES}

    def get_queryset(self) -> QuerySet[Orthanc]:
        return Orthanc.objects.visible_to(principal(self.request), DECIDES)


class OrthancTestView(_OneView):
    serializer_class = OrthancTestSerializer

    @extend_schema(summary="Ask an Orthanc whether it answers", request=None, responses=OrthancTestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        tested = administering.test(principal(request), self.get_object())
        return Response(OrthancTestSerializer(tested).data)


class OrthancSecretView(_OneView):
    serializer_class = OrthancSecretSerializer

    @extend_schema(
        summary="Give an Orthanc a new secret", request=None, responses=OrthancSecretSerializer,
        description="It is told this once, alone and in the scripts that go into the Orthanc. The secret before is "
        "worth nothing from now on.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        who, orthanc = deciding(request), self.get_object()
        secret = administering.new_secret(who, orthanc, source=SOURCE)
        ready = scripts(orthanc, secret, site_url(request._request))  # noqa: SLF001 - what it wraps
        told = {"secret": secret, "python": ready.python, "lua": ready.lua}
        response = Response(OrthancSecretSerializer(told).data)
        response["Cache-Control"] = "no-store"
        return response


class OrthancNoticesView(ListAPIView[OrthancNotice]):
    guards: Guards = {"GET": DECIDES}
    serializer_class = OrthancNoticeSerializer

    def get_queryset(self) -> QuerySet[OrthancNotice]:
        given = filters(self.request, NoticeFilters)
        visible = OrthancNotice.objects.visible_to(principal(self.request), DECIDES)
        return visible.filter(orthanc=self.kwargs["pk"], **given).order_by("-pk")

    @extend_schema(summary="What an Orthanc has told, the last first", parameters=[NoticeFilters])
    def get(self, request: Request, pk: int) -> Response:
        # What is hidden and what there isn't are the same.
        get_object_or_404(Orthanc.objects.visible_to(principal(request), DECIDES), pk=pk)
        return self.list(request)
