"""A day as people see it: a column for each device or room, and each step as high as it is long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from apps.worklist.models import ScheduledStep
from apps.worklist.wording import station_of

# The hours that are shown though nothing is planned in them.
FIRST_HOUR: Final = 8
LAST_HOUR: Final = 18
HOUR: Final = 60
# So that a name can be read; shorter steps are drawn as high.
LEAST_MINUTES: Final = 20


@dataclass(frozen=True, slots=True)
class Block:
    """A step in its column: from the day's first minute on, in minutes; `lane` of `lanes` beside each other."""

    step: ScheduledStep
    top: int
    height: int
    lane: int = 0
    lanes: int = 1

    @property
    def left(self) -> float:
        """Its left edge, in percent of the column."""
        return 100 * self.lane / self.lanes

    @property
    def width(self) -> float:
        return 100 / self.lanes


@dataclass(frozen=True, slots=True)
class Column:
    """A device or room: its steps at their times, those at any time of the day, and its AE title to plan by."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    anytime: tuple[ScheduledStep, ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """All columns, the hours that they span, and this moment in minutes from the first; None on another day."""

    columns: tuple[Column, ...]
    hours: tuple[int, ...]
    now: int | None

    @property
    def minutes(self) -> int:
        return len(self.hours) * HOUR

    @property
    def has_anytime(self) -> bool:
        return any(column.anytime for column in self.columns)


def timetable(steps: Sequence[ScheduledStep], devices: dict[str, str], now: datetime | None) -> Timetable:
    """The day of these steps. Each device that is known has its column; `now` is the moment where the day is today."""
    hours = _hours(steps)
    places: dict[str, list[ScheduledStep]] = {name: [] for name in sorted(devices.values())}
    for step in steps:
        places.setdefault(_place(step, devices), []).append(step)
    titles = {name: title for title, name in devices.items()}
    columns = tuple(_column(name, titles.get(name, ""), held, hours[0]) for name, held in places.items())
    moment = _minute(now.time()) - hours[0] * HOUR if now else None
    return Timetable(columns, hours, moment if moment is not None and 0 <= moment <= len(hours) * HOUR else None)


def _place(step: ScheduledStep, devices: dict[str, str]) -> str:
    """The step's column: its devices, else its station or room."""
    if step.station_titles:
        return station_of(step.station_titles, devices)
    return step.station_name or step.location or station_of("", devices)


def _hours(steps: Iterable[ScheduledStep]) -> tuple[int, ...]:
    starts = [_minute(step.start_time) for step in steps if step.start_time]
    ends = [_minute(step.start_time) + step.minutes for step in steps if step.start_time]
    first = min([FIRST_HOUR, *(start // HOUR for start in starts)])
    last = max([LAST_HOUR, *(min(-(-end // HOUR), 24) for end in ends)])
    return tuple(range(first, last))


def _minute(moment: time) -> int:
    return moment.hour * HOUR + moment.minute


def _column(name: str, title: str, steps: Sequence[ScheduledStep], first: int) -> Column:
    timed = sorted((step for step in steps if step.start_time), key=lambda step: (step.start_time, step.pk))
    blocks = [
        Block(step, _minute(step.start_time) - first * HOUR, max(step.minutes, LEAST_MINUTES))
        for step in timed
        if step.start_time
    ]
    return Column(name, title, tuple(_side_by_side(blocks)), tuple(step for step in steps if not step.start_time))


def _side_by_side(blocks: Iterable[Block]) -> Iterable[Block]:
    """The blocks with a lane each, so that none hides another: those that overlap share the width."""
    group: list[Block] = []
    ends: list[int] = []
    for block in blocks:
        if group and block.top >= max(ends):
            yield from _shared(group, len(ends))
            group, ends = [], []
        lane = next((place for place, end in enumerate(ends) if end <= block.top), len(ends))
        ends[lane : lane + 1] = [block.top + block.height]
        group.append(Block(block.step, block.top, block.height, lane))
    yield from _shared(group, len(ends))


def _shared(group: Iterable[Block], lanes: int) -> Iterable[Block]:
    return (Block(each.step, each.top, each.height, each.lane, lanes) for each in group)
