"""Metadata and searches in XML (PS3.18 8.7.3.3): one part for each instance or match."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive import metadata
from apps.archive.store import Batch, Origin
from apps.dicom.xml_model import NAMESPACE
from tests import dicoms
from tests.dicomweb.multiparts import parts_of

ROOT = "/dicom-web"
STUDY = f"{ROOT}/studies/{dicoms.STUDY_UID}"
SERIES = f"{STUDY}/series/{dicoms.SERIES_UID}"
INSTANCE = f"{SERIES}/instances/{dicoms.uid(1, 1, 1)}"
XML = 'multipart/related; type="application/dicom+xml"'


@pytest.fixture(autouse=True)
def slices(practice: Practice) -> None:
    with Batch(Origin("test", practice.pk, "test")) as batch:
        for data in [*dicoms.ct_series(3), dicoms.secondary_capture()]:
            batch.receive([data])
        batch.commit()


def documents(response: Any) -> list[ET.Element]:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return [ET.fromstring(content) for _, content in parts_of(response["Content-Type"], body)]


def value(document: ET.Element, keyword: str) -> str | None:
    return document.findtext(f"./{{{NAMESPACE}}}DicomAttribute[@keyword='{keyword}']/*")


@pytest.mark.parametrize(("address", "count"), [(STUDY, 4), (SERIES, 3), (INSTANCE, 1)])
def test_metadata_comes_in_xml_with_one_part_for_each_instance(client: Client, address: str, count: int) -> None:
    """PS3.18 10.4.1.1.2, 8.7.3.3."""
    response = client.get(f"{address}/metadata", headers={"accept": XML})
    assert response["Content-Type"].startswith(XML)
    found = documents(response)
    assert len(found) == count
    assert value(found[0], "SOPInstanceUID") == dicoms.uid(1, 1, 1)


def test_a_part_says_where_it_is_from_and_what_it_is(client: Client) -> None:
    response = client.get(f"{INSTANCE}/metadata", headers={"accept": XML})
    ((headers, content),) = parts_of(response["Content-Type"], response.content)
    assert headers["content-type"] == "application/dicom+xml"
    assert headers["content-location"] == f"http://testserver{INSTANCE}/metadata"
    assert f'uri="http://testserver{INSTANCE}/bulkdata/7FE00010"'.encode() in content


def test_one_instance_comes_as_a_document_alone(client: Client) -> None:
    response = client.get(f"{INSTANCE}/metadata", headers={"accept": "application/dicom+xml"})
    assert response["Content-Type"] == "application/dicom+xml"
    assert value(ET.fromstring(response.content), "PatientID") == "P1"


def test_json_and_xml_of_the_same_metadata_have_validators_of_their_own(client: Client) -> None:
    """RFC 9110 8.8.3."""
    json, xml = (client.get(f"{SERIES}/metadata", headers={"accept": form}) for form in ("*/*", XML))
    assert json["ETag"] != xml["ETag"]
    assert "Accept," in xml["Vary"]
    again = client.get(f"{SERIES}/metadata", headers={"accept": XML, "if-none-match": xml["ETag"]})
    assert again.status_code == 304


def test_a_long_series_is_fetched_in_portions(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "ROWS_AT_ONCE", 2)
    found = documents(client.get(f"{SERIES}/metadata", headers={"accept": XML}))
    assert [value(document, "InstanceNumber") for document in found] == ["1", "2", "3"]


def test_metadata_in_xml_is_no_way_around_rights(stranger_client: Client, anonymous: Client) -> None:
    for address in (STUDY, SERIES, INSTANCE):
        assert stranger_client.get(f"{address}/metadata", headers={"accept": XML}).status_code == 404
        assert anonymous.get(f"{address}/metadata", headers={"accept": XML}).status_code == 401


def test_a_search_is_answered_in_xml(client: Client) -> None:
    """PS3.18 10.6.3."""
    response = client.get(f"{SERIES}/instances", headers={"accept": XML})
    found = documents(response)
    assert {value(document, "InstanceNumber") for document in found} == {"1", "2", "3"}
    assert (
        value(
            found[0],
            "RetrieveURL",
        )
        == f"http://testserver{SERIES}/instances/{value(found[0], 'SOPInstanceUID')}"
    )


def test_a_search_in_xml_without_a_match_has_no_content(client: Client) -> None:
    """PS3.18 8.3.4.4.1: a multipart body can't be empty."""
    response = client.get(f"{ROOT}/studies?PatientID=nobody", headers={"accept": XML})
    assert (response.status_code, response.content) == (204, b"")


def test_an_answer_in_xml_says_what_was_left_out_too(client: Client) -> None:
    """PS3.18 8.3.4.4."""
    response = client.get(f"{SERIES}/instances?limit=1", headers={"accept": XML})
    assert "additional results" in response["Warning"]
