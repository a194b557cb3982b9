"""What a practice decides on notifications, in the REST API: patients' names in messages, and expected devices."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.people_api import deciding
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.core.errors import Refused
from apps.core.serializers import CamelCaseModelSerializer
from apps.notifications import policies
from apps.notifications.api import SOURCE
from apps.notifications.models import Policy, Watch
from apps.remotes.models import Remote
from apps.saying import say

DECIDES = Permission.ADMINISTER


class PolicySerializer(CamelCaseModelSerializer):
    """Whether the active practice lets its patients be named in messages."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Policy
        fields = ("practice", "by_email", "by_chat")


class PolicyView(APIView):
    guards: Guards = {"GET": DECIDES, "PATCH": DECIDES}

    @extend_schema(summary="Whether patients may be named in messages", responses=PolicySerializer)
    def get(self, request: Request) -> Response:
        return Response(PolicySerializer(policies.policy_of(_practice(principal(request)))).data)

    @extend_schema(
        summary="Let patients be named in messages, or no more", request=PolicySerializer, responses=PolicySerializer
    )
    def patch(self, request: Request) -> Response:
        who = deciding(request)
        row = policies.policy_of(_practice(who))
        asked = PolicySerializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        for name, value in asked.validated_data.items():
            setattr(row, name, value)
        return Response(PolicySerializer(policies.save_policy(who, row, source=SOURCE)).data)


class WatchSerializer(CamelCaseModelSerializer):
    """A device that is expected to call within `hours` of its `days` (`12345`: Monday to Friday)."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    remote: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        queryset=Remote.objects.none()
    )
    name = serializers.CharField(source="remote.name", read_only=True)

    class Meta:
        model = Watch
        fields = ("id", "practice", "remote", "name", "hours", "days", "silent_since")
        read_only_fields = ("id", "silent_since")


class WatchesView(ListAPIView[Watch]):
    guards: Guards = {"GET": DECIDES, "POST": DECIDES}
    serializer_class = WatchSerializer

    def get_queryset(self) -> QuerySet[Watch]:
        return _visible(self.request).order_by("pk")

    @extend_schema(summary="The devices that are expected to call")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(summary="Expect a device to call", request=WatchSerializer, responses={201: WatchSerializer})
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = _asked(WatchSerializer(data=request.data), who)
        watch = Watch(**asked, practice_id=asked["remote"].practice_id)
        policies.save_watch(who, watch, source=SOURCE)
        return Response(WatchSerializer(watch).data, status=status.HTTP_201_CREATED)


class WatchView(RetrieveAPIView[Watch]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), DECIDES)
    serializer_class = WatchSerializer

    def get_queryset(self) -> QuerySet[Watch]:
        return _visible(self.request)

    @extend_schema(summary="One expected device")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Expect a device otherwise", request=WatchSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, watch = deciding(request), self.get_object()
        for name, value in _asked(WatchSerializer(watch, data=request.data, partial=True), who).items():
            setattr(watch, name, value)
        return Response(WatchSerializer(policies.save_watch(who, watch, source=SOURCE)).data)

    @extend_schema(summary="Expect nothing of a device any more", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        policies.remove_watch(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _asked(serializer: WatchSerializer, who: Principal) -> dict[str, Any]:
    field: Any = serializer.fields["remote"]
    field.queryset = Remote.objects.visible_to(who, DECIDES)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _visible(request: Request) -> QuerySet[Watch]:
    return Watch.objects.visible_to(principal(request), DECIDES).select_related("remote")


def _practice(who: Principal) -> int:
    if who.practice_id is None:
        raise Refused(say("You belong to no practice."))
    return who.practice_id
