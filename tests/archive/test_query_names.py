"""Matching of person names (PS3.4 C.2.2.2.1.1): case, accents, component groups, wildcards, and fuzzily."""

import pytest

from tests.archive.conftest import Store
from tests.archive.studies import Found, found, store_each, study

__all__ = ["found"]
pytestmark = pytest.mark.django_db

NAMES = (
    "Doe^Jane",
    "DOE^Jane^Mary^Dr",
    "Müller^Jürgen",
    "Doerr^John",
    "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "O'Neil^[Ann]",
)


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    store_each(store, "PatientName", *NAMES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("doe^jane", ["1", "2"]),
        ("Doe^Jane^^^", ["1", "2"]),
        ("doe^jane^mary", ["2"]),
        ("DOE", ["1", "2"]),
        ("Doe^*", ["1", "2"]),
        ("Doe*", ["1", "2", "4"]),
        ("do", []),
        ("jane", []),
        ("*jane", ["1"]),
        ("*jane*", ["1", "2"]),
        ("d?e^j*", ["1", "2"]),
        ("*oe^*", ["1", "2"]),
        ("d?e*^", ["1", "2", "4"]),
        ("Muller^Jurgen", ["3"]),
        ("MÜLLER*", ["3"]),
        ("mu\u0308ller", ["3"]),
        ("*jürgen*", ["3"]),
        ("o'neil*", ["6"]),
        ("*[a*", ["6"]),
        ("", ["1", "2", "3", "4", "5", "6"]),
        ("^", ["1", "2", "3", "4", "5", "6"]),
        (r"Doe\Yamada", ["1", "2", "5"]),
    ],
)
def test_names_match_without_regard_to_case_and_accents(value: str, expected: list[str], found: Found) -> None:
    assert found(PatientName=value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "yamada",
        "山田",
        "山田^太郎",
        "やまだ^たろう",
        "やまだ",
        "山*",
        "*太郎",
        "*たろ*",
        "山田^太郎=",
        "Yamada=山田",
        "yamada^tarou=山田^太郎=やまだ^たろう",
    ],
)
def test_every_component_group_can_be_searched(value: str, found: Found) -> None:
    assert found(PatientName=value) == ["5"]


@pytest.mark.parametrize("value", ["太郎", "山", "まだ", "Doe=山田", "yamada=鈴木", "た"])
def test_a_group_must_match_from_its_beginning(value: str, found: Found) -> None:
    assert found(PatientName=value) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("jane", ["1", "2"]),
        ("jane doe", ["1", "2"]),
        ("do ja", ["1", "2"]),
        ("janne", ["1", "2"]),
        ("jnae", ["1", "2"]),
        ("jaen", ["1", "2"]),
        ("kane", ["1", "2"]),
        ("mullre", ["3"]),
        ("muler jurgn", ["3"]),
        ("yamaad", ["5"]),
        ("*yamada*", ["5"]),
        ("山田", ["5"]),
        ("たろ", ["5"]),
        ("doo", []),
        ("mllre", []),
        ("(.*)", []),
        ("^ ^", ["1", "2", "3", "4", "5", "6"]),
    ],
)
def test_fuzzy_matching_takes_beginnings_of_words_and_one_wrong_letter(
    value: str, expected: list[str], found: Found
) -> None:
    assert found(fuzzy=True, PatientName=value) == expected


@pytest.mark.parametrize("common", [1, 2, 3, 500])
def test_common_words_are_tested_and_rare_ones_lead(common: int, found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.archive.query.fuzzy.COMMON", common)
    assert found(fuzzy=True, PatientName="jane doe") == ["1", "2"]
    assert found(fuzzy=True, PatientName="doe") == ["1", "2", "4"]
    assert found(fuzzy=True, PatientName="jane mary") == ["2"]
    assert found(fuzzy=True, PatientName="jane yamada") == []


@pytest.mark.parametrize("value", ["x" * 500, "smith " * 100, "aaaa" * 6 + "b"])
def test_long_values_are_searched_for_as_far_as_they_go(value: str, found: Found) -> None:
    assert found(fuzzy=True, PatientName=value) == []


def test_the_referring_physician_matches_by_the_same_rules(store: Store, found: Found) -> None:
    store(study(7, ReferringPhysicianName="Roe^Rachel"), study(8, ReferringPhysicianName="Weiß^Åsa=白^亜佐"))
    assert found(ReferringPhysicianName="roe^rachel") == ["7"]
    assert found(ReferringPhysicianName="weiss^asa") == ["8"]
    assert found(ReferringPhysicianName="白^亜佐") == ["8"]
    assert found(ReferringPhysicianName="*asa*") == ["8"]
    assert found(fuzzy=True, ReferringPhysicianName="wiess") == ["8"]
