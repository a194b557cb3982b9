"""How long a device has been silent, of the days on which it is used. Pure."""

from datetime import datetime, timedelta
from typing import Final

# However long it has been, more than this need not be counted.
MOST_DAYS: Final = 400
_DAY: Final = timedelta(days=1)


def quiet_for(since: datetime, now: datetime, days: str) -> timedelta:
    """The time from `since` to `now`, both of one zone, on these days of the week (`1` is Monday, as ISO 8601)."""
    begin = max(since, now - MOST_DAYS * _DAY)
    total = timedelta(0)
    while begin < now:
        midnight = (begin + _DAY).replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(midnight, now)
        if str(begin.isoweekday()) in days:
            total += end - begin
        begin = end
    return total
