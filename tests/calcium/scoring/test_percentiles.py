"""Tables that are imported, and where a score stands by them. The numbers are made up."""

import pytest

from apps.calcium.scoring.percentiles import MOST_ROWS, Group, Standing, WrongTable, read, standing
from apps.calcium.scoring.risk import Ethnicity, Sex

TABLE = """sex,ethnicity,age_from,age_to,p25,p50,p75,p90
M,white,45,54,0,5,60,250
M,white,55,64,2,50,300,900
M,,45,84,0,10,100,500
F,,45,54,0,0,0,40
"""
GROUPS = read(TABLE.encode())


def at(agatston: float, sex: Sex = Sex.MALE, age: float = 50, ethnicity: Ethnicity | None = None) -> Standing | None:
    return standing(GROUPS, agatston, sex=sex, age=age, ethnicity=ethnicity)


@pytest.mark.parametrize(
    ("agatston", "expected"), [(0, (25, 50)), (9.9, (25, 50)), (10, (50, 75)), (499, (75, 90)), (500, (90, 100))]
)
def test_between_percentiles(agatston: float, expected: tuple[int, int]) -> None:
    found = at(agatston)
    assert found is not None
    assert (found.least, found.below) == expected


def test_no_calcium_where_most_have_none() -> None:
    found = at(0, Sex.FEMALE)
    assert found is not None
    assert (found.least, found.below) == (75, 90)


def test_below_all_percentiles() -> None:
    found = at(1, age=60, ethnicity=Ethnicity.WHITE)
    assert found is not None
    assert (found.least, found.below) == (0, 25)


def test_the_ethnicity_goes_before_all() -> None:
    of_all, of_one = at(50, age=54.9, ethnicity=Ethnicity.BLACK), at(50, age=54.9, ethnicity=Ethnicity.WHITE)
    assert of_all is not None
    assert of_one is not None
    assert (of_all.group, of_one.group) == (GROUPS[2], GROUPS[0])


@pytest.mark.parametrize(("sex", "age"), [(Sex.FEMALE, 60), (Sex.MALE, 44.9), (Sex.MALE, 85)])
def test_nobody_like_that(sex: Sex, age: float) -> None:
    assert at(10, sex, age) is None


def test_by_json() -> None:
    assert [Group.from_json(group.to_json()) for group in GROUPS] == list(GROUPS)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "names the columns"),
        ("sex,age_from,age_to,p50\nM,45,54,1\n", "names the columns"),
        ("sex,ethnicity,age_from,age_to,median\nM,,45,54,1\n", "names the columns"),
        ("sex,ethnicity,age_from,age_to,p50\n", "no lines"),
        ("sex,ethnicity,age_from,age_to,p50\nX,,45,54,1\n", "Line 2"),
        ("sex,ethnicity,age_from,age_to,p50\nM,martian,45,54,1\n", "Line 2"),
        ("sex,ethnicity,age_from,age_to,p50\nM,,54,45,1\n", "Line 2"),
        ("sex,ethnicity,age_from,age_to,p50\nM,,45,54,many\n", "Line 2"),
        ("sex,ethnicity,age_from,age_to,p50\nM,,45,54,nan\n", "Line 2"),
        ("sex,ethnicity,age_from,age_to,p50\nM,,45,54\n", "Line 2"),
        ("sex,ethnicity,age_from,age_to,p50\nM,,45,54,-1\n", "Line 2"),
        ("sex,ethnicity,age_from,age_to,p50,p75\nM,,45,54,5,4\n", "Line 2"),
        ("sex,ethnicity,age_from,age_to,p50\nM,,45,54,1\nM,,54,60,2\n", "overlap"),
        ("sex,ethnicity,age_from,age_to,p50\n" + "M,,45,54,1\n" * (MOST_ROWS + 1), "more than"),
        ("x" * ((1 << 20) + 1), "larger"),
        ('sex,ethnicity,age_from,age_to,p50\n"M,,45', "no CSV"),
    ],
)
def test_what_is_no_table(table: str, words: str) -> None:
    with pytest.raises(WrongTable, match=words):
        read(table.encode())


def test_what_is_no_text() -> None:
    with pytest.raises(WrongTable, match="UTF-8"):
        read(b"sex,\xff\xfe")
