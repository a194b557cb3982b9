"""The admin's first page: what is stored, what is going on, what waits for a person."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import principal
from apps.archive import room
from apps.archive.models import Quarantined, Study
from apps.jobs.models import Job, State
from apps.ops.health import checkup

DAYS: Final = 14
NEWEST: Final = 8
JOBS: Final = 5
# A badge tells that something waits; beyond this it says "99+" and counts no further.
BADGE: Final = 99
RECENT: Final = timedelta(days=7)
CHART_HEIGHT: Final = 100


@dataclass(frozen=True, slots=True)
class Day:
    """A column of the chart: its `height`, of CHART_HEIGHT, and where its left edge stands."""

    date: date
    studies: int
    height: int
    left: float

    @property
    def top(self) -> int:
        return CHART_HEIGHT - self.height


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The context of templates/admin/index.html. Everything in it is scoped to what the person may see."""
    who = principal(request)
    return context | {
        "totals": _totals(who),
        "disk": room.disk(),
        "days": _days(who),
        "newest": Study.objects.visible_to(who).defer("found").order_by("-received_at")[:NEWEST],
        "job_counts": _job_counts(request),
        "jobs": _jobs(who),
        "quarantined": _quarantined(request),
        "parts": checkup.answers(),
    }


def quarantine_badge(request: HttpRequest) -> str:
    return _badge(_quarantined(request))


def failed_jobs_badge(request: HttpRequest) -> str:
    return _badge(_job_counts(request)[State.FAILED])


def _badge(count: int) -> str:
    return "" if not count else str(count) if count <= BADGE else f"{BADGE}+"


def _totals(who: Principal) -> dict[str, int]:
    sums = Study.objects.visible_to(who).aggregate(
        studies=Count("pk"), instances=Sum("instance_count"), bytes=Sum("size")
    )
    return {name: value or 0 for name, value in sums.items()}


def _days(who: Principal) -> list[Day]:
    """Studies received on each of the last days, today last."""
    today = timezone.localdate()
    dates = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    since = timezone.now() - timedelta(days=DAYS)
    rows = Study.objects.visible_to(who).filter(received_at__gte=since).order_by()
    counted = rows.annotate(day=TruncDate("received_at")).values_list("day").annotate(studies=Count("pk"))
    counts: dict[date, int] = dict(counted)
    most = max(counts.values(), default=0) or 1
    heights = [round(CHART_HEIGHT * counts.get(day, 0) / most) for day in dates]
    return [Day(day, counts.get(day, 0), heights[place], 10 * place + 1.5) for place, day in enumerate(dates)]


def _jobs(who: Principal) -> list[Job]:
    """The latest jobs that run, wait or failed lately."""
    rows = Job.objects.visible_to(who).filter(state__in=[State.RUNNING, State.QUEUED, State.FAILED])
    return list(rows.order_by("-id")[:JOBS])


def _job_counts(request: HttpRequest) -> Counter[str]:
    """Jobs that run, wait, and failed lately, by state; asked for once a request."""
    known: Counter[str] | None = getattr(request, "fovea_job_counts", None)
    if known is None:
        jobs = Job.objects.visible_to(principal(request)).order_by()
        active = jobs.filter(state__in=[State.RUNNING, State.QUEUED])
        failed = jobs.filter(state=State.FAILED, finished_at__gte=timezone.now() - RECENT)
        known = Counter(dict((active | failed).values_list("state").annotate(jobs=Count("pk"))))
        request.fovea_job_counts = known  # type: ignore[attr-defined]
    return known


def _quarantined(request: HttpRequest) -> int:
    """How many objects wait for a decision, up to one more than a badge shows; asked for once a request."""
    known: int | None = getattr(request, "fovea_quarantined", None)
    if known is None:
        known = Quarantined.objects.visible_to(principal(request)).order_by()[: BADGE + 1].count()
        request.fovea_quarantined = known  # type: ignore[attr-defined]
    return known
