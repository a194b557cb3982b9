"""The admin's first page: what is stored, what is going on, what waits for a person."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.access import waiting
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import principal
from apps.archive import room
from apps.archive.models import Quarantined, Study
from apps.jobs.models import Job, State
from apps.ops.health import Answer, checkup
from apps.remotes.models import UnknownCaller

DAYS: Final = 14
NEWEST: Final = 8
JOBS: Final = 5
# That something waits is told by a number; beyond this many nobody needs to know how many.
MANY: Final = 100
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
    """The context of templates/admin/index.html: what the person may know, and nothing where they may not."""
    who = principal(request)
    may = {permission.value: who.may(permission) for permission in Permission}
    return (
        context
        | {"title": _("Dashboard"), "may": may, "unreviewed": waiting.counts(request)[waiting.EMERGENCIES]}
        | (_of_studies(request) if may["view"] else {})
        | ({"quarantined": quarantined(request)} if may["edit"] else {})
        | ({"disk": room.disk(), "parts": _parts()} if may["administer"] else {})
    )


def _parts() -> list[tuple[str, Answer]]:
    """How the parts of this node are, by their names for people."""
    names = {
        "database": _("database"),
        "storage": _("storage"),
        "broker": pgettext("part of the server", "broker"),
        "worker": pgettext("part of the server", "worker"),
        "disk": _("disk"),
        "dicom": _("DICOM network"),
    }
    return [(names.get(each.name, each.name), each) for each in checkup.answers()]


def _of_studies(request: HttpRequest) -> dict[str, Any]:
    who = principal(request)
    return {
        "totals": _totals(who),
        "days": _days(who),
        "newest": Study.objects.visible_to(who).defer("found").order_by("-received_at")[:NEWEST],
        "job_counts": job_counts(request),
        "jobs": _recent_jobs(who).order_by("-id")[:JOBS],
    }


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


def _recent_jobs(who: Principal) -> QuerySet[Job]:
    """Jobs that run, wait, or failed lately."""
    jobs = Job.objects.visible_to(who).order_by()
    failed = Q(state=State.FAILED, finished_at__gte=timezone.now() - RECENT)
    return jobs.filter(Q(state__in=[State.RUNNING, State.QUEUED]) | failed)


def job_counts(request: HttpRequest) -> Counter[str]:
    """How many of them there are, by state; asked for once a request."""
    known: Counter[str] | None = getattr(request, "fovea_job_counts", None)
    if known is None:
        counted = _recent_jobs(principal(request)).values_list("state").annotate(jobs=Count("pk"))
        known = Counter(dict(counted))
        request.fovea_job_counts = known  # type: ignore[attr-defined]
    return known


def quarantined(request: HttpRequest) -> int:
    """How many objects wait for a decision, up to MANY; asked for once a request."""
    known: int | None = getattr(request, "fovea_quarantined", None)
    if known is None:
        known = Quarantined.objects.visible_to(principal(request)).order_by()[:MANY].count()
        request.fovea_quarantined = known  # type: ignore[attr-defined]
    return known


def unknown_callers(request: HttpRequest) -> int:
    """How many nodes were refused and wait for a decision, up to MANY; asked for once a request."""
    known: int | None = getattr(request, "fovea_unknown_callers", None)
    if known is None:
        known = UnknownCaller.objects.visible_to(principal(request)).order_by()[:MANY].count()
        request.fovea_unknown_callers = known  # type: ignore[attr-defined]
    return known
