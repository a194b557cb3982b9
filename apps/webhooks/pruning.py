"""Old events go, with their deliveries and what came of them."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from apps.archive.shelving import site_writer
from apps.webhooks.models import Delivery, DeliveryAttempt, Event, Webhook

# In one statement: the store waits for it.
AT_ONCE: Final = 500


def prune() -> int:
    """Remove some of those older than FOVEA_WEBHOOK_KEEP_DAYS; gives how many."""
    old = timezone.now() - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    pks = list(Event.objects.filter(occurred_at__lt=old).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if pks:
        with site_writer():
            DeliveryAttempt.objects.filter(delivery__event__in=pks).delete()
            Delivery.objects.filter(event__in=pks).delete()
            Event.objects.filter(pk__in=pks).delete()
    return len(pks)


def forget(webhook: Webhook) -> None:
    """Remove all that a webhook was told or is still to be told, some at a time."""
    rows = Delivery.objects.filter(webhook=webhook).order_by("pk").values_list("pk", flat=True)
    while pks := list(rows[:AT_ONCE]):
        with site_writer():
            DeliveryAttempt.objects.filter(delivery__in=pks).delete()
            Delivery.objects.filter(pk__in=pks).delete()
