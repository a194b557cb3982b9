"""The performance page: what came, how long it took, what failed and what is kept, of the days that are asked about."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import principal
from apps.practice.performance.counting import UNKNOWN
from apps.practice.performance.figures import Day, Report
from apps.practice.performance.reporting import report
from apps.practice.performance.span import span

# What one column takes of the chart, and how high the chart is.
COLUMN, HEIGHT = 10, 100


class Days(TextChoices):
    """The spans that the page offers."""

    FORTNIGHT = "14", _("14 days")
    MONTH = "30", _("30 days")
    QUARTER = "90", _("90 days")
    YEAR = "365", _("a year")


USUAL: Final = Days.MONTH


@dataclass(frozen=True, slots=True)
class Column:
    """A day in the chart: where it stands, how high it is, and what it says when it is pointed at."""

    left: float
    height: float
    label: str

    @property
    def top(self) -> float:
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Counted:
    """A door or a modality, and its X-rays."""

    name: str
    count: int
    percent: int


class PerformanceView(UnfoldModelAdminViewMixin, TemplateView):
    """Of what the person administers."""

    title = _("Performance")
    guards: ClassVar[Guards] = {"GET": Permission.ADMINISTER}
    permission_required = ()
    template_name = "admin/practice/performance.html"

    def has_permission(self) -> bool:
        return principal(self.request).may(Permission.ADMINISTER)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("days", "")
        chosen = Days(asked) if asked in Days.values else USUAL
        today = timezone.localdate()
        found = report(span(principal(self.request), today - timedelta(days=int(chosen.value) - 1), today))
        return super().get_context_data(
            **kwargs, report=found, chosen=chosen, choices=Days, kept_days=settings.JOB_KEEP_DAYS, **shown(found)
        )


def shown(found: Report) -> dict[str, Any]:
    """What the page makes of the figures."""
    return {
        "xrays": sum(day.xrays for day in found.days),
        "studies": sum(day.studies for day in found.days),
        "columns": columns(found.days),
        "width": COLUMN * len(found.days),
        "doors": counted([day.by_door for day in found.days]),
        "modalities": counted([day.by_modality for day in found.days]),
    }


def columns(days: list[Day]) -> list[Column]:
    """A column for each day, the highest as high as the chart."""
    most = max((day.xrays for day in days), default=0) or 1
    return [
        Column(COLUMN * place + 1, round(HEIGHT * day.xrays / most, 1), f"{_named(day.date)}: {day.xrays}")
        for place, day in enumerate(days)
    ]


def counted(parts: list[dict[str, int]]) -> list[Counted]:
    """The sums by name, the largest first, each with its share of the largest."""
    sums: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            sums[name] = sums.get(name, 0) + count
    most = max(sums.values(), default=0) or 1
    return [
        Counted(gettext("unknown") if name == UNKNOWN else name, count, round(100 * count / most))
        for name, count in sorted(sums.items(), key=lambda item: -item[1])
    ]


def _named(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")
