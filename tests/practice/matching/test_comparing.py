"""How alike two people are, field by field."""

import pytest
from hypothesis import given

from apps.practice.matching.comparing import Field, compare
from apps.practice.matching.levels import Level
from apps.practice.matching.person import Facts, Person, WrittenAddress, WrittenName, person
from apps.practice.matching.weights import SHIPPED
from tests.practice.matching.people import ANA, PEOPLE, numbered, somebody


@given(PEOPLE, PEOPLE)
def test_the_order_doesn_t_matter(one: Person, other: Person) -> None:
    assert compare(one, other) == compare(other, one)


@given(PEOPLE)
def test_nothing_of_a_person_differs_from_itself(one: Person) -> None:
    assert Level.DIFFERENT not in dict(compare(one, one).levels).values()


def test_a_full_record_agrees_with_itself_beyond_doubt() -> None:
    assert SHIPPED.bits(compare(person(ANA), person(ANA))) > 60


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Ana", "ANA", Level.EXACT),
        ("Jürgen", "Juergen", Level.EXACT),
        ("Jean-Paul", "Jean Paul", Level.EXACT),
        ("Jean-Paul", "Jean", Level.PARTIAL),
        ("John Peter", "John P.", Level.PARTIAL),
        ("Jean-Paul", "Jean-Pierre", Level.DIFFERENT),
        ("Robert", "Bob", Level.NICKNAME),
        ("Michaela", "Micheala", Level.CLOSE),
        ("J.", "Jonathan", Level.INITIAL),
        ("J", "Robert", Level.DIFFERENT),
        ("Ana", "Eva", Level.DIFFERENT),
        ("Ana", "", Level.MISSING),
        ("Ana", "花子", Level.MISSING),
    ],
)
def test_given_names(one: str, other: str, level: Level) -> None:
    assert compare(somebody(given=one), somebody(given=other)).level(Field.GIVEN) is level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("García López", "Garcia", Level.PARTIAL),
        ("van der Berg", "VanderBerg", Level.EXACT),
        ("Schmidt", "Schmitt", Level.CLOSE),
        ("Иванов", "Ivanov", Level.EXACT),
        ("Tremblay", "Roy", Level.DIFFERENT),
    ],
)
def test_family_names(one: str, other: str, level: Level) -> None:
    assert compare(somebody(family=one), somebody(family=other)).level(Field.FAMILY) is level


def test_a_maiden_name_counts_as_the_name() -> None:
    married = person(Facts(names=(WrittenName("Roy", "Ana"), WrittenName("Tremblay", "Ana"))))
    assert compare(married, somebody()).level(Field.FAMILY) is Level.EXACT


def test_names_that_changed_places_are_seen() -> None:
    found = compare(somebody(), somebody(family="Ana", given="Tremblay"))
    assert (found.level(Field.GIVEN), found.level(Field.ORDER)) == (Level.EXACT, Level.SWAPPED)


@pytest.mark.parametrize(
    ("other", "level"),
    [
        ("1985-07-14", Level.EXACT),
        ("1985-07-15", Level.CLOSE),
        ("1985-07-41", Level.MISSING),
        ("1958-07-14", Level.CLOSE),
        ("1986-07-15", Level.ALIKE),
        ("1955-07-15", Level.DIFFERENT),
        ("1962-02-03", Level.DIFFERENT),
        ("1980-01-01", Level.MISSING),
    ],
)
def test_birth_dates(other: str, level: Level) -> None:
    assert compare(somebody(), somebody(birth_date=other)).level(Field.BIRTH_DATE) is level


def test_day_and_month_in_the_other_order_are_seen() -> None:
    found = compare(somebody(birth_date="1985-03-04"), somebody(birth_date="1985-04-03"))
    assert found.level(Field.BIRTH_DATE) is Level.SWAPPED


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("7304215", "A"), ("7304215", "A"), Level.EXACT),
        (("7304215", "A"), ("7304215", ""), Level.EXACT),
        (("7304215", "A"), ("7304215", "B"), Level.OTHER),
        (("7304215", "A"), ("7340215", "A"), Level.CLOSE),
        (("7304215", "A"), ("7304216", "A"), Level.NEIGHBOUR),
        (("7304215", "A"), ("5551234", "A"), Level.DIFFERENT),
        (("7304215", ""), ("5551234", ""), Level.OTHER),
        (("00042", ""), ("42", ""), Level.SHORT),
    ],
)
def test_numbers(one: tuple[str, str], other: tuple[str, str], level: Level) -> None:
    assert compare(numbered(*one), numbered(*other)).level(Field.IDENTIFIER) is level


def test_a_street_is_the_same_in_any_order_and_but_for_a_letter() -> None:
    one = somebody(addresses=(WrittenAddress("12 Elm Street Apt 4"),))
    other = somebody(addresses=(WrittenAddress("Apt 4, 12 Elm Streat"),))
    elsewhere = somebody(addresses=(WrittenAddress("99 Elm Street"),))
    assert compare(one, other).level(Field.STREET) is Level.EXACT
    assert compare(other, elsewhere).level(Field.STREET) is not Level.EXACT
