"""Categories and risks beside what was published."""

from dataclasses import replace

import pytest

from apps.calcium.scoring.categories import cac_drs, category, told
from apps.calcium.scoring.risk import Ethnicity, Person, Sex, ten_years
from apps.calcium.scoring.vessels import Vessel

# Of the MESA score's own calculator: 3.06 % without calcium.
PUBLISHED = Person(
    age=70, sex=Sex.MALE, ethnicity=Ethnicity.HISPANIC, total_cholesterol=190, hdl_cholesterol=50,
    systolic_pressure=130, has_diabetes=False, smokes=False, takes_lipid_medication=False,
    takes_pressure_medication=True, has_family_history=False,
)  # fmt: skip


def test_the_published_risk() -> None:
    assert round(ten_years(PUBLISHED, 0), 2) == 3.06


@pytest.mark.parametrize(
    "more",
    [
        {"age": 71}, {"ethnicity": Ethnicity.WHITE}, {"ethnicity": Ethnicity.BLACK}, {"has_diabetes": True},
        {"smokes": True}, {"total_cholesterol": 240}, {"hdl_cholesterol": 35}, {"takes_lipid_medication": True},
        {"systolic_pressure": 150}, {"has_family_history": True},
    ],
)  # fmt: skip
def test_what_raises_it(more: dict[str, object]) -> None:
    assert ten_years(replace(PUBLISHED, **more), 0) > ten_years(PUBLISHED, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "less", [{"sex": Sex.FEMALE}, {"ethnicity": Ethnicity.CHINESE}, {"takes_pressure_medication": False}]
)
def test_what_lowers_it(less: dict[str, object]) -> None:
    assert ten_years(replace(PUBLISHED, **less), 0) < ten_years(PUBLISHED, 0)  # type: ignore[arg-type]


def test_calcium_raises_it() -> None:
    found = [ten_years(PUBLISHED, score) for score in (0, 10, 100, 1000, 1e9)]
    assert found == sorted(found)
    assert found[-1] <= 100


@pytest.mark.parametrize(("age", "score"), [(44.9, 0), (85.1, 0), (70, -1)])
def test_beyond_the_study(age: float, score: float) -> None:
    with pytest.raises(ValueError, match="tells nothing"):
        ten_years(replace(PUBLISHED, age=age), score)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0, "A0"), (0.4, "A1/N1"), (99.9, "A1/N1"), (100, "A2/N1"), (299.9, "A2/N1"), (300, "A3/N1"), (5000, "A3/N1")],
)
def test_cac_drs(score: float, expected: str) -> None:
    assert cac_drs(score, {Vessel.LAD: score, Vessel.RCA: 0}) == expected


def test_cac_drs_counts_vessels() -> None:
    every = dict.fromkeys((Vessel.LM, Vessel.LAD, Vessel.LCX, Vessel.RCA), 60.0)
    assert cac_drs(240, every) == "A2/N4"
    assert cac_drs(240, {Vessel.CORONARY: 180, Vessel.LAD: 60}) == "A2"


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0, "none"), (0.1, "minimal"), (10, "minimal"), (10.1, "mild"), (100, "mild"), (100.1, "moderate"),
        (400, "moderate"), (400.1, "extensive"),
    ],
)  # fmt: skip
def test_categories(score: float, expected: str) -> None:
    assert category(score) == expected
    assert told(expected)
