"""Matching of dates and times: single values, ranges, and both together (PS3.4 C.2.2.2.5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.principal import Principal
from apps.archive.query import find, tag_path
from apps.archive.query.values import earliest, latest
from apps.core.errors import Invalid
from tests.archive.conftest import Store
from tests.archive.studies import Found, found, search, store_each, study

__all__ = ["found"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20240131", ["2"]),
        ("20240101-20240131", ["1", "2"]),
        ("20240131-20240131", ["2"]),
        ("20240131-", ["2", "3"]),
        ("-20240131", ["1", "2"]),
        ("20240201-20240101", []),
        (r"20240101\20240301-", ["1", "3"]),
        ("", ["1", "2", "3", "4"]),
        ("*", ["1", "2", "3", "4"]),
    ],
)
@pytest.mark.parametrize("keyword", ["StudyDate", "PatientBirthDate"])
def test_dates(keyword: str, value: str, expected: list[str], store: Store, found: Found) -> None:
    store_each(store, keyword, "20240101", "20240131", "20240301", "")
    assert found(**{keyword: value}) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10", ["1", "2", "3"]),
        ("1000", ["1", "2"]),
        ("100000", ["1", "2"]),
        ("100000.5", []),
        ("1030", ["3"]),
        ("1000-1030", ["1", "2", "3"]),
        ("-1000", ["1", "2"]),
        ("1030-", ["3", "4"]),
        ("235959.9-", ["4"]),
        ("000000-235959", ["1", "2", "3", "4"]),
    ],
)
def test_times_are_as_precise_as_written(value: str, expected: list[str], store: Store, found: Found) -> None:
    store_each(store, "StudyTime", "10", "100000.000", "103059.123456", "235959.999", "")
    assert found(StudyTime=value) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("20240101-20240103", "1200-1300", ["2", "3", "4"]),
        ("20240101-", "1200-", ["2", "3", "4", "5"]),
        ("-20240103", "-1300", ["1", "2", "3", "4"]),
        ("20240101-20240103", "1200", ["2"]),
        ("20240101-20240103", "1200-", ["2", "4", "5"]),
        ("20240101", "1200-1300", ["2"]),
    ],
)
def test_ranges_of_dates_and_times_are_one_range_of_moments(
    date: str, time: str, expected: list[str], store: Store, found: Found
) -> None:
    moments = [
        ("20240101", "1159"),
        ("20240101", "1200"),
        ("20240102", "0800"),
        ("20240103", "1300"),
        ("20240103", "1400"),
    ]
    store(*(study(number, StudyDate=day, StudyTime=at) for number, (day, at) in enumerate(moments, 1)))
    assert found(StudyDate=date, StudyTime=time) == expected


@pytest.mark.django_db
def test_the_start_of_a_procedure_step_is_matched_in_the_series(store: Store, found: Found) -> None:
    day, time = "20240102", "0900"
    store(study(1, PerformedProcedureStepStartDate=day, PerformedProcedureStepStartTime=time), study(2))
    assert found(PerformedProcedureStepStartDate="20240101-", PerformedProcedureStepStartTime="1000-") == ["1"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("StudyDate", "2024"),
        ("StudyDate", "2024-01-31"),
        ("StudyDate", "20241301"),
        ("StudyDate", "20240132"),
        ("StudyDate", "-"),
        ("StudyDate", "2024013*"),
        ("StudyDate", "٢٠٢٤٠١٠١"),
        ("StudyTime", "2400"),
        ("StudyTime", "10:15"),
        ("StudyTime", "1015.5"),
        ("PatientBirthDate", "1970"),
    ],
)
def test_what_is_no_date_or_time_is_refused_in_words(keyword: str, value: str, nora: Principal) -> None:
    with pytest.raises(Invalid, match=f"{tag_path(keyword)}.*write"):
        find(nora, search(keys={keyword: value}))


TIMES = st.builds(
    lambda hour, minute, second, fraction, parts: (
        f"{hour:02}{minute:02}{second:02}"[: 2 * parts] + (f".{fraction}" if parts == 3 and fraction else "")
    ),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.text("0123456789", max_size=6),
    st.integers(1, 3),
)


def digits(time: str) -> str:
    whole, _, fraction = time.partition(".")
    return whole.ljust(6, "0") + fraction.ljust(6, "0")


@given(TIMES, TIMES)
def test_times_compare_as_texts_from_their_earliest_writing(stored: str, asked: str) -> None:
    assert (stored >= earliest(asked)) == (digits(stored) >= digits(asked))


@given(TIMES, TIMES)
def test_times_compare_as_texts_up_to_their_last_moment(stored: str, asked: str) -> None:
    precision = len(asked.replace(".", ""))
    assert (stored <= latest(asked)) == (digits(stored)[:precision] <= digits(asked)[:precision])
