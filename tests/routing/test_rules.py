"""What a rule is met by."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from apps.routing.models import Rule
from apps.routing.rules import Conditions, Facts

CT = "1.2.840.10008.5.1.4.1.1.2"
# A Friday.
FACTS = Facts(CT, "CT", "Room 2, CT", "doe^jane", datetime(2026, 11, 20, 12, tzinfo=UTC), "SCANNER", 7)


def _met(facts: Facts = FACTS, destinations: tuple[int, ...] = (1,), **fields: Any) -> bool:
    return Conditions.of(Rule(name="some", **fields), destinations).met_by(facts)


def test_a_rule_without_conditions_is_met_by_everything() -> None:
    assert _met()


@pytest.mark.parametrize(
    ("field", "met", "unmet"),
    [
        ("calling_titles", "OTHER, SCAN*", "SCAN"),
        ("modalities", "mr, ct", "MR; PT"),
        ("sop_classes", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1"),
        ("sop_classes", "1.2.840.10008.5.1.4.1.1.*", "1.2.840.10008.5.1.4.1.1.4*"),
        ("station_names", "room 2, CT; room 3", "room 2; CT"),
        ("station_names", "room ?, ct", "room ??, ct"),
        ("referring_physicians", "Smith; Doe, Jane", "Doe, John"),
        ("referring_physicians", "dœ; DOE", "*^John"),
        ("referring_physicians", "*^Jane", "[d]oe"),
    ],
)
def test_each_condition_alone(field: str, met: str, unmet: str) -> None:
    assert _met(**{field: met})
    assert not _met(**{field: unmet})


def test_every_condition_must_be_met() -> None:
    assert not _met(modalities="CT", calling_titles="OTHER")


def test_what_is_not_known_meets_only_what_takes_everything() -> None:
    nameless = replace(FACTS, physician="", station_name="", calling_title="")
    assert not _met(nameless, referring_physicians="Doe")
    assert not _met(nameless, station_names="room ?")
    assert _met(nameless, calling_titles="*")


def test_a_sign_that_regular_expressions_read_is_only_a_sign() -> None:
    odd = replace(FACTS, station_name="CT[1].a+b")
    assert _met(odd, station_names="ct[1].a+b")
    assert not _met(odd, station_names="ct1.aab")


def test_nothing_goes_by_a_rule_to_whose_destination_it_came_from() -> None:
    assert not _met(destinations=(1, 7))
    assert _met(replace(FACTS, remote_id=None), destinations=(1, 7))


@pytest.mark.parametrize(
    ("moment", "is_within"),
    [("08:00", True), ("07:59", False), ("16:59", True), ("17:00", False)],
)
def test_times_of_the_day(moment: str, is_within: bool) -> None:
    at = datetime.combine(FACTS.at, time.fromisoformat(moment))
    assert _met(replace(FACTS, at=at), from_time=time(8), to_time=time(17)) is is_within


@pytest.mark.parametrize(
    ("day", "clock", "is_within"),
    [(20, "21:59", False), (20, "22:00", True), (21, "05:59", True), (21, "06:00", False), (20, "03:00", False)],
)
def test_a_night_belongs_to_the_day_it_began_on(day: int, clock: str, is_within: bool) -> None:
    at = datetime.combine(FACTS.at.replace(day=day), time.fromisoformat(clock))
    night = {"from_time": time(22), "to_time": time(6), "weekdays": "5"}
    assert _met(replace(FACTS, at=at), **night) is is_within


def test_weekdays_alone_and_a_day_that_begins_when_it_ends() -> None:
    assert _met(weekdays="45")
    assert not _met(weekdays="1")
    assert _met(from_time=time(9), to_time=time(9), weekdays="5")


@pytest.mark.parametrize("fields", [{"weekdays": "128"}, {"from_time": time(9)}, {"to_time": time(9)}])
def test_a_span_that_is_none_is_not_saved(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Rule(name="some", **fields).clean()
