"""What was acknowledged is not given up soon: a notice whose job has failed gets another, for two weeks."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.jobs.models import ENDED, State
from apps.practice.models import Level, NoticeState, Orthanc, OrthancNotice
from apps.practice.orthancs import following
from apps.practice.orthancs.asking import ask
from apps.saying import say

AT_ONCE: Final = 500
# After the last attempt of a job, which has tried for half an hour itself.
PAUSE: Final = timedelta(minutes=15)
PATIENCE: Final = timedelta(days=14)
# How long rows of what is over are kept: longer than a call can be repeated (signature.WINDOW).
KEPT: Final = timedelta(days=7)


def on_minute(**_: object) -> None:
    """Once a minute; several at once do no harm."""
    now = timezone.now()
    _take_back(now)
    renew(_left().exclude(job__state=State.FAILED, job__finished_at__gte=now - PAUSE))
    _prune(now)
    following.see_to_it()


def hasten(orthanc: Orthanc) -> None:
    """Something was changed, or it answers again: what waits for another attempt has it now."""
    renew(_left().filter(orthanc=orthanc))


def renew(notices: QuerySet[OrthancNotice]) -> None:
    """Give these notices jobs again, those of one resource the same."""
    for notice in notices.select_related("orthanc").order_by("pk")[:AT_ONCE]:
        with transaction.atomic():
            job = ask(notice.orthanc, notice.level, notice.resource)
            _of(notice).update(job=job)


def _left() -> QuerySet[OrthancNotice]:
    """What waits, and nobody is at it. A job that gave way to another of its kind is cancelled, though by nobody."""
    waiting = OrthancNotice.objects.filter(state=NoticeState.WAITING, orthanc__is_active=True)
    gave_way = Q(job__state=State.CANCELLED, job__cancel_requested=False)
    return waiting.filter(Q(job=None) | Q(job__state__in=(State.DONE, State.FAILED)) | gave_way)


def _of(notice: OrthancNotice) -> QuerySet[OrthancNotice]:
    """The notices that the same job is for."""
    same = _left().filter(orthanc=notice.orthanc_id, level=notice.level)
    return same if notice.level == Level.INSTANCE else same.filter(resource=notice.resource)


def _take_back(now: datetime) -> None:
    """What somebody has cancelled is, and what nobody could fetch for so long is given up."""
    waiting = OrthancNotice.objects.filter(state=NoticeState.WAITING)
    cancelled = waiting.filter(job__state=State.CANCELLED, job__cancel_requested=True)
    old = waiting.filter(Q(job=None) | Q(job__state__in=ENDED), received_at__lt=now - PATIENCE)
    _end(cancelled, NoticeState.CANCELLED, say("Its job was cancelled."), now)
    _end(old, NoticeState.FAILED, say("Tried for two weeks. Its job, or the Orthanc's page, says why."), now)


def _end(rows: QuerySet[OrthancNotice], state: NoticeState, detail: str, now: datetime) -> None:
    pks = _first(rows)
    if pks:
        OrthancNotice.objects.filter(pk__in=pks).update(state=state, detail=detail, ended_at=now)


def _prune(now: datetime) -> None:
    old = _first(OrthancNotice.objects.filter(ended_at__lt=now - KEPT).exclude(state=NoticeState.WAITING))
    if old:
        OrthancNotice.objects.filter(pk__in=old).delete()


def _first(rows: QuerySet[OrthancNotice]) -> list[int]:
    pks: Iterable[int] = rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    return list(pks)
