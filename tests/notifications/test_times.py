"""When messages go out, and how long a device has been silent."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.notifications.listening import quiet_for
from apps.notifications.timing import Times, due

ZURICH = ZoneInfo("Europe/Zurich")
NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}
MOMENTS = st.integers(1_600_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
CLOCKS = st.none() | st.times().map(lambda at: at.replace(microsecond=0))


def at(hour: int, minute: int = 0, day: int = 15) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=ZURICH)


@pytest.mark.parametrize(
    ("now", "times", "expected"),
    [
        (at(12), Times(ZURICH, **NIGHT), at(12)),
        (at(23), Times(ZURICH, **NIGHT), at(7, day=16)),
        (at(3), Times(ZURICH, **NIGHT), at(7)),
        (at(7), Times(ZURICH, **NIGHT), at(7)),
        (at(13), Times(ZURICH, quiet_from=time(12), quiet_until=time(14)), at(14)),
        (at(9, 20), Times(ZURICH, is_hourly=True), at(10)),
        (at(21, 30), Times(ZURICH, is_hourly=True, **NIGHT), at(7, day=16)),
        (at(9), Times(ZURICH, daily_at=time(8)), at(8, day=16)),
        (at(7), Times(ZURICH, daily_at=time(8)), at(8)),
        (at(9), Times(ZURICH, daily_at=time(6), **NIGHT), at(7, day=16)),
        (at(9), Times(ZURICH, quiet_from=time(9), quiet_until=time(9)), at(9)),
    ],
)
def test_a_message_goes_out_when_it_may(now: datetime, times: Times, expected: datetime) -> None:
    assert due(now.astimezone(UTC), times) == expected


@given(MOMENTS, CLOCKS, CLOCKS, st.booleans(), CLOCKS)
def test_never_in_quiet_hours_and_within_two_days(
    now: datetime, begin: time | None, end: time | None, hourly: bool, daily: time | None
) -> None:
    found = due(now, Times(ZoneInfo("UTC"), begin, end, hourly, daily))

    assert now <= found <= now + timedelta(hours=48)
    clock = found.time()
    if begin is not None and end is not None and found != now:
        assert not (begin <= clock < end if begin <= end else clock >= begin or clock < end)


def test_hours_of_the_weekend_do_not_count() -> None:
    friday, monday = at(18, day=12), at(8, day=15)
    assert quiet_for(friday, monday, "12345") == timedelta(hours=14)
    assert quiet_for(friday, monday, "1234567") == timedelta(hours=62)
    assert quiet_for(friday, monday, "") == timedelta(0)


def test_a_device_from_long_ago_is_counted_in_bounded_time() -> None:
    assert quiet_for(at(8) - timedelta(days=365 * 50), at(8), "1") < timedelta(days=60)
