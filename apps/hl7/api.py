"""Senders of HL7 messages, unknown ones and messages in the REST API, for who administers their practices."""

from typing import Any, Final

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
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.hl7 import administering, replaying
from apps.hl7.models import NAME_LENGTH, Message, MessageState, Sender, Stranger

SOURCE: Final = "API"
DECIDES: Final = Permission.ADMINISTER


class SenderSerializer(CamelCaseModelSerializer):
    """A system that may send HL7 messages to a practice."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Sender
        fields: tuple[str, ...] = (
            "id", "practice", "name", "is_active", "networks", "application", "facility", "certificate", "charset",
            "authority", "procedures", "passes_over", "seen_at",
        )  # fmt: skip
        read_only_fields = ("id", "seen_at")
        # The model's own rules say it better, and the service asks them.
        validators: tuple[Any, ...] = ()


class NewSenderSerializer(SenderSerializer):
    """A sender of a practice."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())


class SenderFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)
    is_active = serializers.BooleanField(required=False)


class StrangerSerializer(CamelCaseModelSerializer):
    """A system that was refused. `practice` is whom it wrote to; null where that is not clear."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True
    )

    class Meta:
        model = Stranger
        fields: tuple[str, ...] = (
            "id", "practice", "application", "facility", "address", "reason", "calls", "first_at", "last_at",
        )  # fmt: skip
        read_only_fields = fields


class LetInSerializer(CamelCaseSerializer):
    """What the sender is called; without a name, what it calls itself."""

    name = serializers.CharField(default="", allow_blank=True, max_length=NAME_LENGTH)


class MessageSerializer(CamelCaseModelSerializer):
    """What became of a message. `answer` is AA, AE or AR, `condition` a code of HL7's table 0357."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    sender: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Message
        fields: tuple[str, ...] = (
            "id", "practice", "sender", "control_id", "kind", "version", "charset", "size", "state", "answer",
            "condition", "place", "detail", "outcome", "attempts", "address", "received_at",
        )  # fmt: skip
        read_only_fields = fields


class MessageFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)
    sender = serializers.IntegerField(required=False)
    state = serializers.ChoiceField(MessageState.choices, required=False)
    kind = serializers.CharField(required=False, help_text="Such as ADT^A04.")
    control_id = serializers.CharField(required=False)


class SendersView(ListAPIView[Sender]):
    guards: Guards = {"GET": DECIDES, "POST": DECIDES}
    serializer_class = SenderSerializer
    orderings = {"name": "name", "seenAt": "seen_at", "id": "pk"}

    def get_queryset(self) -> QuerySet[Sender]:
        given = filters(self.request, SenderFilters)
        return Sender.objects.visible_to(principal(self.request), DECIDES).filter(**given).order_by("name", "pk")

    @extend_schema(summary="HL7 senders of one's practices", parameters=[SenderFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(summary="Add an HL7 sender", request=NewSenderSerializer, responses={201: SenderSerializer})
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = NewSenderSerializer(data=request.data)
        narrow(asked, who)
        asked.is_valid(raise_exception=True)
        sender = administering.save_sender(who, Sender(**asked.validated_data), source=SOURCE)
        return Response(SenderSerializer(sender).data, status=status.HTTP_201_CREATED)


class SenderView(RetrieveAPIView[Sender]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), DECIDES)
    serializer_class = SenderSerializer

    def get_queryset(self) -> QuerySet[Sender]:
        return Sender.objects.visible_to(principal(self.request), DECIDES)

    @extend_schema(summary="One HL7 sender")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Change an HL7 sender", request=SenderSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, sender = deciding(request), self.get_object()
        asked = SenderSerializer(sender, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        for name, value in asked.validated_data.items():
            setattr(sender, name, value)
        return Response(SenderSerializer(administering.save_sender(who, sender, source=SOURCE)).data)

    @extend_schema(summary="Remove an HL7 sender, and what is known of its messages", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        administering.remove_sender(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(summary="Who sent HL7 messages and was refused, the last first")
class StrangersView(ListAPIView[Stranger]):
    guards: Guards = {"GET": DECIDES}
    serializer_class = StrangerSerializer

    def get_queryset(self) -> QuerySet[Stranger]:
        return Stranger.objects.visible_to(principal(self.request), DECIDES).order_by("-last_at", "-pk")


class _StrangerView(GenericAPIView[Stranger]):
    guards: Guards = {"POST": DECIDES}

    def get_queryset(self) -> QuerySet[Stranger]:
        return Stranger.objects.visible_to(principal(self.request), DECIDES)


class LetInView(_StrangerView):
    serializer_class = SenderSerializer

    @extend_schema(
        summary="Make a sender of an unknown one", request=LetInSerializer, responses={201: SenderSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        who, stranger = deciding(request), self.get_object()
        asked = LetInSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sender = administering.allow(who, stranger, source=SOURCE, name=asked.validated_data["name"])
        return Response(SenderSerializer(sender).data, status=status.HTTP_201_CREATED)


class DismissView(_StrangerView):
    serializer_class = StrangerSerializer

    @extend_schema(summary="Take an unknown sender off the list", request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        administering.dismiss(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MessagesView(ListAPIView[Message]):
    guards: Guards = {"GET": DECIDES}
    serializer_class = MessageSerializer
    orderings = {"receivedAt": "received_at", "id": "pk"}

    def get_queryset(self) -> QuerySet[Message]:
        mine = Message.objects.visible_to(principal(self.request), DECIDES).defer("content")
        return mine.filter(**filters(self.request, MessageFilters)).order_by("-received_at", "-pk")

    @extend_schema(summary="HL7 messages, and what became of them", parameters=[MessageFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)


class MessageView(RetrieveAPIView[Message]):
    guards: Guards = {"GET": DECIDES}
    serializer_class = MessageSerializer

    def get_queryset(self) -> QuerySet[Message]:
        return Message.objects.visible_to(principal(self.request), DECIDES).defer("content")

    @extend_schema(summary="One HL7 message")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)


class ReplayView(GenericAPIView[Message]):
    guards: Guards = {"POST": DECIDES}
    serializer_class = MessageSerializer

    def get_queryset(self) -> QuerySet[Message]:
        return Message.objects.visible_to(principal(self.request), DECIDES).select_related("sender")

    @extend_schema(summary="Try a message again that was not taken", request=None)
    def post(self, request: Request, pk: int) -> Response:
        message = self.get_object()
        replaying.replay(principal(request), message)
        message.refresh_from_db()
        return Response(MessageSerializer(message).data)
