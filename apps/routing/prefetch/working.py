"""One archive's turn: what has been fetched is noted, patients are asked for, the next priors are fetched."""

import time
from datetime import timedelta
from typing import Final

from django.utils import timezone

from apps.jobs.handle import JobHandle, Later
from apps.routing.prefetch import asking, fetching
from apps.routing.prefetch.models import UNFINISHED, Outcome, PrefetchSource
from apps.saying import say

# Seconds for which one archive keeps a worker asking.
SLICE: Final = 30.0
PAUSE: Final = timedelta(seconds=10)
TOO_LATE: Final = say("The day was over before the archive had given them.")


def work(handle: JobHandle, source_pk: int) -> dict[str, int]:
    """Go on with what is wanted of the archive; comes back later (`Later`) while anything is."""
    source = PrefetchSource.objects.select_related("remote").filter(pk=source_pk).first()
    if source is None or not source.is_active:
        return {"asked": 0}
    fetching.collect(source)
    _give_up(source)
    asked = _ask(handle, source)
    fetching.begin(source)
    source.refresh_from_db(fields=["rests_until"])
    if source.answers.filter(outcome__in=UNFINISHED).exists():
        raise Later(_pause(source))
    return {"asked": asked}


def _ask(handle: JobHandle, source: PrefetchSource) -> int:
    """Ask for one patient after another, until the time is over or the archive doesn't answer."""
    asked, deadline = 0, time.monotonic() + SLICE
    while not _rests(source) and time.monotonic() < deadline:
        handle.check()
        answer = asking.next_waiting(source)
        if answer is None or not asking.ask(answer, source):
            break
        asked += 1
    return asked


def _give_up(source: PrefetchSource) -> None:
    """Nobody needs the priors of yesterday's patients any more."""
    late = source.answers.filter(outcome__in=(Outcome.WAITING, Outcome.CHOSEN), prefetch__day__lt=timezone.localdate())
    late.update(outcome=Outcome.FAILED, detail=TOO_LATE, changed_at=timezone.now())


def _rests(source: PrefetchSource) -> bool:
    return source.rests_until is not None and source.rests_until > timezone.now()


def _pause(source: PrefetchSource) -> timedelta:
    """Until there is something to do again."""
    is_at_work = source.answers.filter(outcome__in=(Outcome.CHOSEN, Outcome.FETCHING)).exists()
    if is_at_work or source.rests_until is None:
        return PAUSE
    return max(PAUSE, source.rests_until - timezone.now())
