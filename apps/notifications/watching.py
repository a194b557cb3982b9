"""What goes by the clock, about once a minute: silent devices, a disk that fills up, messages that are due, old "
"rows."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.archive import room
from apps.jobs.queue import enqueue
from apps.notifications import audience, sending
from apps.notifications.kinds import RULES, Kind
from apps.notifications.listening import quiet_for
from apps.notifications.models import Condition, Delivery, DeliveryState, Notification, Watch
from apps.notifications.telling import News, tell

SEEN_KEPT: Final = timedelta(days=30)
KEPT: Final = timedelta(days=90)
# The disk counts as emptier again only so many percent below.
SLACK: Final = 2
_AT_ONCE: Final = 500
_HOUR: Final = timedelta(hours=1)
_GIGA: Final = 10**9


def listen_for_devices(**_: object) -> None:
    """Tell of the expected devices that have become silent, once; note which call again."""
    now = timezone.localtime()
    for watch in Watch.objects.select_related("remote").filter(remote__is_active=True).order_by("pk"):
        quiet = _quiet(watch, now)
        if quiet < timedelta(hours=watch.hours):
            if watch.silent_since is not None:
                Watch.objects.filter(pk=watch.pk).update(silent_since=None)
        elif watch.silent_since is None and Watch.objects.filter(pk=watch.pk, silent_since=None).update(
            silent_since=now
        ):
            _tell_silent(watch, quiet)


def _quiet(watch: Watch, now: datetime) -> timedelta:
    heard = max(watch.since, watch.remote.seen_at or watch.since)
    return quiet_for(timezone.localtime(heard), now, watch.days)


def _tell_silent(watch: Watch, quiet: timedelta) -> None:
    values = {"device": watch.remote.name, "hours": quiet // _HOUR}
    news = News(Kind.DEVICE_SILENT, watch.practice_id, str(watch.remote_id), watch.remote_id, values)
    tell(news, audience.of_practice(watch.practice_id, RULES[Kind.DEVICE_SILENT].permission))


def watch_disk(**_: object) -> None:
    """Tell of the disk when it is nearly full, once until it no longer is."""
    disk = room.disk()
    known = Condition.objects.filter(kind=Kind.STORAGE)
    if disk.percent < settings.STORAGE_WARNING_PERCENT - SLACK:
        known.delete()
    elif disk.percent >= settings.STORAGE_WARNING_PERCENT and Condition.objects.get_or_create(kind=Kind.STORAGE)[1]:
        news = News(Kind.STORAGE, None, values={"percent": disk.percent, "free": disk.free // _GIGA})
        tell(news, audience.of_site(RULES[Kind.STORAGE].permission))


def send_what_is_due(**_: object) -> None:
    """Ask for a job for each user who has messages due."""
    due = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=timezone.now()).order_by()
    for user in due.values_list("user", flat=True).distinct()[:_AT_ONCE]:
        enqueue(sending.SEND, {"user": user}, key=str(user))


def prune(**_: object) -> None:
    """Remove what was seen long ago, and what nobody looked at for longer."""
    now = timezone.now()
    old = Q(occurred_at__lt=now - SEEN_KEPT, seen_at__isnull=False) | Q(occurred_at__lt=now - KEPT)
    if pks := list(Notification.objects.filter(old).order_by().values_list("pk", flat=True)[:_AT_ONCE]):
        Notification.objects.filter(pk__in=pks).delete()
