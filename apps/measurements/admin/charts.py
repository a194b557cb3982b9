"""Small charts of values over time, as SVG: drawn here, so that a page needs no script for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from apps.core.dates import day
from apps.measurements.lines import Line
from apps.measurements.showing import amount

WIDTH, HEIGHT = 320.0, 96.0
# Left of the line for values, below it for days, and half a dot elsewhere.
LEFT, BOTTOM, TOP, RIGHT = 72.0, 24.0, 8.0, 8.0
# More dots are a smear; the oldest are left out.
MOST_DOTS: Final = 60


@dataclass(frozen=True, slots=True)
class Moment:
    """A value at a time, and whether somebody stands for it."""

    at: datetime
    value: float
    is_verified: bool = True


@dataclass(frozen=True, slots=True)
class Dot:
    """Where a value is drawn, and what it says."""

    x: str
    y: str
    text: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A line with its dots; `text` says the same to who doesn't see it."""

    name: str
    text: str
    points: str
    dots: tuple[Dot, ...]
    highest: str
    lowest: str
    first: str
    last: str


def chart_of_line(line: Line) -> Chart:
    """The chart of a line of measurements."""
    moments = [Moment(each.at, each.value, each.measurement.report.is_verified) for each in line.points]
    return chart(line.name, line.newest.unit_value, moments)


def chart(name: str, ucum: str, moments: Sequence[Moment]) -> Chart:
    """The chart of at least one value, from the oldest on, in a unit of UCUM. Time goes to the right, to scale."""
    shown = moments[-MOST_DOTS:]
    values, times = [each.value for each in shown], [each.at.timestamp() for each in shown]
    across = _scale(times, LEFT, WIDTH - RIGHT)
    up = _scale(values, HEIGHT - BOTTOM, TOP)
    dots = tuple(
        Dot(x, y, f"{day(each.at)}: {amount(each.value, ucum)}", each.is_verified)
        for each, x, y in zip(shown, across, up, strict=True)
    )
    return Chart(
        name=name,
        text=_("%(name)s over time: %(values)s") % {"name": name, "values": "; ".join(dot.text for dot in dots)},
        points=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        dots=dots,
        highest=amount(max(values), ucum),
        lowest=amount(min(values), ucum) if min(values) < max(values) else "",
        first=day(shown[0].at),
        last=day(shown[-1].at) if len(shown) > 1 else "",
    )


def _scale(numbers: Sequence[float], begin: float, end: float) -> list[str]:
    """The numbers from the least to the greatest, laid between begin and end; in the middle where all are the same."""
    least, greatest = min(numbers), max(numbers)
    if least == greatest:
        return [f"{(begin + end) / 2:.1f}"] * len(numbers)
    return [f"{begin + (each - least) / (greatest - least) * (end - begin):.1f}" for each in numbers]
