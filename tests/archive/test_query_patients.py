"""Searching to the end: patients by their studies, all matches as of one moment, and what is computed for them."""

from typing import Any

import pytest

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Principal, Shared
from apps.archive.corrections import verbs
from apps.archive.models import Assignment, Patient
from apps.archive.query import Level, Listing, listing, patients
from apps.core.errors import Refused
from tests import dicoms
from tests.archive.conftest import Store
from tests.archive.studies import search, study
from tests.rights import give

pytestmark = pytest.mark.django_db

PATIENT_ID, NAME, STUDY_ID = "00100020", "00100010", "00200010"
COUNTS = ("00201200", "00201202", "00201204")
JANE = {"PatientID": "P1", "PatientName": "Doe^Jane"}
JOHN = {"PatientID": "P2", "PatientName": "Roe^John"}


@pytest.fixture
def people(store: Store) -> None:
    """Jane with two studies, one of them of two series, and John with one."""
    store(
        study(1, **JANE, StudyDate="20260105"),
        study(1, series=2, **JANE, StudyDate="20260105"),
        study(2, **JANE, StudyDate="20260210"),
        study(3, **JOHN, StudyDate="20250101"),
    )


def told(found: Listing, size: int = 100) -> list[dict[str, Any]]:
    return [match for page in found.pages(size) for match in page]


def values(found: Listing, tag: str = PATIENT_ID, size: int = 100) -> list[Any]:
    return [match[tag]["Value"][0] for match in told(found, size)]


def reader_of(practice: Practice, scope: Scope, subject: str = "") -> Principal:
    """Somebody who may look, at no more than this."""
    user = User.objects.create_user("narrow", practice=practice)
    give(user, practice, Permission.VIEW, scope=scope, subject=subject)
    return Principal.of(user)


def test_each_patient_is_found_once(people: None, nora: Principal) -> None:
    assert values(patients(nora, search(), 10)) == ["P2", "P1"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"PatientID": "P1"}, ["P1"]),
        ({"PatientName": "roe"}, ["P2"]),
        ({"PatientID": "P*", "PatientName": "doe^j*"}, ["P1"]),
        ({"StudyDate": "20260210"}, ["P1"]),
        ({"StudyInstanceUID": dicoms.uid(9, 3)}, ["P2"]),
        ({"SeriesNumber": "2"}, ["P1"]),
        ({"PatientID": "P3"}, []),
    ],
)
def test_keys_of_any_level_lead_to_patients(
    people: None, nora: Principal, keys: dict[str, Any], expected: list[str]
) -> None:
    assert values(patients(nora, search(keys=keys), 10)) == expected


def test_a_patient_is_told_of_without_the_studies(people: None, nora: Principal) -> None:
    (match,) = told(patients(nora, search(keys={"PatientID": "P1"}, include=[PATIENT_ID, NAME, STUDY_ID]), 10))
    assert set(match) == {"00100010", "00100020", "00100030", "00100040"}


def test_all_studies_of_a_patient_count_and_not_only_those_that_match(people: None, nora: Principal) -> None:
    found = patients(nora, search(keys={"StudyDate": "20260210"}, include=COUNTS), 10)
    assert [[match[tag]["Value"][0] for tag in COUNTS] for match in told(found)] == [[2, 3, 3]]


def test_another_practice_has_no_such_patients(people: None, sam: Principal) -> None:
    assert len(patients(sam, search(), 10)) == 0


def test_who_may_see_one_study_sees_its_patient_and_counts_that_study(people: None, practice: Practice) -> None:
    narrow = reader_of(practice, Scope.STUDY, dicoms.uid(9, 2))
    found = patients(narrow, search(include=[PATIENT_ID, *COUNTS]), 10)
    assert [[match[tag]["Value"][0] for tag in COUNTS] for match in told(found)] == [[1, 1, 1]]
    assert values(found) == ["P1"]


def test_who_takes_care_of_a_patient_sees_that_one(people: None, practice: Practice) -> None:
    narrow = reader_of(practice, Scope.PATIENTS)
    assert len(patients(narrow, search(), 10)) == 0
    Assignment.objects.create(patient=Patient.objects.get(patient_id="P2"), user_id=narrow.user_id)
    assert values(patients(narrow, search(), 10)) == ["P2"]


def test_a_share_has_no_patients(people: None, practice: Practice) -> None:
    shared = Principal.of_share("9", practice.pk, Shared(dicoms.uid(9, 1), ""), frozenset({Permission.VIEW}))
    with pytest.raises(Refused):
        patients(shared, search(), 10)


def test_a_merged_patient_counts_as_the_one_they_were_merged_into(people: None, nora: Principal) -> None:
    jane, john = (Patient.objects.get(patient_id=patient) for patient in ("P1", "P2"))
    verbs.merge(nora, john.pk, jane.pk, "the same")
    found = patients(nora, search(include=[PATIENT_ID, *COUNTS]), 10)
    assert [(match[PATIENT_ID]["Value"], match[COUNTS[0]]["Value"]) for match in told(found)] == [(["P1"], [3])]


def test_an_edited_patient_is_found_as_they_leave(people: None, nora: Principal) -> None:
    jane = Patient.objects.get(patient_id="P1")
    verbs.edit_patient(nora, jane.pk, {"patient_name": "Smith^Jane"}, "married")
    (match,) = told(patients(nora, search(keys={"PatientName": "smith*"}), 10))
    assert match[NAME]["Value"] == [{"Alphabetic": "Smith^Jane"}]
    assert len(patients(nora, search(keys={"PatientName": "doe*"}), 10)) == 0


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_pages_join_in_the_order_of_the_search(people: None, nora: Principal, level: Level, size: int) -> None:
    expected = {Level.STUDY: ["2", "1", "3"]}.get(level, ["2", "1", "1", "3"])
    found = listing(nora, search(level, include=[STUDY_ID, "00180015"]), 10)
    assert values(found, STUDY_ID, size) == expected
    assert not found.has_more


def test_of_more_than_are_asked_for_the_newest_come(people: None, nora: Principal) -> None:
    found = listing(nora, search(), 2)
    assert (values(found, STUDY_ID), found.has_more) == (["2", "1"], True)
    found = patients(nora, search(), 1)
    assert (values(found), found.has_more) == (["P2"], True)


def test_what_is_stored_meanwhile_moves_no_page(people: None, nora: Principal, store: Store) -> None:
    pages = listing(nora, search(), 10).pages(1)
    first = next(pages)
    store(study(4, StudyDate="20270101"))
    rest = [match for page in pages for match in page]
    assert [match[STUDY_ID]["Value"] for match in [*first, *rest]] == [["2"], ["1"], ["3"]]


def test_sop_classes_and_patient_counts_of_studies(people: None, nora: Principal, store: Store) -> None:
    store(dicoms.ct_slice(**JANE, StudyInstanceUID=dicoms.uid(9, 2), SeriesInstanceUID=dicoms.uid(9, 2, 7)))
    found = listing(nora, search(keys={"StudyID": "2"}, include=["00080062", *COUNTS]), 10)
    (match,) = told(found)
    assert match["00080062"] == {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.2"]}
    assert [match[tag]["Value"][0] for tag in COUNTS] == [2, 4, 4]


def test_what_cannot_be_matched_or_told_is_said(people: None, nora: Principal) -> None:
    found = listing(nora, search(keys={"PatientComments": "x"}, include=["00180015"]), 10)
    assert (found.ignored, found.unanswered) == (("00104000",), {"00180015"})
    found = patients(nora, search(include=[STUDY_ID, PATIENT_ID]), 10)
    assert found.unanswered == {STUDY_ID}


def test_dates_and_times_match_apart_unless_combined(store: Store, nora: Principal) -> None:
    store(study(1, StudyDate="20260105", StudyTime="110000"), study(2, StudyDate="20260106", StudyTime="230000"))
    keys: dict[str, str | list[str]] = {"StudyDate": "20260105-20260210", "StudyTime": "1000-1200"}
    assert values(listing(nora, search(keys=keys), 10), STUDY_ID) == ["2", "1"]
    assert values(listing(nora, search(keys=keys, combined=False), 10), STUDY_ID) == ["1"]
