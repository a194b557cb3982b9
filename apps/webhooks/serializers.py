"""Webhooks, deliveries and kinds of events as the REST API writes them."""

from typing import Any

from rest_framework import serializers

from apps.accounts.models import Practice
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.webhooks.administering import KEPT_HOURS, MOST_KEPT_HOURS
from apps.webhooks.models import KIND_LENGTH, Delivery, DeliveryAttempt, State, Webhook


class WebhookSerializer(CamelCaseModelSerializer):
    """A webhook. Its secret is told once, when it is made.

    `pausedAt` is set while nothing is sent because it took nothing for days, or said that it is gone.
    """

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    events = serializers.ListField(child=serializers.CharField(max_length=KIND_LENGTH), max_length=50)

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id", "practice", "name", "is_active", "url", "certificate", "events", "detail", "former_until",
            "paused_at", "pause_reason", "failures", "failing_since", "last_error", "last_success_at", "created_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = (
            "id", "former_until", "paused_at", "pause_reason", "failures", "failing_since", "last_error",
            "last_success_at", "created_at",
        )  # fmt: skip
        # The model's own rules say it better, and the service asks them.
        validators: tuple[Any, ...] = ()


class NewWebhookSerializer(WebhookSerializer):
    """A webhook of a practice."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all())


class AddedWebhookSerializer(WebhookSerializer):
    """A webhook that was added, with the secret that its events are signed by: told this once."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")

    def get_secret(self, _: Webhook) -> str:
        return str(self.context["secret"])


class WebhookFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)


class NewSecretSerializer(CamelCaseSerializer):
    """For how many hours the secret before signs as well."""

    keep_hours = serializers.IntegerField(default=KEPT_HOURS, min_value=0, max_value=MOST_KEPT_HOURS)


class SecretSerializer(CamelCaseSerializer):
    """A new secret, told this once, and until when the one before signs as well."""

    secret = serializers.CharField()
    former_until = serializers.DateTimeField()


class RedeliverSerializer(CamelCaseSerializer):
    """What is sent again: of what happened `since` then, what failed or was given up; all of it with `everything`."""

    since = serializers.DateTimeField(required=False, allow_null=True, default=None)
    everything = serializers.BooleanField(default=False)


class RedeliveredSerializer(CamelCaseSerializer):
    count = serializers.IntegerField()


class AttemptSerializer(CamelCaseModelSerializer):
    """One attempt; `status` is null where nothing was answered, `error` empty where it was taken."""

    class Meta:
        model = DeliveryAttempt
        fields: tuple[str, ...] = ("at", "status", "error", "milliseconds")
        read_only_fields = fields


class DeliverySerializer(CamelCaseModelSerializer):
    """The telling of an event. `event` is what came as webhook-id; `answer` is how the last answer began."""

    webhook: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    event = serializers.UUIDField(source="event.uid", read_only=True)
    type = serializers.CharField(source="event.kind", read_only=True)
    sequence = serializers.IntegerField(source="event_id", read_only=True)
    occurred_at = serializers.DateTimeField(source="event.occurred_at", read_only=True)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id", "webhook", "event", "type", "sequence", "occurred_at", "state", "attempts", "next_at",
            "delivered_at", "last_status", "last_error", "answer", "milliseconds",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class OneDeliverySerializer(DeliverySerializer):
    """With what happened, as it is told to who gets numbers alone, and with every attempt."""

    data = serializers.JSONField(source="event.data", read_only=True)  # type: ignore[assignment]
    log = AttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "data", "log")
        read_only_fields = fields


class DeliveryFilters(CamelCaseSerializer):
    state = serializers.ChoiceField(State.choices, required=False)
    type = serializers.CharField(required=False, max_length=KIND_LENGTH, source="event__kind")
    occurred_after = serializers.DateTimeField(required=False, source="event__occurred_at__gt")


class WebhookTestSerializer(CamelCaseSerializer):
    """Whether a test was taken, a text for people, and the delivery as it is in the log."""

    ok = serializers.BooleanField()
    message = serializers.CharField()
    delivery = DeliverySerializer()


class KindSerializer(CamelCaseSerializer):
    """A kind of event: the JSON Schema of its body, and a body as it may come."""

    name = serializers.CharField()
    words = serializers.CharField()
    description = serializers.CharField()
    schema = serializers.JSONField()
    example = serializers.JSONField()
