"""When a message may go out: a person's quiet hours, and the times of what they get together. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MORNING: Final = time(8)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Times:
    """A person's times, by the clock of their own zone; quiet from a time until the same time is never quiet."""

    zone: ZoneInfo
    quiet_from: time | None = None
    quiet_until: time | None = None
    is_hourly: bool = False
    daily_at: time | None = None


def due(now: datetime, times: Times) -> datetime:
    """When what has happened `now` (with a zone) goes out: now, or at the next time that it may."""
    local = now.astimezone(times.zone)
    if times.daily_at is not None:
        local = _next(local, times.daily_at)
    elif times.is_hourly:
        local = (local + _HOUR).replace(minute=0, second=0, microsecond=0)
    if times.quiet_from is not None and times.quiet_until is not None:
        local = _after_quiet(local, times.quiet_from, times.quiet_until)
    return max(now, local.astimezone(now.tzinfo))


def _after_quiet(local: datetime, begin: time, end: time) -> datetime:
    at = local.time()
    is_quiet = begin <= at < end if begin <= end else at >= begin or at < end
    return _next(local, end) if is_quiet else local


def _next(local: datetime, at: time) -> datetime:
    """The next moment at which the clock shows `at`."""
    found = local.replace(hour=at.hour, minute=at.minute, second=at.second, microsecond=0)
    return found if found > local else found + _DAY
