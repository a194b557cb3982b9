"""Quotas: how many bytes a practice may keep here, how many it keeps, and the refusal of what would be too many.

What is kept is counted every few minutes, in a worker, and what is stored meanwhile is added to the count: no request
waits for a sum over all studies. Of practices without a quota nothing is asked or written when they store.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive import events
from apps.archive.models import Quarantined, Study, Usage
from apps.audit.record import Action, tell
from apps.core.errors import QuotaReached
from apps.saying import say

# As the admin's pages have it.
GIGABYTE: Final = 1 << 30
# Seconds that the quotas that were read count: so long may pass until a change counts in other processes.
REMEMBERED: Final = 5.0
COUNTED_EVERY: Final = timedelta(minutes=10)
# Of the quota, in hundredths: when it is told that little is left, and below which it may be told again.
NEARLY, ENOUGH_AGAIN = 90, 85

_read: tuple[float, Mapping[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes that a practice keeps, and may keep (None: without limit), and when the first were counted."""

    used: int
    quota: int | None
    counted_at: datetime

    @property
    def percent(self) -> int | None:
        return min(100, 100 * self.used // self.quota) if self.quota else None


def limit(practice_id: int) -> int | None:
    """The practice's quota in bytes, as it was at most some seconds ago; None for no limit."""
    return _limit(_quotas().get(practice_id))


def measure(practice_id: int) -> Measured:
    """How much the practice keeps and may keep: two rows are read, unless it was never counted."""
    row = Usage.objects.filter(pk=practice_id).first()
    if row is None or row.counted_at is None:
        row = count(practice_id)
    return of_row(row)


def of_row(row: Usage) -> Measured:
    """What a row says, as it was last counted."""
    return Measured(row.size, _limit(row.quota), row.counted_at or timezone.now())


def room(practice_id: int) -> int | None:
    """The bytes that are left to the practice, which may be fewer than none; None where nothing bounds them."""
    if limit(practice_id) is None:
        return None
    measured = measure(practice_id)
    return None if measured.quota is None else measured.quota - measured.used


def check(practice_id: int, coming: int, promised: int = 0) -> None:
    """Raises QuotaReached where `coming` bytes, and those `promised` to others, are more than is left."""
    left = room(practice_id)
    if left is not None and coming + promised > left:
        raise reached(practice_id)


def reached(practice_id: int) -> QuotaReached:
    """The error that tells how much the practice may keep."""
    quota = said(limit(practice_id) or 0)
    return QuotaReached(say("The practice may keep {quota} here, and there is no room left for this.", quota=quota))


def said(size: int) -> str:
    """Bytes for people: 1,342,177,280 are 1.25 GB."""
    for unit, name in ((GIGABYTE, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if size >= unit:
            return f"{size / unit:.2f}".rstrip("0").rstrip(".") + f" {name}"
    return f"{size} B"


def decide(principal: Principal, practice: Practice, quota: int | None) -> None:
    """Set the practice's quota, bytes: None for the site's (FOVEA_QUOTA_GB), 0 for no limit. It is on record."""
    with transaction.atomic():
        Usage.objects.update_or_create(practice=practice, defaults={"quota": quota, "warned_at": None})
        detail = "quota as the site's" if quota is None else f"quota {said(quota)}" if quota else "no quota"
        tell(Action.CONFIGURATION, principal=principal, practice_id=practice.pk, detail=detail)
    forget_all()


def count(practice_id: int) -> Usage:
    """Count what the practice keeps anew: a sum over its studies and its quarantine."""
    sizes = (rows.filter(practice=practice_id).aggregate(sum=Sum("size"))["sum"] for rows in _KEPT)
    counted = {"size": sum(size or 0 for size in sizes), "counted_at": timezone.now()}
    return Usage.objects.update_or_create(practice_id=practice_id, defaults=counted)[0]


_KEPT: Final = (Study.objects.all(), Quarantined.objects.all())


def forget_all() -> None:
    """Read the quotas again the next time."""
    global _read  # noqa: PLW0603 - one a process
    _read = None


def on_stored(*, size: int, origin: Any, **_: Any) -> None:
    """Add what was stored to what its practice keeps, where it has a quota."""
    if size and limit(origin.practice_id) is not None:
        Usage.objects.filter(pk=origin.practice_id).update(size=F("size") + size)


def on_deleted(*, practice_id: int, **_: Any) -> None:
    """What is left is counted when somebody asks."""
    if limit(practice_id) is not None:
        Usage.objects.filter(pk=practice_id, counted_at__isnull=False).update(counted_at=None)


def on_minute(**_: Any) -> None:
    """Count what was counted long ago, and tell whose quota is nearly used up; once, whichever worker it is."""
    for practice_id in _bounded():
        row = Usage.objects.filter(pk=practice_id).first()
        if row is None or row.counted_at is None or row.counted_at < timezone.now() - COUNTED_EVERY:
            row = count(practice_id)
        if quota := _limit(row.quota):
            _tell(row, quota)


def _tell(row: Usage, quota: int) -> None:
    same = Usage.objects.filter(pk=row.pk)
    if 100 * row.size < ENOUGH_AGAIN * quota:
        same.filter(warned_at__isnull=False).update(warned_at=None)
    elif 100 * row.size >= NEARLY * quota and same.filter(warned_at=None).update(warned_at=timezone.now()):
        events.nearly_full.send_robust(sender=Usage, practice_id=row.pk, used=row.size, quota=quota)


def _bounded() -> list[int]:
    """The practices that have a quota."""
    if settings.QUOTA_BYTES:
        return [pk for pk in Practice.objects.order_by().values_list("pk", flat=True) if limit(pk) is not None]
    return [pk for pk, quota in _quotas().items() if quota]


def _quotas() -> Mapping[int, int]:
    global _read  # noqa: PLW0603 - one a process
    known = _read
    if known is None or time.monotonic() - known[0] >= REMEMBERED:
        own = Usage.objects.filter(quota__isnull=False).order_by().values_list("practice_id", "quota")
        known = _read = (time.monotonic(), {pk: quota for pk, quota in own if quota is not None})
    return known[1]


def _limit(own: int | None) -> int | None:
    return (settings.QUOTA_BYTES if own is None else own) or None
