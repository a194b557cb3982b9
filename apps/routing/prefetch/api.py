"""Priors in the REST API: where they come from, for who administers; what became of them, for who may fetch."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.people_api import deciding
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.attributes import identity_of
from apps.audit import access
from apps.audit.patients import pseudonym
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.remotes.models import Remote
from apps.routing.prefetch import administering
from apps.routing.prefetch.models import Outcome, Prefetch, PrefetchAnswer, PrefetchSource

SOURCE = "API"
DECIDES = Permission.ADMINISTER


class SourceSerializer(CamelCaseModelSerializer):
    """An archive that is asked for priors."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    remote: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    remote_name = serializers.CharField(source="remote.name", read_only=True)

    class Meta:
        model = PrefetchSource
        fields: tuple[str, ...] = (
            "id", "practice", "remote", "remote_name", "is_active", "position", "when", "modalities", "body_parts",
            "most_studies", "most_instances", "years", "rests_until",
        )  # fmt: skip
        read_only_fields = ("id", "rests_until")
        validators: tuple[Any, ...] = ()


class NewSourceSerializer(SourceSerializer):
    """An archive to be asked: a remote of one of the practices that one administers."""

    remote = serializers.PrimaryKeyRelatedField(queryset=Remote.objects.all())


class AnswerSerializer(CamelCaseModelSerializer):
    """What one archive was asked and answered: counts are studies, `studies` the UIDs of those that are fetched."""

    remote: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        source="source.remote", read_only=True
    )
    remote_name = serializers.CharField(source="source.remote.name", read_only=True)
    studies = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = PrefetchAnswer
        fields = (
            "remote", "remote_name", "outcome", "asked_at", "found", "differing", "here", "left_out", "studies",
            "detail",
        )  # fmt: skip


class PrefetchSerializer(CamelCaseModelSerializer):
    """A patient who is expected on a day, and what became of their priors."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    step: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    answers = AnswerSerializer(many=True, read_only=True)

    class Meta:
        model = Prefetch
        fields: tuple[str, ...] = (
            "id", "practice", "day", "patient_id", "issuer", "patient_name", "patient_birth_date", "step", "occasion",
            "created_at", "answers",
        )  # fmt: skip


class PrefetchFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)
    day = serializers.DateField(required=False)
    patient_id = serializers.CharField(required=False, max_length=64)
    outcome = serializers.ChoiceField(Outcome.choices, required=False, source="answers__outcome")


class SourcesView(ListAPIView[PrefetchSource]):
    guards: Guards = {"GET": DECIDES, "POST": DECIDES}
    serializer_class = SourceSerializer

    def get_queryset(self) -> QuerySet[PrefetchSource]:
        return PrefetchSource.objects.visible_to(principal(self.request), DECIDES).select_related("remote")

    @extend_schema(summary="Archives that are asked for priors")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Have an archive asked for priors", request=NewSourceSerializer, responses={201: SourceSerializer}
    )
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = NewSourceSerializer(data=request.data)
        asked.fields["remote"].queryset = Remote.objects.visible_to(who, DECIDES)  # type: ignore[attr-defined]
        asked.is_valid(raise_exception=True)
        row = administering.save_source(who, PrefetchSource(**asked.validated_data), source=SOURCE)
        return Response(SourceSerializer(row).data, status=status.HTTP_201_CREATED)


class SourceView(RetrieveAPIView[PrefetchSource]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), DECIDES)
    serializer_class = SourceSerializer

    def get_queryset(self) -> QuerySet[PrefetchSource]:
        return PrefetchSource.objects.visible_to(principal(self.request), DECIDES).select_related("remote")

    @extend_schema(summary="One archive that is asked for priors")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Change how an archive is asked", request=SourceSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, row = deciding(request), self.get_object()
        asked = SourceSerializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        for name, value in asked.validated_data.items():
            setattr(row, name, value)
        return Response(SourceSerializer(administering.save_source(who, row, source=SOURCE)).data)

    @extend_schema(summary="Ask an archive no more", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        administering.remove_source(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class _Priors(GenericAPIView[Prefetch]):
    serializer_class = PrefetchSerializer

    def get_queryset(self) -> QuerySet[Prefetch]:
        rows = Prefetch.objects.visible_to(principal(self.request))
        return rows.prefetch_related("answers__source__remote").order_by("-day", "-pk")

    def told(self, row: Prefetch) -> Response:
        """The row, given to somebody: that is on record."""
        patient = pseudonym(row.practice_id, identity_of(row.issuer, row.patient_id))
        access.note(principal(self.request), row.practice_id, "", "priors", patient=patient)
        return Response(PrefetchSerializer(row).data)


class PrefetchesView(_Priors, ListAPIView[Prefetch]):
    guards: Guards = {"GET": Permission.FETCH}

    @extend_schema(summary="Whose priors were asked for, the latest day first", parameters=[PrefetchFilters])
    def get(self, request: Request) -> Response:
        answer = self.list(request)
        access.note_search(principal(request), "priors", sorted(request.query_params), len(answer.data["results"]))
        return answer

    def get_queryset(self) -> QuerySet[Prefetch]:
        return super().get_queryset().filter(**filters(self.request, PrefetchFilters)).distinct()


class PrefetchView(_Priors):
    guards: Guards = {"GET": Permission.FETCH}

    @extend_schema(summary="What became of one patient's priors")
    def get(self, request: Request, pk: int) -> Response:
        return self.told(self.get_object())


class FetchAgainView(_Priors):
    guards: Guards = {"POST": Permission.FETCH}

    @extend_schema(
        summary="Ask the archives once more for a patient's priors", request=None, responses={202: PrefetchSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        administering.again(principal(request), row, source=SOURCE)
        return Response(PrefetchSerializer(self.get_queryset().get(pk=row.pk)).data, status=status.HTTP_202_ACCEPTED)
