"""Values as the texts of a report say them, in the active language."""

import re
from collections.abc import Iterable
from math import floor, log10
from typing import Final

from django.utils.formats import localize
from django.utils.translation import gettext as _

from apps.dicom.spoken import spoken_date
from apps.measurements.showing import amount
from apps.reports.content.document import Past

# A number of a field shows so many digits after the point, and more of a small one.
DECIMALS: Final = 2
SIGNIFICANT: Final = 3
MOST_DECIMALS: Final = 12
_DATE: Final = re.compile(r"\d{8}", re.ASCII)
_TIME: Final = re.compile(r"([01]\d|2[0-3])([0-5]\d)", re.ASCII)


def plain_number(value: float) -> str:
    """A number as a field of numbers keeps it: with a point and two digits after it, or three digits of a small one."""
    small = 0 < abs(value) < 1
    digits = min(SIGNIFICANT - 1 - floor(log10(abs(value))), MOST_DECIMALS) if small else DECIMALS
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def quantity(value: float, unit: str) -> str:
    """A value with its unit (UCUM) in words; of what has none the text says so."""
    if unit:
        return amount(value, unit)
    return _("%(number)s (without a unit)") % {"number": amount(value, "")}


def percent(change: float) -> str:
    """A change with its sign, to a whole percent."""
    rounded = round(change)
    sign = "+" if rounded > 0 else "\N{MINUS SIGN}" if rounded < 0 else "\N{PLUS-MINUS SIGN}"
    return f"{sign}{localize(abs(rounded))} %"


def previous(past: Past, unit: str, change: float | None) -> str:
    """What a value was before: `previous 12 mm on 2026-03-01, +20 %`."""
    values = {"value": quantity(past.value, unit), "date": spoken_date(past.date)}
    if change is None:
        return _("previous %(value)s on %(date)s") % values
    return _("previous %(value)s on %(date)s, %(change)s") % {**values, "change": percent(change)}


def iso_date(da: str) -> str:
    """A DA (PS3.5 6.2) as YYYY-MM-DD; empty for what is none."""
    return spoken_date(da) if _DATE.fullmatch(da) else ""


def iso_time(tm: str) -> str:
    """A TM (PS3.5 6.2) as HH:MM; empty for what is none."""
    found = _TIME.match(tm)
    return ":".join(found.groups()) if found else ""


def listed(texts: Iterable[str], between: str = ", ") -> str:
    """Those that say something, one after the other, each once."""
    return between.join(dict.fromkeys(filter(None, (text.strip() for text in texts))))
