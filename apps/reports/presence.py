"""Who has a report open: the others are told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.utils import timezone

from apps.accounts.principal import Principal
from apps.reports.models import Presence, Report

# Pages say every ten seconds that they are open.
SECONDS: Final = 30
MOST: Final = 20


def seen(who: Principal, report: Report) -> None:
    """Somebody has the report open now."""
    if not who.user_id:
        return
    row = Presence(report=report, user_id=who.user_id, seen_at=timezone.now())
    Presence.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["report", "user"], update_fields=["seen_at"]
    )


def left(who: Principal, report: Report) -> None:
    """They have closed it."""
    Presence.objects.filter(report=report, user_id=who.user_id).delete()


def others(who: Principal, report: Report) -> Sequence[Presence]:
    """The others who have it open, who was seen last first."""
    since = timezone.now() - timedelta(seconds=SECONDS)
    rows = Presence.objects.filter(report=report, seen_at__gte=since).exclude(user_id=who.user_id)
    return list(rows.select_related("user").order_by("-seen_at")[:MOST])
