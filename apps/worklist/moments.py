"""Date-times as match keys (DT of PS3.5 6.2): single ones, and ranges of them (PS3.4 C.2.2.2.5)."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from django.utils.timezone import get_default_timezone

_DT: Final = re.compile(
    r"(\d{4})(?:(0[1-9]|1[0-2])(?:(0[1-9]|[12]\d|3[01])(?:([01]\d|2[0-3])(?:([0-5]\d)(?:([0-5]\d|60)(?:\.(\d{1,6}))?)?)?)?)?)?"
    r"([+-](?:0\d|1[0-4])[0-5]\d)?",
    re.ASCII,
)

Span = tuple[datetime, datetime]

_WHOLE: Final[Span] = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def span(value: str) -> Span | None:
    """The first and the last moment that a date-time or a range of them names; None for what is neither.

    A hyphen before four digits that can be an offset from UTC is one (PS3.5 6.2, note on ranges of DT).
    """
    if alone := _span(value):
        return alone
    for at in (place for place, letter in enumerate(value) if letter == "-"):
        low, high = value[:at].strip(), value[at + 1 :].strip()
        ends = _span(low) if low else _WHOLE, _span(high) if high else _WHOLE
        if (low or high) and ends[0] and ends[1]:
            return ends[0][0], ends[1][1]
    return None


def moment(value: str) -> datetime | None:
    """The first moment that a date-time names; None for what is none."""
    found = _span(value)
    return found[0] if found else None


def _span(value: str) -> Span | None:
    """From the first to the last microsecond of a date-time as precise as it is written."""
    match = _DT.fullmatch(value.strip())
    if match is None:
        return None
    *numbers, fraction, offset = match.groups()
    try:
        low, high = (_moment(numbers, fraction, offset, is_last=last) for last in (False, True))
    except (ValueError, OverflowError):
        return None
    return low, high


def _moment(numbers: list[str | None], fraction: str | None, offset: str | None, *, is_last: bool) -> datetime:
    year, month = int(numbers[0] or 0), int(numbers[1] or (12 if is_last else 1))
    day = int(numbers[2] or (monthrange(year, month)[1] if is_last else 1))
    hour, minute, second = (
        int(given) if given else latest if is_last else 0
        for given, latest in zip(numbers[3:], (23, 59, 59), strict=True)
    )
    # A leap second counts as the one before it.
    micro = int((fraction or "").ljust(6, "9" if is_last else "0"))
    return datetime(year, month, day, hour, minute, min(second, 59), micro, tzinfo=_zone(offset)).astimezone(UTC)


def _zone(offset: str | None) -> tzinfo:
    if offset is None:
        return get_default_timezone()
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
