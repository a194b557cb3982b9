"""The courier in the suite's own thread, and things that happen."""

import time
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.accounts.models import Practice
from apps.webhooks import claiming, outbox
from apps.webhooks.courier import Courier
from apps.webhooks.models import Delivery, Event, Webhook

PATIENCE = 60


def deliver(courier: Courier) -> None:
    """Let it go on until nothing is due, and nothing is under way."""
    deadline = time.monotonic() + PATIENCE
    while True:
        courier._looked = -PATIENCE
        courier._round()
        courier._wrote = -PATIENCE
        courier._write()
        due = any(claiming.claimable(webhook).exists() for webhook in claiming.due_webhooks())
        if not (courier._attempts or courier._outcomes or courier._ready or due):
            return
        assert time.monotonic() < deadline, "the courier does not come to an end"


def happen(practice: Practice, number: int = 1, subject: str = "", **data: Any) -> Event:
    """A job that ended."""
    told = {"jobId": number, "kind": "tests", "state": "done", "error": "", "requestedById": None}
    event = outbox.put(practice.pk, "job.finished", subject or f"job {number}", told | data)
    assert event is not None
    return event


def let_pass(period: timedelta) -> None:
    """All that waits for its time waits so much less: the clock can't be turned."""
    for row in Delivery.objects.exclude(next_at=None):
        Delivery.objects.filter(pk=row.pk).update(next_at=row.next_at - period)
    for webhook in Webhook.objects.exclude(not_before=None):
        Webhook.objects.filter(pk=webhook.pk).update(not_before=webhook.not_before - period)
    for webhook in Webhook.objects.exclude(failing_since=None):
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=webhook.failing_since - period)


def now_due() -> None:
    """Whatever is open is due, and no webhook rests."""
    Delivery.objects.exclude(next_at=None).update(next_at=timezone.now())
    Webhook.objects.update(not_before=None)
