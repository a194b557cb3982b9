"""Raising alarms and ending them: looked at every minute, by any worker."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from apps.jobs.queue import enqueue
from apps.remotes.models import Remote
from apps.routing.alarms.models import Alarm, AlarmKind
from apps.routing.models import Outgoing, OutgoingState

KIND: Final = "routing-alarm"
KEPT: Final = timedelta(days=90)
OPEN: Final = (OutgoingState.WAITING, OutgoingState.SENDING)
_AT_ONCE: Final = 500

# Which destination has what.
_Key = tuple[int, AlarmKind]


@dataclass(frozen=True, slots=True)
class _Found:
    """How many studies, and since when the first of them waits."""

    studies: int
    since: datetime | None = None


def on_minute(**_: object) -> None:
    """Raise what is wrong and was not, and end what is well again."""
    found = _silent() | _failed()
    known = {(alarm.remote_id, AlarmKind(alarm.kind)): alarm for alarm in Alarm.objects.filter(ended_at=None)}
    for key in found.keys() - known.keys():
        _raise(key, found[key])
    over = [alarm.pk for key, alarm in known.items() if key not in found]
    Alarm.objects.filter(pk__in=over, ended_at=None).update(ended_at=timezone.now())
    old = Alarm.objects.filter(ended_at__lt=timezone.now() - KEPT).values_list("pk", flat=True)[:_AT_ONCE]
    Alarm.objects.filter(pk__in=list(old)).delete()


def silent_after() -> timedelta:
    """How long studies may wait for a destination that takes nothing."""
    return timedelta(minutes=settings.ROUTING_SILENT_MINUTES)


def _silent() -> dict[_Key, _Found]:
    """Destinations for which something has waited too long, while they took nothing."""
    limit = timezone.now() - silent_after()
    lately = Q(remote__destination__last_taken_at__gte=limit)
    rows = Outgoing.objects.filter(state__in=OPEN).exclude(lately).order_by().values("remote_id")
    found = rows.annotate(studies=Count("pk"), since=Min("tried_since")).filter(since__lt=limit)
    return {(row["remote_id"], AlarmKind.SILENT): _Found(row["studies"], row["since"]) for row in found}


def _failed() -> dict[_Key, _Found]:
    """Destinations to which something could not be sent, and that somebody has to look at."""
    rows = Outgoing.objects.filter(state=OutgoingState.FAILED).order_by().values("remote_id")
    found = rows.annotate(studies=Count("pk"))
    return {(row["remote_id"], AlarmKind.FAILED): _Found(row["studies"]) for row in found}


def _raise(key: _Key, found: _Found) -> None:
    """Once, whoever else sees the same at the same moment."""
    remote_id, kind = key
    remote = Remote.objects.filter(pk=remote_id).first()
    if remote is None:
        return
    with transaction.atomic():
        facts = {"studies": found.studies, "since": found.since}
        made = Alarm(practice_id=remote.practice_id, remote=remote, kind=kind, **facts)
        Alarm.objects.bulk_create([made], ignore_conflicts=True)
        row = Alarm.objects.filter(remote=remote, kind=kind, ended_at=None).first()
        if row is not None and row.raised_at == made.raised_at:
            enqueue(KIND, {"alarm": row.pk}, practice=remote.practice_id, key=str(row.pk))
