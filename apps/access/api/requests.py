"""Access requests in the REST API."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access import finding, requests
from apps.access.api import fields
from apps.access.models import SHORTEST_REASON, AccessRequest, Kind
from apps.accounts.guards import Guards, Open
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import TEXT_LENGTH
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer


class AccessRequestSerializer(CamelCaseModelSerializer):
    """A request. `concerns` is what it names, for those who decide about it; empty for others."""

    username = serializers.CharField(source="user.username", read_only=True)
    practice = serializers.IntegerField(source="practice_id", read_only=True)
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True, read_only=True)
    concerns = serializers.SerializerMethodField()

    class Meta:
        model = AccessRequest
        fields = (
            "id",
            "practice",
            "username",
            "kind",
            "value",
            "reason",
            "days",
            "asked_at",
            "state",
            "decided_by",
            "decided_at",
            "answer",
            "until",
            "concerns",
        )
        read_only_fields = tuple(name for name in fields if name not in ("kind", "value", "reason", "days"))

    @extend_schema_field(fields.StudyLineSerializer(many=True))
    def get_concerns(self, request: AccessRequest) -> Iterable[Any]:
        who = principal(self.context["request"])
        if not who.may_in_all_of(Permission.ADMINISTER, request.practice_id):
            return []
        found = finding.studies(request.practice_id, request.kind, request.value)[: finding.MOST_STUDIES]
        return list(fields.StudyLineSerializer(found, many=True).data)


class NewAccessRequestSerializer(CamelCaseSerializer):
    """What the caller knows of and wants to see, why, and for how many days."""

    kind = serializers.ChoiceField(Kind.choices)
    value = serializers.CharField(max_length=TEXT_LENGTH)
    reason = serializers.CharField(min_length=SHORTEST_REASON, max_length=TEXT_LENGTH)
    days = serializers.IntegerField(min_value=1, max_value=requests.MOST_DAYS)


class ApprovalSerializer(CamelCaseSerializer):
    """For how many days, if not for those that were asked for, and what the asker is told."""

    days = serializers.IntegerField(required=False, min_value=1, max_value=requests.MOST_DAYS)
    answer = serializers.CharField(required=False, allow_blank=True, default="", max_length=TEXT_LENGTH)


class AccessRequestFilters(CamelCaseSerializer):
    state = serializers.ChoiceField(AccessRequest.State.choices, required=False)


class AccessRequestsView(ListAPIView[AccessRequest]):
    guards: Guards = {"GET": Open.TO_USERS, "POST": Permission.VIEW}
    serializer_class = AccessRequestSerializer

    def get_queryset(self) -> QuerySet[AccessRequest]:
        rows = AccessRequest.objects.of(principal(self.request)).select_related("user", "decided_by")
        return rows.filter(**filters(self.request, AccessRequestFilters))

    @extend_schema(
        summary="Access requests, the newest first", parameters=[AccessRequestFilters],
        description="The caller's own; for an administrator, all of the practice.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Ask to see what one knows of", request=NewAccessRequestSerializer,
        responses={201: AccessRequestSerializer},
        description="In the active practice. The answer is the same whether there is such a study or not.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = NewAccessRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = requests.ask(principal(request), requests.Asked(**asked.validated_data))
        return Response(_shown(request, made), status=status.HTTP_201_CREATED)


class ApproveView(APIView):
    guards: Guards = {"POST": Permission.ADMINISTER}

    @extend_schema(
        summary="Let the asker look at it", request=ApprovalSerializer, responses=AccessRequestSerializer,
        description="Not one's own request (403). 409 where it is decided, or nothing is stored that it names.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        fields.check_known(AccessRequest.objects.visible_to(principal(request)), pk)
        asked = ApprovalSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(_shown(request, requests.approve(principal(request), pk, **asked.validated_data)))


class RefuseView(APIView):
    guards: Guards = {"POST": Permission.ADMINISTER}

    @extend_schema(
        summary="Refuse a request", request=fields.ReasonSerializer, responses=AccessRequestSerializer,
        description="The asker reads the reason.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        fields.check_known(AccessRequest.objects.visible_to(principal(request)), pk)
        return Response(_shown(request, requests.refuse(principal(request), pk, answer=fields.reason(request))))


def _shown(request: Request, row: AccessRequest) -> Any:
    return AccessRequestSerializer(row, context={"request": request}).data
