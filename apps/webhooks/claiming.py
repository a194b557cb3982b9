"""Which deliveries are due, and having them: a courier that claims some has a lease, and when it dies that lapses."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.archive.shelving import site_writer
from apps.webhooks.models import Delivery, State, Webhook

# Longer than what is claimed together can take to be sent.
LEASE: Final = timedelta(minutes=5)
# After so many attempts with an event, later ones of the same study don't wait for it any more.
HELD_ATTEMPTS: Final = 3


def due_webhooks() -> list[Webhook]:
    """Those that something is to be sent to now."""
    now = timezone.now()
    waiting = Delivery.objects.filter(webhook=OuterRef("pk"), next_at__lte=now).order_by()
    ready = Webhook.objects.filter(Q(not_before=None) | Q(not_before__lte=now), is_active=True, paused_at=None)
    return list(ready.filter(Exists(waiting)).order_by("pk"))


def claim(webhook: Webhook, most: int) -> list[Delivery]:
    """Have the next deliveries to a webhook, with their events: one of a study at a time, the oldest first."""
    if not claimable(webhook).exists():
        return []
    with site_writer(), transaction.atomic():
        rows = list(claimable(webhook).select_for_update(skip_locked=True, of=("self",))[:most])
        until = timezone.now() + LEASE
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.SENDING, next_at=until)
    for row in rows:
        row.webhook = webhook
    return rows


def release(delivery_pks: Collection[int]) -> None:
    """Give back what was claimed and not tried."""
    with site_writer(), transaction.atomic():
        mine = Delivery.objects.filter(pk__in=delivery_pks, state=State.SENDING)
        mine.filter(attempts=0).update(state=State.WAITING, next_at=timezone.now())
        mine.update(state=State.FAILED, next_at=timezone.now())


def claimable(webhook: Webhook) -> QuerySet[Delivery]:
    """What is due of a webhook, and does not wait for an earlier event of its study."""
    earlier = Delivery.objects.filter(
        webhook=OuterRef("webhook"), subject=OuterRef("subject"), pk__lt=OuterRef("pk"), next_at__isnull=False
    )
    held = Q(Exists(earlier.filter(attempts__lt=HELD_ATTEMPTS).order_by()))
    due = Delivery.objects.filter(~held, webhook=webhook, next_at__lte=timezone.now())
    return due.select_related("event").order_by(F("next_at").asc(), "pk")
