"""How long reports took, as the page shows it: a table of the last months, and a curve for each modality."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

from apps.accounts.principal import Principal
from apps.measurements.admin.charts import Chart, Moment, chart
from apps.reports.turnaround import Turnaround, turnaround

MOST_MODALITIES: Final = 6
HOURS: Final = "h"


@dataclass(frozen=True, slots=True)
class Duration:
    """A modality: the newest month's figures, and the curve of the medians where there are several months."""

    newest: Turnaround
    chart: Chart | None


def durations(who: Principal) -> list[Duration]:
    """The modalities with the most reports in their newest month first."""
    months = dict[str, list[Turnaround]]()
    for each in turnaround(who):
        months.setdefault(each.modality, []).append(each)
    ordered = sorted(months.values(), key=lambda of: -of[0].count)
    return [Duration(of[0], _curve(of)) for of in ordered[:MOST_MODALITIES]]


def _curve(newest_first: Sequence[Turnaround]) -> Any:
    """In hours; None for a single month."""
    moments = [Moment(datetime.combine(each.month, time(), UTC), each.median_hours) for each in reversed(newest_first)]
    return chart(newest_first[0].modality, HOURS, moments) if len(moments) > 1 else None
