"""What a search answers: the attributes of each row, their order, the levels above, and the headers behind."""

from dataclasses import replace

import pytest

from apps.accounts.principal import Principal
from apps.archive.query import Level, Search, find
from tests import dicoms
from tests.archive.conftest import Store
from tests.archive.studies import ADDRESSES, BASE, SERIES, STUDY, rows, search, study, value

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("asked", ADDRESSES)
@pytest.mark.parametrize("body_part", [None, "CHEST"])
def test_every_row_is_ordered_and_says_what_it_is(
    asked: Search, body_part: str | None, store: Store, nora: Principal
) -> None:
    store(study(1, BodyPartExamined=body_part, StationName="S"))
    (row,) = rows(nora, asked)
    assert list(row) == sorted(row)
    assert value(row, "00080005") == "ISO_IR 192"
    assert value(row, "00080056") == "ONLINE"
    assert value(row, "0020000D") == STUDY
    assert all("Value" not in element or element["Value"] for element in row.values())


@pytest.mark.parametrize("asked", ADDRESSES)
def test_each_row_has_its_own_address(asked: Search, store: Store, nora: Principal) -> None:
    store(study(1))
    (row,) = rows(nora, asked)
    place = ["", f"/series/{SERIES}", f"/series/{SERIES}/instances/{dicoms.uid(9, 1, 1, 1)}"][asked.level - 1]
    assert value(row, "00081190") == f"{BASE}/studies/{STUDY}{place}"


def test_a_study_says_its_counts_and_modalities(store: Store, nora: Principal) -> None:
    store(study(1, 1, 1, Modality="CT"), study(1, 1, 2, Modality="CT"), study(1, 2, 1, Modality="SR"))
    (row,) = rows(nora, Search(Level.STUDY))
    assert row["00080061"]["Value"] == ["CT", "SR"]
    assert (value(row, "00201206"), value(row, "00201208")) == (2, 3)
    assert [value(one, "00201209") for one in rows(nora, Search(Level.SERIES, study=STUDY))] == [2, 1]


def test_rows_without_a_parent_tell_of_the_levels_above(store: Store, nora: Principal) -> None:
    store(study(1, PatientName="Doe^Jane", Modality="CT"))
    for asked in (Search(Level.SERIES), Search(Level.INSTANCE)):
        (row,) = rows(nora, asked)
        assert value(row, "00100010") == {"Alphabetic": "Doe^Jane"}
    (row,) = rows(nora, Search(Level.INSTANCE, study=STUDY))
    assert value(row, "00080060") == "CT"
    assert "00100010" not in row
    (row,) = rows(nora, Search(Level.INSTANCE, study=STUDY, series=SERIES))
    assert "00080060" not in row
    assert value(row, "0020000E") == SERIES


def test_attributes_of_a_level_above_can_be_asked_for(store: Store, nora: Principal) -> None:
    store(study(1, PatientName="Doe^Jane"))
    (row,) = rows(nora, Search(Level.SERIES, study=STUDY, include=["00100010"]))
    assert value(row, "00100010") == {"Alphabetic": "Doe^Jane"}


def test_attributes_beyond_the_ready_made_answer_come_from_the_header(store: Store, nora: Principal) -> None:
    store(study(1, PatientAge="050Y", Manufacturer="Acme", ReferencedStudySequence=[]))
    for asked in ADDRESSES:
        (row,) = rows(nora, replace(asked, include=["00101010", "00080070", "00081110.00081155"]))
        assert value(row, "00101010") == "050Y"
        assert ("00080070" in row) == (asked.level > Level.STUDY)
        assert row["00081110"] == {"vr": "SQ"}
        assert list(row) == sorted(row)


def test_a_match_key_is_returned_too(store: Store, nora: Principal) -> None:
    store(study(1, PatientAge="050Y"))
    (row,) = rows(nora, search(keys={"PatientAge": ""}))
    assert value(row, "00101010") == "050Y"


def test_private_attributes_can_be_asked_for(store: Store, nora: Principal) -> None:
    dataset = dicoms.ct_dataset(StudyInstanceUID=STUDY)
    dataset.private_block(0x0009, "FOVEA TESTS", create=True).add_new(1, "LO", "kept")
    store(dicoms.part10(dataset))
    (row,) = rows(nora, search(include=["00091001"]))
    assert value(row, "00091001") == "kept"


def test_all_attributes_are_those_of_the_level(store: Store, nora: Principal) -> None:
    store(study(1, PatientAge="050Y", Manufacturer="Acme"))
    found = {level: rows(nora, Search(level, everything=True))[0] for level in Level}
    assert {level: "00101010" in row for level, row in found.items()} == dict.fromkeys(Level, True)
    assert [("00080070" in row) for row in found.values()] == [False, True, True]
    assert [("00420010" in row) for row in found.values()] == [False, False, True]
    assert value(found[Level.INSTANCE], "00100020") == "P1"


def test_the_header_that_speaks_for_a_study_is_its_first_instances(store: Store, nora: Principal) -> None:
    store(study(1, 2, 1, PatientAge="002Y"), study(1, 1, 2, PatientAge="012Y"), study(1, 1, 1, PatientAge="011Y"))
    assert value(rows(nora, Search(Level.STUDY, include=["00101010"]))[0], "00101010") == "011Y"
    found = rows(nora, Search(Level.SERIES, study=STUDY, include=["00101010"]))
    assert [value(row, "00101010") for row in found] == ["011Y", "002Y"]


def test_bulk_data_in_a_header_lies_under_the_root(store: Store, nora: Principal) -> None:
    store(study(1, EncapsulatedDocument=b"x" * 20_000))
    (row,) = rows(nora, Search(Level.INSTANCE, everything=True))
    assert row["00420011"]["BulkDataURI"].startswith(f"{BASE}/studies/{STUDY}/")


def test_a_name_that_looks_like_json_stays_a_name(store: Store, nora: Principal) -> None:
    tricky = '"00100010":{"00080060":@@BASE@@'
    store(study(1, StudyDescription=tricky, SeriesDescription=tricky, AccessionNumber=tricky[:16]))
    (row,) = rows(nora, Search(Level.STUDY))
    assert value(row, "00081030") == tricky
    (row,) = rows(nora, Search(Level.SERIES, study=STUDY))
    assert value(row, "0008103E") == tricky


def test_dictionaries_for_other_protocols_have_no_address(store: Store, nora: Principal) -> None:
    store(study(1, PatientName="Doe^Jane"))
    (row,) = find(nora, Search(Level.STUDY)).dicts()
    assert value(row, "00100010") == {"Alphabetic": "Doe^Jane"}
    assert "00081190" not in row
