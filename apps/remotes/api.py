"""Remotes, AE titles and unknown callers in the REST API, for who administers their practices."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.models import Practice
from apps.accounts.people_api import deciding, narrow
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.outcomes import DuplicatePolicy
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.remotes import administering, echoing
from apps.remotes.models import ApplicationEntity, Protocol, Remote, Service, UnknownCaller

SOURCE = "API"
SERVICES = [service.value for service in Service]
DECIDES = Permission.ADMINISTER


class ServicesField(serializers.ListField):
    """What a remote may do here; not listed, it may not."""

    child = serializers.ChoiceField(SERVICES)

    def get_attribute(self, instance: Remote) -> list[str]:
        return [service.value for service in Service if instance.may(service)]


class RemoteSerializer(CamelCaseModelSerializer):
    """A device or archive. `secret`, its password or token for DICOMweb, is never shown; `hasSecret` tells of it."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    protocol = serializers.ChoiceField(Protocol.choices, default=Protocol.DIMSE)
    services = ServicesField(required=False)
    duplicates = serializers.ChoiceField([policy.value for policy in DuplicatePolicy], required=False, allow_blank=True)
    secret = serializers.CharField(
        write_only=True, required=False, allow_blank=True, trim_whitespace=False, max_length=1000
    )
    has_secret = serializers.SerializerMethodField()

    class Meta:
        model = Remote
        fields: tuple[str, ...] = (
            "id", "practice", "name", "protocol", "is_active", "title", "host", "port", "networks", "uses_tls",
            "certificate", "requires_user", "url", "username", "secret", "has_secret", "services", "duplicates",
            "transfer_syntaxes", "seen_at", "echoed_at", "echo_ms", "echo_error",
        )  # fmt: skip
        read_only_fields = ("id", "seen_at", "echoed_at", "echo_ms", "echo_error")
        # The model's own rules say it better, and the service asks them.
        validators: tuple[Any, ...] = ()

    def get_has_secret(self, remote: Remote) -> bool:
        return bool(remote.secret)


class NewRemoteSerializer(RemoteSerializer):
    """A remote of a practice; without `services` it may do nothing."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())


class RemoteFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)
    title = serializers.CharField(required=False, help_text="AE title.")
    protocol = serializers.ChoiceField(Protocol.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class EchoSerializer(CamelCaseSerializer):
    """Whether a remote answered, in how many milliseconds from the call to the answer, and a text for people."""

    ok = serializers.BooleanField()
    ms = serializers.FloatField()
    message = serializers.CharField()


class ApplicationEntitySerializer(CamelCaseModelSerializer):
    """An AE title of this server: whoever calls it reaches its practice."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())

    class Meta:
        model = ApplicationEntity
        fields = ("id", "title", "practice")


class UnknownCallerSerializer(CamelCaseModelSerializer):
    """A node that was refused. `practice` is whose AE title it called; null for one that this server does not have."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True
    )

    class Meta:
        model = UnknownCaller
        fields: tuple[str, ...] = (
            "id", "practice", "calling", "called", "address", "reason", "calls", "first_at", "last_at",
        )  # fmt: skip
        read_only_fields = fields


class AllowSerializer(CamelCaseSerializer):
    """What the caller becomes: a name, without one its AE title, and what it may do."""

    name = serializers.CharField(default="", allow_blank=True, max_length=60)
    services = serializers.ListField(
        child=serializers.ChoiceField(SERVICES),
        default=[service.value for service in Service if service in administering.OF_A_DEVICE],
    )


class RemotesView(ListAPIView[Remote]):
    guards: Guards = {"GET": DECIDES, "POST": DECIDES}
    serializer_class = RemoteSerializer
    orderings = {"name": "name", "seenAt": "seen_at", "id": "pk"}

    def get_queryset(self) -> QuerySet[Remote]:
        given = filters(self.request, RemoteFilters)
        return Remote.objects.visible_to(principal(self.request), DECIDES).filter(**given).order_by("name", "pk")

    @extend_schema(summary="Remotes of one's practices", parameters=[RemoteFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(summary="Add a remote", request=NewRemoteSerializer, responses={201: RemoteSerializer})
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = NewRemoteSerializer(data=request.data)
        narrow(asked, who)
        asked.is_valid(raise_exception=True)
        facts = {"services": [], **asked.validated_data}
        remote = Remote(practice=facts.pop("practice"))
        administering.save_remote(who, remote, source=SOURCE, secret=_put(remote, facts))
        return Response(RemoteSerializer(remote).data, status=status.HTTP_201_CREATED)


class RemoteView(RetrieveAPIView[Remote]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), DECIDES)
    serializer_class = RemoteSerializer

    def get_queryset(self) -> QuerySet[Remote]:
        return Remote.objects.visible_to(principal(self.request), DECIDES)

    @extend_schema(summary="One remote")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Change a remote", request=RemoteSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, remote = deciding(request), self.get_object()
        asked = RemoteSerializer(remote, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        administering.save_remote(who, remote, source=SOURCE, secret=_put(remote, dict(asked.validated_data)))
        return Response(RemoteSerializer(remote).data)

    @extend_schema(summary="Remove a remote", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        administering.remove_remote(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EchoView(GenericAPIView[Remote]):
    guards: Guards = {"POST": DECIDES}
    serializer_class = EchoSerializer

    def get_queryset(self) -> QuerySet[Remote]:
        return Remote.objects.visible_to(principal(self.request), DECIDES)

    @extend_schema(summary="Ask a remote whether it answers (C-ECHO)", request=None, responses=EchoSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return Response(EchoSerializer(echoing.echo(self.get_object())).data)


class ApplicationEntitiesView(ListAPIView[ApplicationEntity]):
    guards: Guards = {"GET": DECIDES, "POST": DECIDES}
    serializer_class = ApplicationEntitySerializer

    def get_queryset(self) -> QuerySet[ApplicationEntity]:
        return ApplicationEntity.objects.visible_to(principal(self.request), DECIDES).order_by("title")

    @extend_schema(summary="AE titles of this server, for one's practices")
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(summary="Add an AE title", responses={201: ApplicationEntitySerializer})
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = ApplicationEntitySerializer(data=request.data)
        narrow(asked, who)
        asked.is_valid(raise_exception=True)
        title = ApplicationEntity(**asked.validated_data)
        administering.save_title(who, title, source=SOURCE)
        return Response(ApplicationEntitySerializer(title).data, status=status.HTTP_201_CREATED)


class ApplicationEntityView(RetrieveAPIView[ApplicationEntity]):
    guards: Guards = {"GET": DECIDES, "DELETE": DECIDES}
    serializer_class = ApplicationEntitySerializer

    def get_queryset(self) -> QuerySet[ApplicationEntity]:
        return ApplicationEntity.objects.visible_to(principal(self.request), DECIDES)

    @extend_schema(summary="One AE title")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Remove an AE title", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        administering.remove_title(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(summary="Who called and was refused, the last first")
class UnknownCallersView(ListAPIView[UnknownCaller]):
    guards: Guards = {"GET": DECIDES}
    serializer_class = UnknownCallerSerializer

    def get_queryset(self) -> QuerySet[UnknownCaller]:
        return UnknownCaller.objects.visible_to(principal(self.request), DECIDES).order_by("-last_at", "-pk")


class _CallerView(GenericAPIView[UnknownCaller]):
    guards: Guards = {"POST": DECIDES}

    def get_queryset(self) -> QuerySet[UnknownCaller]:
        return UnknownCaller.objects.visible_to(principal(self.request), DECIDES)


class AllowCallerView(_CallerView):
    serializer_class = RemoteSerializer

    @extend_schema(
        summary="Make a remote of an unknown caller", request=AllowSerializer, responses={201: RemoteSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        who, caller = deciding(request), self.get_object()
        asked = AllowSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        services = map(Service, asked.validated_data["services"])
        remote = administering.allow(who, caller, source=SOURCE, name=asked.validated_data["name"], services=services)
        return Response(RemoteSerializer(remote).data, status=status.HTTP_201_CREATED)


class DismissCallerView(_CallerView):
    serializer_class = UnknownCallerSerializer

    @extend_schema(summary="Take an unknown caller off the list", request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        administering.dismiss(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _put(remote: Remote, facts: dict[str, Any]) -> str | None:
    """Put what was asked for into the remote; returns its secret, None where it stays as it is."""
    secret: str | None = facts.pop("secret", None)
    services = facts.pop("services", None)
    if services is not None:
        administering.permit(remote, frozenset(map(Service, services)))
    for name, value in facts.items():
        setattr(remote, name, value)
    return secret
