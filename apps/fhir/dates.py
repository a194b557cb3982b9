"""Dates and times of FHIR R4 as far as they are precise (datatypes 2.24.0.1, search 3.1.1.4.7); pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from apps.core.errors import Invalid
from apps.saying import say

_DATE_TIME: Final = re.compile(
    r"([1-9]\d{3})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+ -]\d\d:\d\d)?)?)?)?", re.ASCII
)
_PREFIX: Final = re.compile(r"([a-z]{2})(?=\d)")
# What every clock on Earth and every database still holds.
_LATEST: Final = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` to before `high`, and whether a time of the day was said."""

    low: datetime
    high: datetime
    is_timed: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a search asks of a moment: `low` or later, before `high`; None for no bound."""

    low: datetime | None
    high: datetime | None


def span(text: str, zone: tzinfo) -> Span | None:
    """What a date, dateTime or instant covers, by this clock where it has no offset; None for what is none."""
    match = _DATE_TIME.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return _span(match, zone)
    except (ValueError, OverflowError):
        return None


def bounds(text: str, zone: tzinfo) -> Bounds:
    """What a search by date asks for, with its prefix. Raises Invalid for another prefix, and for what is no date."""
    prefix = match[1] if (match := _PREFIX.match(text)) else ""
    found = span(text[len(prefix) :], zone)
    if found is None:
        raise Invalid(say("{text} is not a date. Write it as 2024-01-31 or 2024-01-31T09:30:00Z.", text=text[:40]))
    match prefix:
        case "" | "eq":
            return Bounds(found.low, found.high)
        case "ge":
            return Bounds(found.low, None)
        case "gt" | "sa":
            return Bounds(found.high, None)
        case "le":
            return Bounds(None, found.high)
        case "lt" | "eb":
            return Bounds(None, found.low)
    raise Invalid(say("The prefix {prefix} of a date is not supported: use eq, gt, ge, lt or le.", prefix=prefix))


def _span(match: "re.Match[str]", zone: tzinfo) -> Span:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    at = int(year), int(month or 1), int(day or 1)
    if hour is None:
        low = datetime(*at, tzinfo=zone)
        return Span(low, _end(low, has_month=month is not None, has_day=day is not None), is_timed=False)
    micro = int((fraction or "").ljust(6, "0")[:6])
    # A leap second counts as the one before it.
    low = datetime(*at, int(hour), int(minute), min(int(second or 0), 59), micro, tzinfo=_zone(offset, zone))
    return Span(low, min(low + _precision(second, fraction), _LATEST), is_timed=True)


def _end(low: datetime, *, has_month: bool, has_day: bool) -> datetime:
    """The first moment after a day, month or year; of the last one there is, what a calendar still holds."""
    if low.year == _LATEST.year:
        return _LATEST
    if has_day:
        return low + timedelta(days=1)
    return (low.replace(day=28) + timedelta(days=4)).replace(day=1) if has_month else low.replace(year=low.year + 1)


def _precision(second: str | None, fraction: str | None) -> timedelta:
    if second is None:
        return timedelta(minutes=1)
    return timedelta(microseconds=10 ** max(0, 6 - len(fraction))) if fraction else timedelta(seconds=1)


def _zone(offset: str | None, otherwise: tzinfo) -> tzinfo:
    """A plus that a client has not escaped arrives as a space."""
    if offset is None:
        return otherwise
    if offset == "Z":
        return UTC
    delta = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
    return timezone(-delta if offset[0] == "-" else delta)
