"""C-FIND: every level of both models, as pynetdicom's client asks, and what answers hold (PS3.4 C.4.1)."""

from typing import Any

import pytest
from pydicom import Dataset

from apps.accounts.models import Practice
from apps.dicom.network.command import Status
from apps.dimse.server import Server
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.dimse import nodes
from tests.dimse.finding import PATIENT_ROOT, STUDY_ROOT, find, identifier, study

SOP_CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.fixture
def studies(server: Server, practice: Practice) -> None:
    """Jane's two studies, of which the first has two series, and John's one."""
    jane: dict[str, Any] = {"PatientName": "Doe^Jane", "PatientID": "P1", "PatientBirthDate": "19700101"}
    first = jane | {"StudyDate": "20260105", "StudyTime": "101500", "StudyDescription": "Jaw", "AccessionNumber": "X1"}
    second = jane | {"StudyDate": "20260210", "StudyTime": "081500", "StudyDescription": "Tooth"}
    john = {
        "PatientName": "Roe^John",
        "PatientID": "P2",
        "StudyDescription": "Arm",
        "StudyDate": "20260301",
        "StudyTime": "120000",
    }
    keep(
        practice,
        *(study(1, instance=number, **first) for number in (1, 2, 3)),
        study(1, series=2, Modality="PX", **first),
        study(2, Modality="IO", **second),
        study(3, **john),
    )


ALL = ["1", "2", "3"]


@pytest.mark.parametrize("model", [PATIENT_ROOT, STUDY_ROOT])
@pytest.mark.parametrize("syntax", [nodes.IMPLICIT, nodes.EXPLICIT])
@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ALL),
        ({"PatientID": "P1"}, ["1", "2"]),
        ({"PatientID": "p1"}, []),
        ({"PatientID": "P?", "StudyDescription": "T*"}, ["2"]),
        ({"PatientName": "doe^jane"}, ["1", "2"]),
        ({"PatientName": "*Jo*"}, ["3"]),
        ({"StudyDate": "20260201-20260228"}, ["2"]),
        ({"StudyDate": "-20260210"}, ["1", "2"]),
        ({"StudyDate": "20260210-"}, ["2", "3"]),
        ({"StudyTime": "1000-1030"}, ["1"]),
        ({"StudyInstanceUID": [dicoms.uid(9, 1), dicoms.uid(9, 3)]}, ["1", "3"]),
        ({"AccessionNumber": "X1"}, ["1"]),
        ({"ModalitiesInStudy": "PX"}, ["1"]),
        ({"ModalitiesInStudy": ["PX", "IO"]}, ["1", "2"]),
        ({"SeriesInstanceUID": dicoms.uid(9, 2, 1)}, ["2"]),
        ({"InstanceNumber": 3}, ["1"]),
    ],
)
def test_studies(port: int, studies: None, model: str, syntax: str, keys: dict[str, Any], expected: list[str]) -> None:
    found = find(port, identifier("STUDY", **({"StudyID": None} | keys)), model=model, syntax=syntax)
    assert found.status == Status.SUCCESS
    assert found.values("StudyID") == expected


SERIES = {"StudyInstanceUID": dicoms.uid(9, 1), "SeriesInstanceUID": None}
IMAGES = SERIES | {"SeriesInstanceUID": dicoms.uid(9, 1, 1), "SOPInstanceUID": None}


@pytest.mark.parametrize("model", [PATIENT_ROOT, STUDY_ROOT])
@pytest.mark.parametrize(
    ("level", "keys", "keyword", "expected"),
    [
        ("SERIES", SERIES, "SeriesInstanceUID", [dicoms.uid(9, 1, 1), dicoms.uid(9, 1, 2)]),
        ("SERIES", SERIES | {"Modality": "PX"}, "SeriesInstanceUID", [dicoms.uid(9, 1, 2)]),
        ("SERIES", {"Modality": "IO", "StudyID": None}, "StudyID", ["2"]),
        ("SERIES", SERIES | {"PatientID": "P2"}, "SeriesInstanceUID", []),
        ("IMAGE", IMAGES | {"InstanceNumber": None}, "InstanceNumber", ["1", "2", "3"]),
        ("IMAGE", IMAGES | {"InstanceNumber": 2}, "SOPInstanceUID", [dicoms.uid(9, 1, 1, 2)]),
        ("IMAGE", {"PatientID": "P2", "SOPInstanceUID": None}, "SOPInstanceUID", [dicoms.uid(9, 3, 1, 1)]),
        ("IMAGE", {"PatientName": "Doe*", "Modality": "PX", "Rows": None}, "Rows", ["8"]),
    ],
)
def test_series_and_images_with_their_parents_or_without(
    port: int, studies: None, model: str, level: str, keys: dict[str, Any], keyword: str, expected: list[str]
) -> None:
    found = find(port, identifier(level, **keys), model=model)
    assert (found.status, found.values(keyword)) == (Status.SUCCESS, expected)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ["P1", "P2"]),
        ({"PatientID": "P1"}, ["P1"]),
        ({"PatientID": "P*"}, ["P1", "P2"]),
        ({"PatientName": "ROE^*"}, ["P2"]),
        ({"PatientBirthDate": "19700101"}, ["P1"]),
        ({"StudyDate": "20260301"}, ["P2"]),
        ({"Modality": "IO"}, ["P1"]),
    ],
)
def test_patients(port: int, studies: None, keys: dict[str, Any], expected: list[str]) -> None:
    found = find(port, identifier("PATIENT", **({"PatientID": None} | keys)), model=PATIENT_ROOT)
    assert (found.status, found.values("PatientID")) == (Status.SUCCESS, expected)


def test_a_patient_is_counted(port: int, studies: None) -> None:
    counts = {
        "NumberOfPatientRelatedStudies": 2,
        "NumberOfPatientRelatedSeries": 3,
        "NumberOfPatientRelatedInstances": 5,
    }
    asked = identifier("PATIENT", PatientID="P1", PatientName=None, **dict.fromkeys(counts))
    (patient,) = find(port, asked, model=PATIENT_ROOT).matches
    assert {keyword: patient[keyword].value for keyword in counts} == counts
    assert patient.PatientName == "Doe^Jane"


def test_a_study_s_answer_holds_what_was_asked_for_and_where_to_get_it(port: int, studies: None) -> None:
    keys = [
        *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber"),
        *("StudyID", "StudyDescription", "ModalitiesInStudy", "SOPClassesInStudy", "NumberOfStudyRelatedSeries"),
        *("NumberOfStudyRelatedInstances", "NumberOfPatientRelatedStudies", "ReferringPhysicianName"),
        "OtherPatientIDs",
    ]
    found = find(port, identifier("STUDY", StudyInstanceUID=dicoms.uid(9, 1), **dict.fromkeys(keys)))
    (match,) = found.matches
    assert {element.keyword for element in match} == {
        *keys, "StudyInstanceUID", "QueryRetrieveLevel", "RetrieveAETitle", "InstanceAvailability",
    }  # fmt: skip
    assert (match.QueryRetrieveLevel, match.RetrieveAETitle, match.InstanceAvailability) == ("STUDY", "FOVEA", "ONLINE")
    assert list(match.ModalitiesInStudy) == ["CT", "PX"]
    assert match.SOPClassesInStudy == SOP_CT
    assert (match.NumberOfStudyRelatedSeries, match.NumberOfStudyRelatedInstances) == (2, 4)
    assert match.NumberOfPatientRelatedStudies == 2
    assert (match.StudyDate, match.StudyTime, match.AccessionNumber) == ("20260105", "101500", "X1")


@pytest.mark.parametrize(
    ("level", "keys", "expected"),
    [
        ("STUDY", {"PatientID": "P1", "OtherPatientIDs": None}, Status.PENDING),
        ("STUDY", {"PatientID": "P1", "BodyPartExamined": None}, Status.PENDING_WARNING),
        ("STUDY", {"PatientID": "P1", "PatientComments": "anything"}, Status.PENDING_WARNING),
        ("SERIES", {"PatientID": "P1", "BodyPartExamined": None}, Status.PENDING),
        ("IMAGE", {"PatientID": "P1", "KVP": None}, Status.PENDING),
        ("IMAGE", {"PatientID": "P1", "KVP": "60"}, Status.PENDING_WARNING),
    ],
)
def test_optional_keys_that_are_not_supported_are_warned_of(
    port: int, studies: None, level: str, keys: dict[str, Any], expected: int
) -> None:
    assert find(port, identifier(level, **keys)).pending == {expected}


def test_what_only_headers_have_comes_too(port: int, server: Server, practice: Practice) -> None:
    keep(practice, study(1, PatientBirthTime="081500", Manufacturer="Maker", KVP="60"))
    (match,) = find(port, identifier("STUDY", PatientBirthTime=None)).matches
    assert match.PatientBirthTime == "081500"
    (match,) = find(port, identifier("PATIENT", PatientBirthTime=None), model=PATIENT_ROOT).matches
    assert match.PatientBirthTime == "081500"
    (match,) = find(port, identifier("SERIES", Manufacturer=None)).matches
    assert match.Manufacturer == "Maker"
    (match,) = find(port, identifier("IMAGE", KVP=None)).matches
    assert match.KVP == 60


def request(accession: str, step: str, procedure: str | None = None) -> Dataset:
    item = Dataset()
    item.AccessionNumber, item.ScheduledProcedureStepID, item.RequestedProcedureID = accession, step, procedure
    return item


def test_sequences_match_by_one_item_and_come_as_they_were_asked_for(
    port: int, server: Server, practice: Practice
) -> None:
    keep(practice, study(1, RequestAttributesSequence=[request("A", "1", "R1"), request("B", "2", "R2")]))
    for step, matches in (("2", 1), ("1", 0)):
        item = request("B", step)
        assert len(find(port, identifier("SERIES", RequestAttributesSequence=[item])).matches) == matches
    (match,) = find(port, identifier("SERIES", RequestAttributesSequence=[request("A", "")])).matches
    first, _second = match.RequestAttributesSequence
    assert [element.keyword for element in first] == [
        "AccessionNumber", "ScheduledProcedureStepID", "RequestedProcedureID",
    ]  # fmt: skip
    for universal in ([], [Dataset()]):
        (match,) = find(port, identifier("SERIES", RequestAttributesSequence=universal)).matches
        assert [item.RequestedProcedureID for item in match.RequestAttributesSequence] == ["R1", "R2"]
