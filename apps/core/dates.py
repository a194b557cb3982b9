"""Days and moments as the reader of a page writes them."""

from datetime import date, datetime, time

from django.utils.formats import date_format, time_format
from django.utils.timezone import localtime


def moment(at: datetime) -> str:
    """A moment with its zone as day and time in the site's zone."""
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT")


def day(on: date) -> str:
    """A day; of a moment with its zone, the day in the site's zone."""
    return date_format(localtime(on) if isinstance(on, datetime) else on, "SHORT_DATE_FORMAT")


def clock(at: time | datetime) -> str:
    """A time of the day; of a moment with its zone, the time in the site's zone."""
    return time_format(localtime(at) if isinstance(at, datetime) else at, "TIME_FORMAT")
