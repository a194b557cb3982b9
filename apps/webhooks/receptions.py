"""From what the store has counted to events: at once for a study's first images, then together every half minute."""

from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.archive.shelving import site_writer
from apps.webhooks import outbox
from apps.webhooks.kinds import STUDY_RECEIVED
from apps.webhooks.models import Delivery, Event, Reception, Webhook
from apps.webhooks.receivers import of_study

TOGETHER: Final = timedelta(seconds=30)
# Studies in one transaction: the store waits for it.
AT_ONCE: Final = 50

_UNREAD: Final = ("study__found", "study__original_found", "study__correction")


def expand() -> int:
    """Make events of what is due; gives how many studies were looked at, at most AT_ONCE."""
    now = timezone.now()
    if not Reception.objects.filter(due_at__lte=now).exists():
        return 0
    with site_writer(), transaction.atomic():
        due = Reception.objects.filter(due_at__lte=now).select_related("study").defer(*_UNREAD).order_by("due_at")
        rows = list(due.select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
        Reception.objects.filter(pk__in=[row.pk for row in rows if not row.instances]).delete()
        grown = [row for row in rows if row.instances]
        _tell(grown)
        for row in grown:
            # What the store counts meanwhile is told the next time.
            again = Reception.objects.filter(pk=row.pk)
            again.update(instances=F("instances") - row.instances, due_at=now + TOGETHER)
    return len(rows)


def _tell(rows: list[Reception]) -> None:
    webhooks: dict[int, list[Webhook]] = {}
    for practice_id in {row.practice_id for row in rows}:
        webhooks[practice_id] = outbox.wanting(practice_id, STUDY_RECEIVED)
    told = [row for row in rows if webhooks[row.practice_id]]
    events = Event.objects.bulk_create(_event(row) for row in told)
    Delivery.objects.bulk_create(
        Delivery(webhook=webhook, event=event, subject=event.subject, next_at=event.occurred_at)
        for event in events
        for webhook in webhooks[event.practice_id]
    )


def _event(row: Reception) -> Event:
    data: dict[str, Any] = of_study(row.study)
    data |= {"newInstances": row.instances, "isFirst": row.instances >= row.study.instance_count}
    return Event(practice_id=row.practice_id, kind=STUDY_RECEIVED, subject=row.study.study_instance_uid, data=data)
