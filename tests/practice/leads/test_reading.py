"""What is said of people: brought into one spelling, or said what is wrong with it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import Invalid
from apps.practice.leads.facts import FIELDS
from apps.practice.leads.reading import READERS, attempt, outside, read


def wrong(**said: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        read(said)
    return list(refused.value.errors)


def test_every_field_has_a_reader() -> None:
    assert set(READERS) == set(FIELDS)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+41 79 123 45 67", "+41791234567"),
        ("0041 79 123 45 67", "+41791234567"),
        ("079/123.45-67", "0791234567"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("(514) 555-0199 ext. 12", "5145550199x12"),
        ("tel:+1-514-555-0199", "+15145550199"),
        ("０７９１２３４５６７", "0791234567"),  # noqa: RUF001
    ],
)
def test_telephone_numbers_have_one_spelling(written: str, kept: str) -> None:
    assert read({"phones": [written]})["phones"] == [kept]


@pytest.mark.parametrize("written", ["12", "call me", "+", "1" * 16, "079 123 45 67 / 079 765 43 21"])
def test_what_is_no_telephone_number_is_refused(written: str) -> None:
    assert wrong(phones=["0791234567", written])[0][0] == "phones.1"


def test_texts_lose_stray_spaces_and_lists_what_they_say_twice() -> None:
    facts = read({"family_name": "  van   der Berg ", "emails": ["A@b.ch", "a@B.ch", "", None], "phones": None})
    assert facts == {"family_name": "van der Berg", "emails": ["a@b.ch"], "phones": []}


def test_a_health_number_is_kept_without_what_stands_between() -> None:
    facts = read({"health_number": "doej 8051-3118", "health_number_system": "ramq"})
    assert facts == {"health_number": "DOEJ80513118", "health_number_system": "RAMQ"}


def test_nothing_empties_a_field() -> None:
    said = dict.fromkeys(("family_name", "birth_date", "addresses", "status"))
    assert read(said) == {"family_name": "", "birth_date": None, "addresses": [], "status": "lead"}


def test_every_wrong_field_is_named_as_it_was_sent() -> None:
    errors = wrong(
        family_name="Doe^Jane", given_name="x" * 65, birth_date="31.1.1980", sex="W", emails=["jane"],
        addresses=[{"street": "x"}], consents=[{"kind": "images", "given": "yes"}], shoeSize=39, phones="0791234567",
        other_names=[{"family": "Roe", "use": "nick"}], identifiers=[{"issuer": "X", "value": "a\\b"}],
        external_id="a\nb", preferred_language="klingon",
    )  # fmt: skip
    assert [field for field, _ in errors] == [
        "familyName", "givenName", "birthDate", "sex", "emails.0", "addresses.0.street", "consents.0.given", "shoeSize",
        "phones", "otherNames.0.use", "identifiers.0.value", "externalId", "preferredLanguage",
    ]  # fmt: skip
    assert all(detail.endswith(".") for _, detail in errors)


@pytest.mark.parametrize("day", ["1849-12-31", "2999-01-01", "0000-00-00", "1980-02-30", 19800131, ["1980-01-31"]])
def test_days_on_which_nobody_was_born_are_refused(day: object) -> None:
    assert wrong(birth_date=day)[0][0] == "birthDate"


def test_lists_are_bounded() -> None:
    assert wrong(phones=[f"+4179{n:07}" for n in range(11)]) == [("phones", "Write at most 10 of them.")]


def test_names_inside_are_found_by_those_outside() -> None:
    assert outside({"birthDate": "1980-01-31", "birth_date": 1}) == {"birth_date": "1980-01-31"}
    assert outside({"familyName": "Doe", "shoeSize": 39}) == {"family_name": "Doe", "shoeSize": 39}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), anything, max_size=6))
def test_whatever_is_said_is_read_or_refused(said: dict[str, Any]) -> None:
    facts, errors = attempt(said)
    assert len(facts) + len(errors) == len(said)
    # What was read once is read as the same again.
    assert attempt(facts) == (facts, ())


def test_a_date_is_as_good_as_its_text() -> None:
    assert read({"birth_date": date(1980, 1, 31)}) == read({"birth_date": "1980-01-31"})
