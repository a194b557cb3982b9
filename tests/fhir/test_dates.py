"""FHIR's dates, as precise as they are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import Invalid
from apps.fhir import dates

FIRST = datetime(1900, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024-01-31T09:30", "2024-01-31T09:30", "2024-01-31T09:31"),
        ("2024-01-31T09:30:00Z", "2024-01-31T09:30", "2024-01-31T09:30:01"),
        ("2024-01-31T09:30:00.5+01:00", "2024-01-31T08:30:00.5", "2024-01-31T08:30:00.6"),
        ("2024-01-31T09:30:00 01:00", "2024-01-31T08:30", "2024-01-31T08:30:01"),
    ],
)
def test_a_date_covers_what_it_says(text: str, low: str, high: str) -> None:
    span = dates.span(text, UTC)
    assert span is not None
    assert [span.low, span.high] == [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (low, high)]


@pytest.mark.parametrize(
    "text", ["", "today", "24-01-01", "2024-13", "2024-02-30", "2024-1-1", "0000-01-01", "2024-01-01T25:00"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.span(text, UTC) is None
    with pytest.raises(Invalid):
        dates.bounds(text, UTC)


@pytest.mark.parametrize(
    ("prefix", "has_low", "has_high"),
    [("", True, True), ("eq", True, True), ("ge", True, False), ("gt", True, False), ("sa", True, False),
     ("le", False, True), ("lt", False, True), ("eb", False, True)],
)  # fmt: skip
def test_a_prefix_says_which_side(prefix: str, has_low: bool, has_high: bool) -> None:
    asked = dates.bounds(f"{prefix}2024-02", UTC)
    assert (asked.low is not None, asked.high is not None) == (has_low, has_high)


@pytest.mark.parametrize("prefix", ["ne", "ap", "xx"])
def test_other_prefixes_are_refused(prefix: str) -> None:
    with pytest.raises(Invalid, match=prefix):
        dates.bounds(f"{prefix}2024", UTC)


@given(st.text(alphabet="0123456789-:.TZ+ aeglt", max_size=40) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        asked = dates.bounds(text, UTC)
    except Invalid:
        return
    moments = [each for each in (asked.low, asked.high) if each]
    assert moments == sorted(moments)


@given(st.datetimes(FIRST.replace(tzinfo=None), timezones=st.just(UTC)).filter(lambda moment: moment.year < 9999))
def test_a_moment_lies_in_its_own_span(moment: datetime) -> None:
    span = dates.span(moment.isoformat(), UTC)
    assert span is not None
    assert span.low <= moment < span.high
    assert span.high - span.low <= timedelta(seconds=1)
