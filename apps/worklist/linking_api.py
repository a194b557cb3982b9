"""Steps and what came of them, in the REST API: checking in, linking and unlinking, and studies without a step."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import UID_LENGTH, Study
from apps.core.errors import NotFound
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.saying import say
from apps.worklist import linking
from apps.worklist.checking_in import check_in
from apps.worklist.models import Reason, ScheduledStep, UnplannedStudy
from apps.worklist.models.scheduled import PLANNING

SOURCE = "API"


class LinkedStepSerializer(CamelCaseModelSerializer):
    """A step, and the study that came of it: its Study Instance UID, null for none yet."""

    study = serializers.CharField(source="study.study_instance_uid", default=None, allow_null=True, read_only=True)

    class Meta:
        model = ScheduledStep
        fields = ("id", "step_id", "state", "study", "linked_by", "checked_in_at", "started_at", "ended_at")
        read_only_fields = fields


class LinkSerializer(CamelCaseSerializer):
    """Which study, by its Study Instance UID."""

    study = serializers.CharField(max_length=UID_LENGTH)


class UnplannedSerializer(CamelCaseModelSerializer):
    """A study that arrived without a step, and why."""

    study = serializers.CharField(source="study.study_instance_uid", read_only=True)
    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = UnplannedStudy
        fields: tuple[str, ...] = ("id", "practice", "study", "reason", "detail", "noticed_at", "set_aside_at")
        read_only_fields = fields


class UnplannedFilters(CamelCaseSerializer):
    reason = serializers.ChoiceField(Reason.choices, required=False)
    is_set_aside = serializers.BooleanField(required=False, default=False)


class _StepView(GenericAPIView[ScheduledStep]):
    guards: Guards = {"POST": PLANNING}
    serializer_class = LinkedStepSerializer

    def get_queryset(self) -> QuerySet[ScheduledStep]:
        return ScheduledStep.objects.visible_to(principal(self.request), PLANNING).select_related("study")


class CheckInView(_StepView):
    @extend_schema(
        summary="Say that the patient of a step has come", request=None, responses=LinkedStepSerializer,
        description="Noted once. Other archives may then be asked for the patient's priors (see `/api/prefetch`).",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        step = check_in(self.get_object(), principal(request), source=SOURCE)
        return Response(LinkedStepSerializer(step).data)


class LinkStepView(_StepView):
    @extend_schema(summary="Say which study came of a step", request=LinkSerializer, responses=LinkedStepSerializer)
    def post(self, request: Request, pk: int) -> Response:
        who, step = principal(request), self.get_object()
        asked = LinkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        seen = Study.objects.visible_to(who, Permission.VIEW).filter(practice=step.practice_id)
        study = seen.filter(study_instance_uid=asked.validated_data["study"]).first()
        if study is None:
            raise NotFound(say("There is no such study in the practice of this step."))
        return Response(LinkedStepSerializer(linking.link_by_hand(step, study, who, source=SOURCE)).data)


class UnlinkStepView(_StepView):
    @extend_schema(
        summary="Say that a study is not what came of a step", request=None, responses=LinkedStepSerializer,
        description="The study is listed in `/api/worklist/unplanned` then, and not linked again but by hand.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        step = linking.unlink(self.get_object(), principal(request), source=SOURCE)
        return Response(LinkedStepSerializer(step).data)


@extend_schema(summary="Studies that arrived without a step, the last first", parameters=[UnplannedFilters])
class UnplannedView(ListAPIView[UnplannedStudy]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = UnplannedSerializer

    def get_queryset(self) -> QuerySet[UnplannedStudy]:
        given = filters(self.request, UnplannedFilters)
        rows = UnplannedStudy.objects.visible_to(principal(self.request)).select_related("study")
        is_waiting = not given.pop("is_set_aside")
        return (
            rows.filter(**given, set_aside_at__isnull=is_waiting).defer("study__found").order_by("-noticed_at", "-pk")
        )


class SetAsideView(GenericAPIView[UnplannedStudy]):
    guards: Guards = {"POST": PLANNING}
    serializer_class = UnplannedSerializer

    def get_queryset(self) -> QuerySet[UnplannedStudy]:
        return UnplannedStudy.objects.visible_to(principal(self.request), PLANNING).select_related("study")

    @extend_schema(summary="Say that a study needs no step", request=None, responses=UnplannedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        linking.set_aside(row, principal(request), source=SOURCE)
        return Response(UnplannedSerializer(row).data)
