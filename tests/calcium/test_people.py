"""What is known of a person, and which risk follows from it."""

from typing import Any

import pytest

from apps.calcium.people import Known
from apps.calcium.scoring.risk import Ethnicity, Sex

ASKED: dict[str, Any] = {
    "age": 70, "sex": "M", "ethnicity": "hispanic", "total_cholesterol": 190, "hdl_cholesterol": 50,
    "systolic_pressure": 130, "diabetes": "no", "smoker": "no", "lipid_medication": "no", "pressure_medication": "yes",
    "family_history": "no",
}  # fmt: skip


def header(**values: str) -> dict[str, Any]:
    tags = {"age": "00101010", "sex": "00100040", "born": "00100030", "studied": "00080020"}
    return {tags[name]: {"vr": "??", "Value": [value]} for name, value in values.items()}


def test_all_is_said() -> None:
    known = Known.of(ASKED, {})
    assert known.missing == []
    assert round(known.ten_years(0) or 0, 2) == 3.06


@pytest.mark.parametrize("name", ASKED)
def test_something_is_missing(name: str) -> None:
    known = Known.of({each: value for each, value in ASKED.items() if each != name}, {})
    assert known.missing == [name]
    assert known.ten_years(0) is None


def test_beyond_the_ages_of_the_study() -> None:
    assert Known.of(ASKED | {"age": 30}, {}).ten_years(0) is None


@pytest.mark.parametrize(
    ("said", "age"),
    [
        ({"age": "064Y"}, 64), ({"age": "018M"}, 1.5), ({"born": "19600302", "studied": "20240301"}, 63),
        ({"born": "19600301", "studied": "20240301"}, 64), ({"born": "20300101", "studied": "20240301"}, None),
        ({"born": "1960", "studied": "20240301"}, None), ({"age": "Y"}, None), ({}, None),
    ],
)  # fmt: skip
def test_the_age_by_the_header(said: dict[str, str], age: float | None) -> None:
    assert Known.of({}, header(**said)).age == age


def test_what_is_asked_goes_before_the_header() -> None:
    known = Known.of({"age": 50, "sex": "F"}, header(age="064Y", sex="M"))
    assert (known.age, known.sex, known.ethnicity) == (50, Sex.FEMALE, None)
    assert Known.of({"ethnicity": "black"}, header(sex="m")).sex is Sex.MALE
    assert Known.of({"ethnicity": "black"}, header(sex="O")).sex is None
    assert Known.of({"ethnicity": "black"}, {}).ethnicity is Ethnicity.BLACK
