"""Old rows of the outbox go: what was sent or cancelled long ago. What has failed stays until a person decides."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from apps.routing.models import Delivery, Outgoing, OutgoingState

AT_ONCE: Final = 200


def prune() -> int:
    """Remove some of them, the oldest first; gives how many."""
    old = timezone.now() - timedelta(days=settings.ROUTING_KEEP_DAYS)
    ended = Outgoing.objects.filter(state__in=(OutgoingState.SENT, OutgoingState.CANCELLED), created_at__lt=old)
    pks = list(ended.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    Delivery.objects.filter(outgoing__in=pks).delete()
    Outgoing.objects.filter(pk__in=pks).delete()
    return len(pks)
