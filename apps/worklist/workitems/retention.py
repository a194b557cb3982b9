"""How long workitems and their events are kept.

One that has ended goes when nobody holds a Deletion Lock on it (PS3.4 CC.2.1.3) and the site's days are over; its UID
is remembered for longer, so that who asks is told that it is gone (410). Events that nobody came for go too.
"""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.audit.record import Action, tell
from apps.worklist.models.subscriptions import Subscription, WorkitemEvent
from apps.worklist.models.workitems import Workitem

AT_ONCE: Final = 500
_BLANK: Final = {"dataset": {}, "label": "", "patient_id": "", "start": "", "expected_end": "", "priority": ""}


def on_minute(**_: Any) -> None:
    """Remove some of what is too old."""
    remove_ended()
    now = timezone.now()
    old = WorkitemEvent.objects.filter(created_at__lt=now - timedelta(hours=settings.EVENTS_KEEP_HOURS))
    WorkitemEvent.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:AT_ONCE])).delete()
    forgotten = Workitem.objects.filter(gone_at__lt=now - timedelta(days=settings.WORKITEM_REMEMBER_DAYS))
    Workitem.objects.filter(pk__in=list(forgotten.values_list("pk", flat=True)[:AT_ONCE])).delete()


def remove_ended() -> int:
    """Remove what ended long enough ago, of that nobody keeps; how many."""
    before = timezone.now() - timedelta(days=settings.WORKITEM_KEEP_DAYS)
    locked = Subscription.objects.filter(has_lock=True).values("workitem")
    ended = Workitem.objects.present().filter(ended_at__lt=before).exclude(pk__in=locked).order_by("ended_at")
    removed = 0
    for practice in set(ended.order_by().values_list("practice_id", flat=True)[:AT_ONCE]):
        removed += _remove(practice, list(ended.filter(practice_id=practice).values_list("pk", flat=True)[:AT_ONCE]))
    return removed


def _remove(practice: int, keys: list[int]) -> int:
    with transaction.atomic():
        Subscription.objects.filter(workitem__in=keys).delete()
        count = Workitem.objects.filter(pk__in=keys, gone_at=None).update(gone_at=timezone.now(), **_BLANK)
        if count:
            tell(
                Action.SCHEDULE, actor="retention", practice_id=practice, count=count, detail="ended workitems removed"
            )
    return count
