"""Webhooks in the REST API, for who administers their practices."""

from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards, Open
from apps.accounts.people_api import deciding, narrow
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.core.filters import filters
from apps.core.languages import translated
from apps.core.paging import CursorPaging
from apps.webhooks import administering, kinds, trying
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.serializers import (
    AddedWebhookSerializer,
    DeliveryFilters,
    DeliverySerializer,
    KindSerializer,
    NewSecretSerializer,
    NewWebhookSerializer,
    OneDeliverySerializer,
    RedeliveredSerializer,
    RedeliverSerializer,
    SecretSerializer,
    WebhookFilters,
    WebhookSerializer,
    WebhookTestSerializer,
)

SOURCE: Final = "API"
DECIDES: Final = Permission.ADMINISTER


class WebhooksView(ListAPIView[Webhook]):
    guards: Guards = {"GET": DECIDES, "POST": DECIDES}
    serializer_class = WebhookSerializer

    def get_queryset(self) -> QuerySet[Webhook]:
        given = filters(self.request, WebhookFilters)
        return Webhook.objects.visible_to(principal(self.request), DECIDES).filter(**given).order_by("name", "pk")

    @extend_schema(summary="Webhooks of one's practices", parameters=[WebhookFilters])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Add a webhook", request=NewWebhookSerializer, responses={201: AddedWebhookSerializer},
        description="`secret` is what its events are signed by (Standard Webhooks): it is told this once.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        who = deciding(request)
        asked = NewWebhookSerializer(data=request.data)
        narrow(asked, who)
        asked.is_valid(raise_exception=True)
        saved = administering.save(who, Webhook(**asked.validated_data), source=SOURCE)
        told = AddedWebhookSerializer(saved.webhook, context={"secret": saved.secret}).data
        return _once(Response(told, status=status.HTTP_201_CREATED))


class WebhookView(RetrieveAPIView[Webhook]):
    guards: Guards = dict.fromkeys(("GET", "PATCH", "DELETE"), DECIDES)
    serializer_class = WebhookSerializer

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.visible_to(principal(self.request), DECIDES)

    @extend_schema(summary="One webhook, and how it stands")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)

    @extend_schema(summary="Change a webhook", request=WebhookSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        who, webhook = deciding(request), self.get_object()
        asked = WebhookSerializer(webhook, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        for name, value in asked.validated_data.items():
            setattr(webhook, name, value)
        return Response(WebhookSerializer(administering.save(who, webhook, source=SOURCE).webhook).data)

    @extend_schema(summary="Remove a webhook, with all that it was told", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        administering.remove(deciding(request), self.get_object(), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class _OneView(GenericAPIView[Webhook]):
    guards: Guards = {"POST": DECIDES}

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.visible_to(principal(self.request), DECIDES)


class WebhookTestView(_OneView):
    serializer_class = WebhookTestSerializer

    @extend_schema(
        summary="Send a webhook a test", request=None, responses=WebhookTestSerializer,
        description="An event of the kind `webhook.test`, sent at once and not repeated; one that pauses or is "
        "switched off gets it too.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        tested = trying.test(principal(request), self.get_object())
        told = {"ok": tested.ok, "message": translated(tested.message), "delivery": tested.delivery}
        return Response(WebhookTestSerializer(told).data)


class WebhookSecretView(_OneView):
    serializer_class = NewSecretSerializer

    @extend_schema(
        summary="Give a webhook a new secret", responses=SecretSerializer,
        description="It is told this once. For `keepHours` events are signed by the one before as well, so that the "
        "receiver can be changed meanwhile; 0 where the secret is known to others.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        who, webhook = deciding(request), self.get_object()
        asked = NewSecretSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        hours = asked.validated_data["keep_hours"]
        secret = administering.new_signing_secret(who, webhook, source=SOURCE, hours=hours)
        return _once(Response(SecretSerializer({"secret": secret, "former_until": webhook.former_until}).data))


class WebhookResumeView(_OneView):
    serializer_class = WebhookSerializer

    @extend_schema(
        summary="Let a webhook that pauses go on", request=None, responses=WebhookSerializer,
        description="What has waited is sent now; 409 for one that does not pause.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        webhook = administering.resume(principal(request), self.get_object(), source=SOURCE)
        return Response(WebhookSerializer(webhook).data)


class WebhookRedeliverView(_OneView):
    serializer_class = RedeliverSerializer

    @extend_schema(summary="Send a webhook again what failed, or everything", responses=RedeliveredSerializer)
    def post(self, request: Request, pk: int) -> Response:
        webhook = self.get_object()
        asked = RedeliverSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        count = administering.redeliver_many(principal(request), webhook, source=SOURCE, **asked.validated_data)
        return Response(RedeliveredSerializer({"count": count}).data)


class WebhookDeliveriesView(ListAPIView[Delivery]):
    guards: Guards = {"GET": DECIDES}
    serializer_class = DeliverySerializer
    pagination_class = CursorPaging

    def get_queryset(self) -> QuerySet[Delivery]:
        given = filters(self.request, DeliveryFilters)
        visible = Delivery.objects.visible_to(principal(self.request), DECIDES).select_related("event")
        return visible.filter(webhook=self.kwargs["pk"], **given).order_by("-pk")

    @extend_schema(summary="What a webhook was told, the last first", parameters=[DeliveryFilters])
    def get(self, request: Request, pk: int) -> Response:
        # What is hidden and what there isn't are the same.
        get_object_or_404(Webhook.objects.visible_to(principal(request), DECIDES), pk=pk)
        return self.list(request)


class WebhookDeliveryView(RetrieveAPIView[Delivery]):
    guards: Guards = {"GET": DECIDES}
    serializer_class = OneDeliverySerializer

    def get_queryset(self) -> QuerySet[Delivery]:
        visible = Delivery.objects.visible_to(principal(self.request), DECIDES)
        return visible.select_related("event").prefetch_related("log")

    @extend_schema(summary="One delivery: what happened, and every attempt to tell it")
    def get(self, request: Request, pk: int) -> Response:
        return self.retrieve(request, pk=pk)


class WebhookDeliveryAgainView(GenericAPIView[Delivery]):
    guards: Guards = {"POST": DECIDES}
    serializer_class = DeliverySerializer

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.visible_to(principal(self.request), DECIDES).select_related("webhook", "event")

    @extend_schema(
        summary="Send one delivery again", request=None, responses=DeliverySerializer,
        description="With all its attempts, and by the same webhook-id; 409 for one that is on its way.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        again = administering.redeliver(principal(request), self.get_object(), source=SOURCE)
        return Response(DeliverySerializer(again).data)


class WebhookEventsView(APIView):
    guards: Guards = {"GET": Open.TO_USERS}

    @extend_schema(
        summary="The kinds of events that webhooks tell of", responses=KindSerializer(many=True),
        description="Each with the JSON Schema (2020-12) of its body and an example. More kinds and more properties "
        "may come.",
    )  # fmt: skip
    def get(self, _: Request) -> Response:
        told: Any = KindSerializer(kinds.every(), many=True).data
        return Response(told)


def _once(response: Response) -> Response:
    """With a secret in it, which nothing on the way keeps."""
    response["Cache-Control"] = "no-store"
    return response
