"""Birth dates: which are none, and how alike two of them are."""

import datetime as dt
import re
from typing import Final

from rapidfuzz.distance import OSA

EARLIEST: Final = 1890
# Dates that devices and people enter when they know none.
_DEFAULTS: Final = frozenset({"19000101", "18991230", "18991231", "19010101"})
_DIGITS: Final = re.compile(r"(\d{4})[-./ ]?(\d{2})[-./ ]?(\d{2})(?!\d)")


def birth_date(value: dt.date | str | None) -> dt.date | None:
    """The date of birth that a date or text (DA of PS3.5 6.2, ISO, or ACR-NEMA's dots) says, else None.

    None too for what is said when nothing is known (1900-01-01, 1899-12-30, zeros), and before 1890.
    """
    date = _parsed(value) if isinstance(value, str) else value
    if date is None or date.year < EARLIEST or f"{date:%Y%m%d}" in _DEFAULTS:
        return None
    return date


def _parsed(text: str) -> dt.date | None:
    found = _DIGITS.match(text.strip())
    if found is None:
        return None
    try:
        return dt.date(*map(int, found.groups()))
    except ValueError:
        return None


def is_doubtful(date: dt.date) -> bool:
    """Whether a date is one that many enter who know only the decade, or nothing: 1 January 1980."""
    return (date.day, date.month) == (1, 1) and date.year % 10 == 0


def is_swapped(a: dt.date, b: dt.date) -> bool:
    """Whether day and month have changed places."""
    return a != b and (a.year, a.month, a.day) == (b.year, b.day, b.month)


def mistypings(a: dt.date, b: dt.date) -> int:
    """How many digits were mistyped, of the eight: one for two neighbours that changed places."""
    return OSA.distance(a.strftime("%Y%m%d"), b.strftime("%Y%m%d"))
