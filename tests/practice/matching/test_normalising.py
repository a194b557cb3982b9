"""One spelling for what people and devices write, and nothing of what says nothing."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.practice.matching.blocking import MAX_KEY, keys
from apps.practice.matching.dates import birth_date
from apps.practice.matching.dicom import person_of
from apps.practice.matching.numbers import embedded, identifier
from apps.practice.matching.person import Facts, Name, Person, WrittenName, person
from apps.practice.matching.words import is_same, words
from tests.practice.matching.people import FACTS


@given(st.text(max_size=400))
def test_words_said_again_are_the_same(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once


@given(FACTS)
def test_whatever_is_written_makes_a_person_with_short_keys(facts: Facts) -> None:
    found = keys(person(facts))
    assert all(0 < len(key) <= MAX_KEY for key in found)


@given(st.text(max_size=80), st.text(max_size=30), st.text(max_size=12), st.text(max_size=80))
def test_whatever_a_device_sends_makes_a_person(name: str, number: str, born: str, address: str) -> None:
    made = person_of(names=[name], ids=[(number, address)], birth_date=born, sex=number, address=address)
    assert isinstance(made, Person)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("  DÉSIRÉE  ", ("desiree",)),
        ("O'Brien", ("obrien",)),
        ("García-López", ("garcia", "lopez")),
        ("Юлия", ("iuliia",)),
        ("Παπαδόπουλος", ("papadopoulos",)),
        ("ヤマダ", ("やまだ",)),
        ("Straße", ("strasse",)),
    ],
)
def test_scripts_accents_and_gaps_don_t_count(text: str, spelled: tuple[str, ...]) -> None:
    assert words(text) == spelled


def test_umlauts_are_the_same_in_each_way_of_writing_them() -> None:
    assert is_same(*words("Müller Mueller"))
    assert not is_same("joe", "jo")


@pytest.mark.parametrize("said", ["", "00000000", "19000101", "19000230", "18500101", "unknown", None, "1985071"])
def test_what_is_no_birth_date_is_none(said: str | None) -> None:
    assert birth_date(said) is None


@pytest.mark.parametrize("said", ["19850714", "1985-07-14", "1985.07.14", dt.date(1985, 7, 14)])
def test_birth_dates_are_read_as_devices_and_people_write_them(said: str | dt.date) -> None:
    assert birth_date(said) == dt.date(1985, 7, 14)


@pytest.mark.parametrize("value", ["", "UNKNOWN", "test", "XXX", "9999999999", "0000", "123456", "n/a", "-"])
def test_what_stands_for_no_number_is_none(value: str) -> None:
    assert identifier(value) is None


@pytest.mark.parametrize(
    ("value", "system", "known_as", "is_checked"),
    [
        ("TEST 5412 2816", "", "RAMQ", True),
        ("TEST 5412 2817", "NAM", "RAMQ", False),
        ("756.9217.0769.85", "", "AVS", True),
        ("756.9217.0769.86", "AHV", "AVS", False),
        ("943 476 5919", "NHS number", "NHS", True),
        ("943 476 5918", "NHS", "NHS", False),
        ("9434765919", "", "", False),
        ("1 85 05 78 006 084 91", "INS", "NIR", True),
        ("000123-A", "Clinic", "CLINIC", False),
    ],
)
def test_numbers_are_known_by_their_check_digits(value: str, system: str, known_as: str, is_checked: bool) -> None:
    found = identifier(value, system)
    assert found is not None
    assert (found.system, found.is_checked) == (known_as, is_checked)


def test_a_number_of_quebec_says_birth_date_and_sex_of_who_gives_none() -> None:
    holder = person(Facts(identifiers=(("TEST54122816", ""),)))
    assert (holder.birth_date, holder.sex) == (dt.date(1954, 12, 28), "M")
    assert embedded("TEST54132816") is None


def test_a_parents_card_read_for_a_child_is_left_out() -> None:
    assert person(Facts(birth_date="2015-03-02", identifiers=(("TEST54122816", ""),))).identifiers == ()


@pytest.mark.parametrize("family", ["UNKNOWN", "Test", "XXX", "^^^", "12345"])
def test_what_is_no_name_is_left_out(family: str) -> None:
    assert person(Facts(names=(WrittenName(family, ""),))).names == ()


def test_the_groups_of_a_name_are_its_variants() -> None:
    made = person_of(names=["Yamada^Tarou=山田^太郎=やまだ^たろう"])
    assert made.names == (
        Name(("yamada",), ("tarou",)),
        Name(("山田",), ("太郎",)),
        Name(("やまだ",), ("たろう",)),
    )


def test_a_name_in_one_component_may_begin_with_either() -> None:
    made = person_of(names=["Ana Tremblay"])
    assert Name(("tremblay",), ("ana",)) in made.names
    assert Name(("ana",), ("tremblay",)) in made.names
