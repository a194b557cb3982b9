"""How long reports took: from the first image to the first signature, by modality and month."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, Final

from django.utils import timezone

from apps.accounts.principal import Principal
from apps.reports.modalities import examined
from apps.reports.models import Report
from apps.reports.reaching import READS

# The newest of them.
MOST: Final = 20_000
SPAN: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Turnaround:
    """The reports of a modality that were first signed in a month (its first day): how many, and in how many hours
    half and nine tenths of them were."""

    month: date
    modality: str
    count: int
    median_hours: float
    hours_of_nine_tenths: float


_Times = tuple[datetime, Any, str]


def turnaround(who: Principal, *, now: datetime | None = None) -> tuple[Turnaround, ...]:
    """Of the studies that the principal sees, the last year's, the newest month first. A study of two modalities
    counts for both."""
    since = (now or timezone.now()) - SPAN
    rows = Report.objects.visible_to(who, READS).filter(signed_at__gte=since).order_by("-signed_at")
    return tuple(figures(rows.values_list("study__received_at", "signed_at", "study__modalities")[:MOST]))


def figures(rows: Iterable[_Times]) -> Iterable[Turnaround]:
    """When the first image came, when the report was signed, and the study's modalities, to a figure for each month."""
    hours = defaultdict[tuple[date, str], list[float]](list)
    for received_at, signed_at, modalities in rows:
        month = timezone.localtime(signed_at).date().replace(day=1)
        for modality in examined(modalities):
            hours[month, modality].append(max((signed_at - received_at).total_seconds() / 3600, 0.0))
    for (month, modality), all_hours in sorted(hours.items(), key=lambda each: (-each[0][0].toordinal(), each[0][1])):
        ordered = sorted(all_hours)
        yield Turnaround(month, modality, len(ordered), _quantile(ordered, 0.5), _quantile(ordered, 0.9))


def _quantile(ordered: list[float], part: float) -> float:
    """The smallest value that so many are not longer than (nearest rank)."""
    return ordered[max(ceil(part * len(ordered)) - 1, 0)]
