"""Performed procedure steps in the REST API, to be read: devices report them by MPPS."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.worklist.models import PerformedState, PerformedStep


class PerformedStepSerializer(CamelCaseModelSerializer):
    """What a device reported; `steps` are the scheduled steps that it performed, none for what nobody planned."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    steps: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = PerformedStep
        fields: tuple[str, ...] = (
            "id", "practice", "sop_instance_uid", "state", "steps", "remote", "station_title", "started_at", "ended_at",
            "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields = fields


class WholePerformedStepSerializer(PerformedStepSerializer):
    """With its attributes, in the DICOM JSON model (PS3.18 F)."""

    dataset = serializers.DictField(read_only=True)

    class Meta(PerformedStepSerializer.Meta):
        fields = (*PerformedStepSerializer.Meta.fields, "dataset")
        read_only_fields = fields


class PerformedFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)
    state = serializers.ChoiceField(PerformedState.choices, required=False)
    station_title = serializers.CharField(required=False, help_text="AE title of the device.")
    sop_instance_uid = serializers.CharField(required=False)
    steps = serializers.IntegerField(required=False, help_text="The scheduled step that was performed.")


@extend_schema(summary="What devices have reported, the last first", parameters=[PerformedFilters])
class PerformedStepsView(ListAPIView[PerformedStep]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = PerformedStepSerializer

    def get_queryset(self) -> QuerySet[PerformedStep]:
        seen = PerformedStep.objects.visible_to(principal(self.request)).defer("dataset")
        return seen.filter(**filters(self.request, PerformedFilters)).prefetch_related("steps").order_by("-pk")


@extend_schema(summary="What a device has reported of a step, with its attributes")
class PerformedStepView(RetrieveAPIView[PerformedStep]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = WholePerformedStepSerializer

    def get_queryset(self) -> QuerySet[PerformedStep]:
        return PerformedStep.objects.visible_to(principal(self.request)).prefetch_related("steps")

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().get(request, *args, **kwargs)
        access.note_search(principal(request), "a performed step", [], 1)
        return answer
