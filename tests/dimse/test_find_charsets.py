"""C-FIND in the character sets of the world, and what is agreed by extended negotiation."""

from typing import Any

import pytest
from pydicom import Dataset

from apps.accounts.models import Practice
from apps.dimse.negotiated import extended
from apps.dimse.server import Server
from tests.dicomweb.archive import keep
from tests.dimse import nodes
from tests.dimse.finding import PATIENT_ROOT, STUDY_ROOT, find, findscu, identifier, responses, study

JAPANESE = ["", "ISO 2022 IR 87"]
NAMES = {
    "P1": ("Yamada^Tarou=山田^太郎=やまだ^たろう", JAPANESE),
    "P2": ("Müller^Jörg", "ISO_IR 100"),
    "P3": ("Łukasz^Żółć", "ISO_IR 192"),
    "P4": ("Doe^Jane", "ISO_IR 100"),
}


@pytest.fixture
def people(server: Server, practice: Practice) -> None:
    keep(
        practice,
        *(
            study(number, PatientID=patient, PatientName=name, SpecificCharacterSet=sets)
            for number, (patient, (name, sets)) in enumerate(NAMES.items(), 1)
        ),
    )


@pytest.mark.parametrize(
    ("patient", "asked", "answered"),
    [
        ("P1", None, "ISO_IR 192"),
        ("P1", "ISO_IR 100", "ISO_IR 192"),
        ("P1", JAPANESE, JAPANESE),
        ("P2", None, "ISO_IR 192"),
        ("P2", "ISO_IR 100", "ISO_IR 100"),
        ("P2", JAPANESE, "ISO_IR 192"),
        ("P3", "ISO_IR 100", "ISO_IR 192"),
        ("P3", "ISO_IR 101", "ISO_IR 101"),
        ("P4", "ISO_IR 192", None),
    ],
)
@pytest.mark.parametrize("syntax", [nodes.IMPLICIT, nodes.EXPLICIT])
def test_no_name_is_lost_whatever_the_requestor_reads(
    port: int, people: None, patient: str, asked: Any, answered: Any, syntax: str
) -> None:
    keys = identifier("STUDY", PatientID=patient, PatientName=None)
    if asked is not None:
        keys.SpecificCharacterSet = asked
    (match,) = find(port, keys, syntax=syntax).matches
    assert match.get("SpecificCharacterSet") == answered
    assert str(match.PatientName) == NAMES[patient][0]


@pytest.mark.parametrize(
    ("name", "sets", "patient"),
    [
        ("*=山田*", JAPANESE, "P1"),
        ("*=*=やまだ^たろう", JAPANESE, "P1"),
        ("山田*", "ISO_IR 192", "P1"),
        ("Müller*", "ISO_IR 100", "P2"),
        ("MULLER^JORG", "ISO_IR 100", "P2"),
        ("Łuk?sz^*", "ISO_IR 192", "P3"),
        ("lukasz", "ISO_IR 101", "P3"),
    ],
)
def test_names_are_found_in_the_requestor_s_character_sets(
    port: int, people: None, name: str, sets: Any, patient: str
) -> None:
    keys = Dataset()
    keys.SpecificCharacterSet, keys.QueryRetrieveLevel, keys.PatientName, keys.PatientID = sets, "STUDY", name, None
    assert find(port, keys).values("PatientID") == [patient]


def test_dcmtk_finds_and_reads_names(port: int, people: None) -> None:
    said = findscu(port, "QueryRetrieveLevel=STUDY", "PatientName=DOE*", "PatientID", "StudyInstanceUID")
    assert responses(said) == 1
    assert "[P4" in said
    said = findscu(port, "QueryRetrieveLevel=PATIENT", "PatientID=P*", "PatientName", options=["-P"])
    assert responses(said) == len(NAMES)
    assert "Łukasz^Żółć" in said


DAYS = {"StudyDate": "20260105-20260210", "StudyTime": "1000-1200"}


@pytest.mark.parametrize(
    ("negotiate", "expected"), [(b"", ["1"]), (b"\1", ["1"]), (b"\1\1", ["1", "2"]), (b"\1\0\1", ["1"])]
)
def test_dates_and_times_match_together_where_that_was_agreed(
    port: int, server: Server, practice: Practice, negotiate: bytes, expected: list[str]
) -> None:
    keep(
        practice, study(1, StudyDate="20260105", StudyTime="110000"), study(2, StudyDate="20260106", StudyTime="230000")
    )
    found = find(port, identifier("STUDY", StudyID=None, **DAYS), negotiate=negotiate)
    assert found.values("StudyID") == expected


@pytest.mark.parametrize(("negotiate", "count"), [(b"", 0), (b"\1\1\0", 0), (b"\1\0\1", 1)])
def test_names_match_fuzzily_where_that_was_agreed(port: int, people: None, negotiate: bytes, count: int) -> None:
    assert len(find(port, identifier("STUDY", PatientName="Mueler^Jorg"), negotiate=negotiate).matches) == count


@pytest.mark.parametrize(
    ("asked", "agreed"),
    [(b"", b""), (b"\1", b"\1"), (b"\1\1\1\1\1", b"\1\1\1\0\0"), (b"\0\1\0", b"\0\1\0"), (b"\2\1", b"\0\1")],
)
def test_what_is_agreed_in_extended_negotiation(asked: bytes, agreed: bytes) -> None:
    assert extended(STUDY_ROOT, asked) == extended(PATIENT_ROOT, asked) == agreed
    assert extended(nodes.CT, asked) == b""


def test_the_negotiation_is_answered(port: int, server: Server) -> None:
    contexts = ((STUDY_ROOT, (nodes.IMPLICIT,)),)
    with nodes.calling(port, contexts, extended={STUDY_ROOT: b"\1\1\1\1"}) as association:
        assert association.user.extended == {STUDY_ROOT: b"\1\1\1\0"}
