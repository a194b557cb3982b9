"""Whether two records are of one person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.worklist.identity import Likeness, Person, births, contradiction, ids, is_confirmed, names

SAME, UNKNOWN, OTHER = Likeness.SAME, Likeness.UNKNOWN, Likeness.OTHER
PEOPLE = st.builds(Person, *[st.text("aDe^=J19 ü山", max_size=12)] * 4)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Doe^Jane", "DOE^JANE^^^", SAME),
        ("Doe^Jane", "Jane^Doe", SAME),
        ("Müller^Dora", "Muller^Dora", SAME),
        ("Müller^Dora", "Mueller^Dora", UNKNOWN),
        ("Doe^Jane", "Doe^J", UNKNOWN),
        ("Doe^Jane", "Doe", UNKNOWN),
        ("Doe^Jane", "", UNKNOWN),
        ("Doe^Jane", "Doe^John", OTHER),
        ("Doe^Jane", "Roe^Jane", OTHER),
        ("Yamada^Tarou=山田^太郎", "=山田^太郎", SAME),
        ("=山田^太郎", "=山田^花子", OTHER),
    ],
)
def test_names(one: str, other: str, likeness: Likeness) -> None:
    assert names(Person(name=one), Person(name=other)) is likeness


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (Person("1"), Person("1"), SAME),
        (Person("1"), Person("2"), OTHER),
        (Person("1", "A"), Person("1", "A"), SAME),
        (Person("1", "A"), Person("1"), SAME),
        (Person("1", "A"), Person("1", "B"), UNKNOWN),
        (Person("1", "A"), Person("2", "B"), UNKNOWN),
        (Person("1"), Person(""), UNKNOWN),
    ],
)
def test_ids_count_within_their_issuer(one: Person, other: Person, likeness: Likeness) -> None:
    assert ids(one, other) is likeness


def test_what_is_no_date_says_nothing() -> None:
    assert births(Person(birth_date="1970"), Person(birth_date="19800101")) is UNKNOWN


@given(PEOPLE, PEOPLE)
def test_both_ways_say_the_same(one: Person, other: Person) -> None:
    for compare in (names, births, ids):
        assert compare(one, other) is compare(other, one)
    assert contradiction(one, other) == contradiction(other, one)
    assert not (contradiction(one, other) and is_confirmed(one, other))


@given(PEOPLE)
def test_nobody_contradicts_themselves(one: Person) -> None:
    assert not contradiction(one, one)
