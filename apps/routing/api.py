"""Routing in the REST API: rules, the outbox and destinations, for who administers; sending on, for who may send."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.models import Practice
from apps.accounts.people_api import deciding, narrow
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.models import UID_LENGTH, Study
from apps.archive.rights import denied
from apps.core.errors import NotFound
from apps.core.filters import filters
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.remotes.models import Remote
from apps.remotes.reaching import usable
from apps.routing import administering, hastening, outbox, standing, words
from apps.routing.models import Outgoing, OutgoingState, Priority, Rule, When
from apps.saying import say

SOURCE = "API"
DECIDES = Permission.ADMINISTER
PRIORITIES = {Priority.HIGH: "high", Priority.NORMAL: "normal", Priority.LOW: "low"}


class PriorityField(serializers.ChoiceField):
    """`high`, `normal` or `low`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(PRIORITIES.values()), **kwargs)

    def to_representation(self, value: Any) -> str:
        return PRIORITIES[Priority(value)]

    def to_internal_value(self, data: Any) -> Any:
        name = super().to_internal_value(data)
        return next(priority for priority, each in PRIORITIES.items() if each == name)


class RuleSerializer(CamelCaseModelSerializer):
    """What goes where. A condition that is empty is met by everything; `summary` says all of it in a sentence."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    destinations = serializers.PrimaryKeyRelatedField(
        queryset=Remote.objects.all(), many=True, help_text="Ids of remotes of the practice."
    )
    when = serializers.ChoiceField(When.choices, default=When.STABLE)
    priority = PriorityField(default=Priority.NORMAL)
    summary = serializers.SerializerMethodField()

    class Meta:
        model = Rule
        fields: tuple[str, ...] = (
            "id", "practice", "name", "is_active", "position", "calling_titles", "modalities", "sop_classes",
            "station_names", "referring_physicians", "from_time", "to_time", "weekdays", "destinations", "when",
            "priority", "deletes", "summary",
        )  # fmt: skip
        validators: tuple[Any, ...] = ()

    def get_summary(self, rule: Rule) -> str:
        return translated(words.sentence(rule, [remote.name for remote in rule.destinations.all()]))


class NewRuleSerializer(RuleSerializer):
    """A rule of a practice."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())


class OutgoingSerializer(CamelCaseModelSerializer):
    """A study on its way to a destination. `failed` waits for a person, who has it sent again; counts are instances."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    remote: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    remote_name = serializers.CharField(source="remote.name", read_only=True)
    rule: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True
    )
    state = serializers.ChoiceField(OutgoingState.choices, read_only=True)
    priority = PriorityField(read_only=True)
    next_try_at = serializers.SerializerMethodField()

    class Meta:
        model = Outgoing
        fields: tuple[str, ...] = (
            "id", "practice", "study_instance_uid", "remote", "remote_name", "rule", "state", "priority", "total",
            "taken", "warned", "parked", "attempts", "next_try_at", "last_error", "created_at", "sent_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_next_try_at(self, row: Outgoing) -> str | None:
        return row.not_before.isoformat() if row.state == OutgoingState.WAITING else None


class OutboxFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)
    study = serializers.CharField(
        required=False, max_length=UID_LENGTH, source="study_instance_uid", help_text="Study Instance UID."
    )
    remote = serializers.IntegerField(required=False)
    rule = serializers.IntegerField(required=False)
    state = serializers.ChoiceField(OutgoingState.choices, required=False)


class RouteSerializer(CamelCaseSerializer):
    """Where a study is to go."""

    remote = serializers.IntegerField(min_value=1, help_text="The id of a remote of the study's practice.")
    priority = PriorityField(default=Priority.NORMAL)


class StandingSerializer(CamelCaseSerializer):
    """A destination: whether it takes what it is sent, and how many studies wait for it since when."""

    remote = serializers.IntegerField(source="remote.pk")
    practice = serializers.IntegerField(source="remote.practice_id")
    name = serializers.CharField(source="remote.name")
    health = serializers.ChoiceField([each.value for each in standing.Health], source="health.value")
    waiting = serializers.IntegerField()
    sending = serializers.IntegerField()
    failed = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(source="destination.failing_since", default=None, allow_null=True)
    open_since = serializers.DateTimeField(
        source="destination.open_since", default=None, allow_null=True, help_text="Since when sending is held back."
    )
    last_taken_at = serializers.DateTimeField(source="destination.last_taken_at", default=None, allow_null=True)
    last_error = serializers.CharField(source="destination.last_error", default="")
    alarms = serializers.SerializerMethodField()

    def get_alarms(self, each: standing.Standing) -> list[str]:
        return [translated(alarm.detail) for alarm in each.alarms]


class RulesView(ListAPIView[Rule]):
    guards: Guards = {"GET": DECIDES, "POST": DECIDES}
    serializer_class = RuleSerializer

    def get_queryset(self) -> QuerySet[Rule]:
        rows = Rule.objects.visible_to(principal(self.request), DECIDES)
        return rows.prefetch_related("destinations").order_by("practice", "position", "pk")

    @extend_schema(summary="Routing rules of one's practices")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(summary="Add a routing rule", request=NewRuleSerializer, responses={201: RuleSerializer})
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = NewRuleSerializer(data=request.data)
        narrow(asked, who)
        _narrow_destinations(asked, who)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        destinations = facts.pop("destinations")
        rule = administering.save_rule(who, Rule(**facts), destinations, source=SOURCE)
        return Response(RuleSerializer(rule).data, status=status.HTTP_201_CREATED)


class RuleView(RetrieveAPIView[Rule]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), DECIDES)
    serializer_class = RuleSerializer

    def get_queryset(self) -> QuerySet[Rule]:
        return Rule.objects.visible_to(principal(self.request), DECIDES)

    @extend_schema(summary="One routing rule")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Change a routing rule", request=RuleSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, rule = deciding(request), self.get_object()
        asked = RuleSerializer(rule, data=request.data, partial=True)
        _narrow_destinations(asked, who)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        destinations = facts.pop("destinations", None)
        for name, value in facts.items():
            setattr(rule, name, value)
        chosen = list(rule.destinations.all()) if destinations is None else destinations
        return Response(RuleSerializer(administering.save_rule(who, rule, chosen, source=SOURCE)).data)

    @extend_schema(summary="Remove a routing rule", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        administering.remove_rule(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OutboxView(ListAPIView[Outgoing]):
    guards: Guards = {"GET": DECIDES}
    serializer_class = OutgoingSerializer

    def get_queryset(self) -> QuerySet[Outgoing]:
        given = filters(self.request, OutboxFilters)
        rows = Outgoing.objects.visible_to(principal(self.request), DECIDES).filter(**given)
        return rows.select_related("remote").order_by("-pk")

    @extend_schema(summary="What is to go and what has gone, the newest first", parameters=[OutboxFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)


class _OutgoingView(GenericAPIView[Outgoing]):
    serializer_class = OutgoingSerializer
    permission = DECIDES

    def get_queryset(self) -> QuerySet[Outgoing]:
        rows = Outgoing.objects.visible_to(principal(self.request), self.permission)
        return rows.select_related("remote")


class OutgoingView(_OutgoingView):
    guards: Guards = {"GET": DECIDES}

    @extend_schema(summary="One study on its way to a destination")
    def get(self, request: Request, pk: int) -> Response:
        return Response(OutgoingSerializer(self.get_object()).data)


class ResendView(_OutgoingView):
    guards: Guards = {"POST": Permission.SEND}
    permission = Permission.SEND

    @extend_schema(
        summary="Send again", request=None, responses=OutgoingSerializer,
        description="What was not taken, and all of it where all was taken. 409 while it is on its way.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return Response(OutgoingSerializer(outbox.resend(self.get_object(), principal(request))).data)


class CancelOutgoingView(_OutgoingView):
    guards: Guards = {"POST": DECIDES}

    @extend_schema(summary="Send no more of it", request=None, responses=OutgoingSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return Response(OutgoingSerializer(outbox.cancel(self.get_object(), principal(request))).data)


class SendFirstView(_OutgoingView):
    guards: Guards = {"POST": DECIDES}

    @extend_schema(summary="Send it before all else", request=None, responses=OutgoingSerializer)
    def post(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        hastening.send_first(row, principal(request))
        row.refresh_from_db()
        return Response(OutgoingSerializer(row).data)


class RouteStudyView(APIView):
    guards: Guards = {"POST": Permission.SEND}

    @extend_schema(
        summary="Put a study into the outbox",
        request=RouteSerializer,
        responses={201: OutgoingSerializer},
        description="It goes when the router comes to it, is tried for days, and can be followed in the outbox.",
    )
    def post(self, request: Request, uid: str) -> Response:
        who = principal(request)
        rows = Study.objects.visible_to(who, Permission.SEND).filter(study_instance_uid=uid).order_by("practice")
        studies = list(rows.defer("found"))
        if not studies:
            raise denied(who, Permission.SEND, uid)
        asked = RouteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        remote = usable(who, asked.validated_data["remote"], Permission.SEND)
        study = next((each for each in studies if each.practice_id == remote.practice_id), studies[0])
        row = outbox.send(study, remote, who, asked.validated_data["priority"])
        return Response(OutgoingSerializer(row).data, status=status.HTTP_201_CREATED)


class DestinationsView(APIView):
    guards: Guards = {"GET": DECIDES}

    @extend_schema(summary="How the destinations stand", responses=StandingSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(StandingSerializer(standing.standings(principal(request)), many=True).data)


class TryDestinationView(GenericAPIView[Remote]):
    guards: Guards = {"POST": DECIDES}
    serializer_class = StandingSerializer

    def get_queryset(self) -> QuerySet[Remote]:
        return Remote.objects.visible_to(principal(self.request), DECIDES)

    @extend_schema(summary="Try a destination now", request=None, responses=StandingSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Whatever pause the router makes after failures; `pk` is the remote's id."""
        remote = self.get_object()
        found = standing.standings(principal(request), pk=remote.pk)
        if not found:
            raise NotFound(say("Nothing goes to this remote."))
        hastening.try_now(remote, principal(request))
        return Response(StandingSerializer(found[0]).data)


def _narrow_destinations(asked: RuleSerializer, who: Principal) -> None:
    """Let a rule name no remotes but those that its author decides on: others are not there."""
    field: Any = asked.fields["destinations"]
    field.child_relation.queryset = Remote.objects.visible_to(who, DECIDES)
