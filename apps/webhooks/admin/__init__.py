"""Webhooks in the admin."""

from apps.webhooks.admin.deliveries import DeliveryAdmin
from apps.webhooks.admin.webhooks import WebhookAdmin

__all__ = ["DeliveryAdmin", "WebhookAdmin"]
