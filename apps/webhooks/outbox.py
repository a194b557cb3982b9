"""Writing down what webhooks are to be told, in the transaction in which it happened."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from apps.webhooks.models import Delivery, Event, Webhook


def put(practice_id: int, kind: str, subject: str, data: dict[str, Any]) -> Event | None:
    """Have the practice's webhooks for this kind told of it. Nothing is written where there are none.

    `data` are numbers and UIDs, as the kind's schema says, and never a patient's; `subject` is what it is about, such
    as a Study Instance UID: events of one are told in their order.
    """
    webhooks = wanting(practice_id, kind)
    if not webhooks:
        return None
    with transaction.atomic():
        event = Event.objects.create(practice_id=practice_id, kind=kind, subject=subject, data=data)
        give(event, webhooks)
    return event


def wanting(practice_id: int, kind: str) -> list[Webhook]:
    """The practice's webhooks that are told of such events; those that pause too, for when they go on."""
    rows = Webhook.objects.filter(practice=practice_id, is_active=True).order_by("pk")
    return [webhook for webhook in rows if webhook.wants(kind)]


def give(event: Event, webhooks: Sequence[Webhook]) -> None:
    """Have these webhooks told of the event."""
    at = event.occurred_at
    Delivery.objects.bulk_create(
        Delivery(webhook=webhook, event=event, subject=event.subject, next_at=at) for webhook in webhooks
    )
