"""Catching up: what has changed at an Orthanc is asked for once a minute, so that a lost call loses nothing."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db import transaction

from apps.jobs.handle import JobHandle, Later
from apps.jobs.models import Job, State
from apps.jobs.queue import enqueue
from apps.practice.models import Level, Orthanc, OrthancNotice
from apps.practice.orthancs import standing
from apps.practice.orthancs.asking import FOLLOW, ask
from apps.practice.orthancs.fetching import missing
from apps.practice.orthancs.rest import Changes, Site
from apps.remotes.failures import RemoteFailed, RemoteLacks, RemoteRefused
from apps.saying import say

OFTEN: Final = timedelta(minutes=1)
# Where it does not answer, or refuses.
SELDOM: Final = timedelta(minutes=5)
SOON: Final = timedelta(seconds=1)
# In one go: then the next is asked for, and the other jobs have their turn.
MOST_PAGES: Final = 10
ARRIVED: Final = "NewInstance"


def see_to_it() -> None:
    """Each Orthanc that is to be followed has its one job, which comes again and again."""
    followed = Orthanc.objects.filter(is_active=True, follows=True)
    at_work = Job.objects.filter(kind=FOLLOW, state__in=(State.QUEUED, State.RUNNING)).values_list("key", flat=True)
    keys = set(at_work)
    for orthanc in followed:
        if str(orthanc.pk) not in keys:
            enqueue(FOLLOW, {"orthanc": orthanc.pk}, practice=orthanc.practice_id, key=str(orthanc.pk))


def run(handle: JobHandle, orthanc: Orthanc) -> dict[str, bool]:
    """Look what is new, and come again later. Ends where it is no longer to be followed. Raises Later."""
    if not (orthanc.is_active and orthanc.follows):
        return {"follows": False}
    handle.progress(0, None, f"Asking {orthanc.name} what has changed")
    try:
        is_done = catch_up(orthanc, handle)
    except (RemoteFailed, RemoteRefused) as error:
        standing.failed(orthanc, error.detail)
        raise Later(SELDOM) from error
    standing.answered(orthanc)
    raise Later(OFTEN if is_done else SOON)


def catch_up(orthanc: Orthanc, handle: JobHandle) -> bool:
    """Note what is new since the last time; whether that was all. Raises RemoteFailed and RemoteRefused.

    From an Orthanc that is asked for the first time, nothing is fetched: what it had before can be imported. One whose
    count begins anew (another database) is read from its beginning; what is here already is not fetched again.
    """
    with Site(orthanc) as site:
        last = site.last_change()
        if orthanc.last_change is None:
            _advance(orthanc, last)
            return True
        if last < orthanc.last_change:
            _advance(orthanc, 0)
        for _ in range(MOST_PAGES):
            if last == orthanc.last_change:
                return True
            handle.check()
            page = site.changes(orthanc.last_change or 0)
            _take(orthanc, site, page, handle)
            if page.is_done:
                return True
    return False


def _take(orthanc: Orthanc, site: Site, page: Changes, handle: JobHandle) -> None:
    """Note the series of which something is not here yet; with them, how far the changes were read."""
    arrived = {change.resource: change.number for change in page.changes if change.kind == ARRIVED}
    lacking: dict[str, int] = {}
    while arrived:
        handle.check()
        resource = next(iter(arrived))
        number = arrived.pop(resource)
        try:
            series = site.series_of(resource)
            held = site.instances(Level.SERIES, series)
        except RemoteLacks:
            continue
        for each in held:
            arrived.pop(each.resource, None)
        if missing(orthanc, held):
            lacking[series] = number
    if page.last <= (orthanc.last_change or 0) and not page.is_done:
        raise RemoteFailed(say("{name} tells of the same changes again and again.", name=orthanc.name))
    with transaction.atomic():
        _note(orthanc, lacking.items())
        _advance(orthanc, max(page.last, orthanc.last_change or 0))


def _note(orthanc: Orthanc, lacking: Iterable[tuple[str, int]]) -> None:
    notices = [
        OrthancNotice(
            orthanc=orthanc,
            delivery=f"{number}:{series}",
            level=Level.SERIES,
            resource=series,
            job=ask(orthanc, Level.SERIES, series),
        )
        for series, number in lacking
    ]
    OrthancNotice.objects.bulk_create(notices, ignore_conflicts=True)


def _advance(orthanc: Orthanc, number: int) -> None:
    orthanc.last_change = number
    Orthanc.objects.filter(pk=orthanc.pk).update(last_change=number)
