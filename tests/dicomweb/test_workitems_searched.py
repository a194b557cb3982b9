"""Searching for workitems (PS3.18 11.9): keys also in sequences, what is returned, paging."""

import pytest
from django.test import Client

from tests.dicomweb.workitems import Ups, asked, code, element, warning_of


@pytest.fixture
def ups(client: Client) -> Ups:
    """Three workitems, of two patients, on three days."""
    ups = Ups(client)
    ups.create(asked("1.2.1"))
    ups.create(asked("1.2.2", t00741200=element("CS", "HIGH"), t00404005=element("DT", "20260311080000")))
    ups.create(asked(
        "1.2.3",
        t00100010=element("PN", {"Alphabetic": "Müller^Ärne"}),
        t00100020=element("LO", "P2"),
        t00404005=element("DT", "20260312080000"),
        t00404025=element("SQ", code("WS7", "Workstation 7")),
    ))  # fmt: skip
    return ups


def uids(ups: Ups, query: str) -> list[str]:
    return [found["00080018"]["Value"][0] for found in ups.found(query)]


@pytest.mark.parametrize(("query", "expected"), [
    ("", ["1.2.1", "1.2.2", "1.2.3"]),
    ("?PatientID=P2", ["1.2.3"]),
    ("?00100020=P*", ["1.2.1", "1.2.2", "1.2.3"]),
    ("?PatientName=muller*", ["1.2.3"]),
    ("?PatientName=Doe&fuzzymatching=true", ["1.2.1", "1.2.2"]),
    ("?ProcedureStepState=SCHEDULED&ScheduledProcedureStepPriority=HIGH", ["1.2.2"]),
    ("?ProcedureStepState=COMPLETED", []),
    ("?SOPInstanceUID=1.2.1,1.2.3", ["1.2.1", "1.2.3"]),
    ("?ScheduledProcedureStepStartDateTime=20260311-20260312", ["1.2.2", "1.2.3"]),
    ("?ScheduledProcedureStepStartDateTime=-20260310120000", ["1.2.1"]),
    ("?ScheduledStationNameCodeSequence.CodeValue=WS7", ["1.2.3"]),
    ("?0040A370.00080050=A1&PatientID=P1", ["1.2.1", "1.2.2"]),
    ("?ReferencedRequestSequence.AccessionNumber=A2", []),
    ("?ScheduledWorkitemCodeSequence.CodeValue=READ&limit=1&offset=1", ["1.2.2"]),
])  # fmt: skip
def test_what_matches(ups: Ups, query: str, expected: list[str]) -> None:
    assert uids(ups, query) == expected


@pytest.mark.parametrize("query", [
    "?limit=many",
    "?PatientName.CodeValue=1",
    "?ScheduledStationNameCodeSequence=WS7",
    "?SOPInstanceUID=abc",
    "?ScheduledProcedureStepStartDateTime=tomorrow",
])  # fmt: skip
def test_what_can_not_be_searched_by(ups: Ups, query: str) -> None:
    assert ups.client.get(f"/dicom-web/workitems{query}").status_code == 400


def test_what_there_is_besides_is_told(ups: Ups) -> None:
    answer = ups.client.get("/dicom-web/workitems?limit=1")
    assert answer["Warning"] == '299 fovea "There are 2 additional results that can be requested"'


def test_return_keys(ups: Ups) -> None:
    """Types 1 and 2 of PS3.4 table CC.2.5-3, what was asked for, or all there is."""
    ups.update({"00081030": element("LO", "Knee"), "00741216": element("SQ")}, "1.2.1")
    plain, more, whole = (ups.found(f"?SOPInstanceUID=1.2.1{rest}")[0]
                          for rest in ("", "&includefield=00081030", "&includefield=all"))  # fmt: skip
    assert {"00741000", "00404041", "00741204", "00100010", "0040A370"} <= set(plain)
    assert "00081030" not in plain
    assert set(more) - set(plain) == {"00081030"}
    assert set(whole) - set(plain) >= {"00081030", "00741216"}


def test_a_match_key_is_returned(ups: Ups) -> None:
    ups.update({"00081030": element("LO", "Knee")}, "1.2.1")
    (found,) = ups.found("?StudyDescription=Knee")
    assert found["00081030"]["Value"] == ["Knee"]


def test_in_xml(ups: Ups) -> None:
    answer = ups.client.get(
        "/dicom-web/workitems", headers={"accept": 'multipart/related; type="application/dicom+xml"'}
    )
    assert answer.content.count(b"<NativeDicomModel") == 3
    assert b"Content-Location: http://testserver/dicom-web/workitems/1.2.3\r\n" in answer.content
    none = ups.client.get(
        "/dicom-web/workitems?PatientID=X", headers={"accept": 'multipart/related; type="application/dicom+xml"'}
    )
    assert none.status_code == 204


def test_retrieved_and_created_in_xml(ups: Ups) -> None:
    xml = ups.client.get("/dicom-web/workitems/1.2.3", headers={"accept": "application/dicom+xml"})
    assert xml["Content-Type"] == "application/dicom+xml"
    body = xml.content.replace(b"1.2.3<", b"1.2.4<")
    made = ups.client.generic("POST", "/dicom-web/workitems", body, content_type="application/dicom+xml")
    assert (made.status_code, warning_of(made)) == (201, "")
    before, after = ups.dataset("1.2.3"), ups.dataset("1.2.4")
    different = {tag for tag in before if before[tag] != after[tag]}
    assert different == {"00080018", "00404010"}


def test_neither_json_nor_xml(ups: Ups) -> None:
    headers = {"accept": "application/pdf"}
    assert ups.client.get("/dicom-web/workitems/1.2.3", headers=headers).status_code == 406
    assert ups.client.get("/dicom-web/workitems", headers=headers).status_code == 406
