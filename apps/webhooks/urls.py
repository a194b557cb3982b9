"""The addresses of webhooks below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.webhooks.api import (
    WebhookDeliveriesView,
    WebhookDeliveryAgainView,
    WebhookDeliveryView,
    WebhookEventsView,
    WebhookRedeliverView,
    WebhookResumeView,
    WebhookSecretView,
    WebhooksView,
    WebhookTestView,
    WebhookView,
)

urlpatterns: Final[list[URLPattern]] = [
    route("webhooks", WebhooksView.as_view(), "api-webhooks"),
    route("webhooks/<int:pk>", WebhookView.as_view(), "api-webhook"),
    route("webhooks/<int:pk>/test", WebhookTestView.as_view(), "api-webhook-test"),
    route("webhooks/<int:pk>/secret", WebhookSecretView.as_view(), "api-webhook-secret"),
    route("webhooks/<int:pk>/resume", WebhookResumeView.as_view(), "api-webhook-resume"),
    route("webhooks/<int:pk>/redeliver", WebhookRedeliverView.as_view(), "api-webhook-redeliver"),
    route("webhooks/<int:pk>/deliveries", WebhookDeliveriesView.as_view(), "api-webhook-deliveries"),
    route("webhook-deliveries/<int:pk>", WebhookDeliveryView.as_view(), "api-webhook-delivery"),
    route("webhook-deliveries/<int:pk>/redeliver", WebhookDeliveryAgainView.as_view(), "api-webhook-delivery-again"),
    route("webhook-events", WebhookEventsView.as_view(), "api-webhook-events"),
]
