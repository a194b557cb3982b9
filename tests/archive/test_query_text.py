"""Matching of UIDs, codes, texts and numbers: PS3.4 C.2.2.2.1 to C.2.2.2.4."""

from fnmatch import fnmatchcase

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.principal import Principal
from apps.archive.query import Level, find, tag_path
from apps.archive.query.conditions import Condition, Database
from apps.core.errors import Invalid
from tests import dicoms
from tests.archive.conftest import Store
from tests.archive.studies import Found, found, ids, search, store_each, study

__all__ = ["found"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A1", ["1"]),
        ("a1", []),
        ("A", []),
        ("A*", ["1", "2", "5"]),
        ("*1", ["1", "5"]),
        ("A?", ["1", "2"]),
        ("?", []),
        ("*[1]", ["3"]),
        ("100%", ["4"]),
        ("%", []),
        ("?00%", ["4"]),
        ("_1", []),
        ("A_1", ["5"]),
        (r"A1\A2", ["1", "2"]),
        (r"A1\x*", ["1", "3"]),
        (" A1 ", ["1"]),
        ("", ["1", "2", "3", "4", "5"]),
        ("*", ["1", "2", "3", "4", "5"]),
        ("**", ["1", "2", "3", "4", "5"]),
    ],
)
def test_text_matches_as_written_and_by_wildcards(value: str, expected: list[str], store: Store, found: Found) -> None:
    store_each(store, "AccessionNumber", "A1", "A2", "x[1]", "100%", "A_1")
    assert found(AccessionNumber=value) == expected


def test_a_description_matches_without_regard_to_case_and_accents(store: Store, found: Found) -> None:
    store_each(store, "StudyDescription", "Thorax à jeun", "THORAX", "Knee")
    assert found(StudyDescription="*thorax*") == ["1", "2"]
    assert found(StudyDescription="thorax a jeun") == ["1"]
    assert found(StudyDescription="À JEUN*") == []


@pytest.mark.parametrize("separator", [",", "\\"])
def test_a_list_of_uids_finds_each(separator: str, store: Store, found: Found) -> None:
    store_each(store, "PatientID", "A", "B", "C")
    assert found(StudyInstanceUID=separator.join([dicoms.uid(9, 1), dicoms.uid(9, 3), "1.2.3"])) == ["1", "3"]


def test_a_repeated_key_finds_what_any_of_its_values_matches(store: Store, found: Found) -> None:
    store_each(store, "PatientID", "A", "B", "C")
    assert found(PatientID=["A", "C"]) == ["1", "3"]


def test_all_keys_must_match(store: Store, found: Found) -> None:
    store(study(1, PatientID="A", PatientSex="F"), study(2, PatientID="A", PatientSex="M"))
    assert found(PatientID="A", PatientSex="M") == ["2"]


def test_a_comma_is_part_of_a_text_and_separates_codes(store: Store, found: Found) -> None:
    store(study(1, PatientID="A,B", PatientSex="F"), study(2, PatientID="B", PatientSex="M"))
    assert found(PatientID="A,B") == ["1"]
    assert found(PatientSex="F,M") == ["1", "2"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("CT", ["1"]),
        ("PT", ["1"]),
        ("CT,MR", ["1", "2"]),
        (r"CT\MR", ["1", "2"]),
        ("C*", ["1"]),
        ("?T", ["1"]),
        ("C", []),
        ("T", []),
        ("P*R", []),
        ("*R", ["2"]),
    ],
)
def test_modalities_in_study_are_those_of_its_series(
    value: str, expected: list[str], store: Store, found: Found
) -> None:
    store(study(1, 1, Modality="CT"), study(1, 2, Modality="PT"), study(2, Modality="MR"))
    assert found(ModalitiesInStudy=value) == expected


def test_keys_of_a_series_find_the_study_where_one_series_has_them_all(store: Store, found: Found) -> None:
    store(study(1, 1, Modality="CT", BodyPartExamined="CHEST"), study(1, 2, Modality="PT", BodyPartExamined="HEAD"))
    assert found(Modality="CT", BodyPartExamined="CHEST") == ["1"]
    assert found(Modality="CT", BodyPartExamined="HEAD") == []
    assert found(SeriesInstanceUID=dicoms.uid(9, 1, 2)) == ["1"]


def test_keys_of_an_instance_find_the_study_and_the_series(store: Store, found: Found, nora: Principal) -> None:
    store(study(1, 1, 1), study(1, 2, 1), study(2, 1, 1))
    assert found(SOPInstanceUID=dicoms.uid(9, 1, 2, 1)) == ["1"]
    answer = find(nora, search(Level.SERIES, {"SOPInstanceUID": dicoms.uid(9, 1, 2, 1)}))
    assert [row["0020000E"]["Value"] for row in answer.dicts()] == [[dicoms.uid(9, 1, 2)]]


def test_keys_of_a_study_find_its_series_and_instances(store: Store, nora: Principal) -> None:
    store(study(1, 1, PatientID="A"), study(1, 2, PatientID="A"), study(2, PatientID="B"))
    for level in (Level.SERIES, Level.INSTANCE):
        assert ids(find(nora, search(level, {"PatientID": "A"}))) == ["1", "1"]


@pytest.mark.parametrize("level", [Level.SERIES, Level.STUDY])
def test_numbers_match_as_numbers(level: Level, store: Store, nora: Principal) -> None:
    store(study(1, 1), study(2, 12))
    assert ids(find(nora, search(level, {"SeriesNumber": "012"}))) == ["2"]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("StudyInstanceUID", "1.2.x"),
        ("StudyInstanceUID", "1.2.3,*4"),
        ("SOPClassUID", "1" * 65),
        ("SeriesNumber", "one"),
        ("SeriesNumber", "1.5"),
        ("PatientID", "A\0"),
        ("PatientID", "A" * 1025),
        ("PatientID", "a*" * 9),
        ("StudyInstanceUID", ",".join(["1.2"] * 1001)),
    ],
)
def test_values_that_cannot_be_are_refused_in_words(keyword: str, value: str, nora: Principal) -> None:
    with pytest.raises(Invalid, match=str(tag_path(keyword))):
        find(nora, search(keys={keyword: value}))


def test_too_many_keys_are_refused(nora: Principal) -> None:
    with pytest.raises(Invalid, match="50"):
        find(nora, search(keys={f"0009{number:04X}": "x" for number in range(51)}))


def test_a_key_that_is_not_indexed_is_passed_over_and_said(store: Store, nora: Principal) -> None:
    store_each(store, "PatientID", "A", "B")
    answer = find(nora, search(keys={"PatientID": "A", "BodyPartThickness": "7", "0040A730.0040A168": "x"}))
    assert ids(answer) == ["1"]
    assert answer.warnings[0].endswith("not matched: 001811A0, 0040A730.0040A168")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PatientName", "00100010"),
        ("0040a730", "0040A730"),
        ("RequestAttributesSequence.00400009", "00400275.00400009"),
        ("patientname", None),
        ("PatientName.", None),
        ("limit", None),
        ("", None),
        (".".join(["0040A730"] * 9), None),
        ("P" * 300, None),
    ],
)
def test_attributes_are_named_by_keyword_or_tag(name: str, expected: str | None) -> None:
    assert tag_path(name) == expected


def holds(condition: Condition, text: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM (SELECT CAST(%s AS varchar(50)) AS x) q WHERE {condition.sql}", [text, *condition.params]
        )
        return cursor.fetchone() is not None


LETTERS = st.text(alphabet="ab%_\\[]^-é", max_size=6)
PATTERNS = st.text(alphabet="ab*?%_\\[]^-é", max_size=6)


@given(LETTERS, PATTERNS)
@settings(max_examples=200)
def test_wildcards_are_the_only_characters_with_a_meaning(text: str, pattern: str) -> None:
    meant = pattern.replace("[", "[[]")
    assert holds(Database(connection.vendor, Condition("1 = 1")).like("x", pattern), text) == fnmatchcase(text, meant)
