"""Reports as pages and texts, encapsulated documents as the files that they are."""

import re

import pytest
from django.test import Client

from apps.accounts.models import Practice
from tests import dicoms, documents
from tests.dicomweb.test_wado import body, keep, place

pytestmark = pytest.mark.django_db
CDA, STL, OBJ, MTL = (f"1.2.840.10008.5.1.4.1.1.104.{kind}" for kind in (2, 3, 4, 5))


@pytest.fixture
def report(practice: Practice) -> bytes:
    data = documents.report(
        documents.item("TEXT", "Impression", TextValue="A mass.\nNo <b>other</b> finding & nothing else."),
        documents.item("CODE", "Site", ConceptCodeSequence=[documents.code("Liver", "10200004", "SCT")]),
        documents.item(
            "CONTAINER",
            "Measurements",
            ContentSequence=[documents.number("Diameter", "12.0", "mm"), documents.image(dicoms.uid(1, 1, 1), frame=3)],
        ),
        documents.item("DATETIME", "Seen", DateTime="20240301101530"),
        documents.item("PNAME", "Reader", PersonName="Roe^Richard"),
        documents.image("1.2.3.4.5", name="Elsewhere"),
    )
    keep(practice, data)
    return data


def visible(page: str) -> str:
    """The text of a page, without its tags and style."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)).split())


@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_a_report_is_a_page(client: Client, report: bytes, accept: str) -> None:
    """PS3.18 table 8.7.4-1"""
    response = client.get(f"{place(report)}/rendered", headers={"accept": accept})
    shown = visible(response.content.decode())
    assert response["Content-Type"] == "text/html; charset=utf-8"
    for said in ("Findings", "Doe, Jane", "2024-03-01 10:15:30", "Liver", "SCT 10200004", "12 mm", "Roe, Richard"):
        assert said in shown, said


def test_nothing_of_a_report_becomes_markup(client: Client, practice: Practice) -> None:
    evil = "<script>alert(1)</script>\" onload='x'"
    data = documents.report(
        documents.item("TEXT", evil, TextValue=evil),
        documents.item("CODE", "c", ConceptCodeSequence=[documents.code(evil, evil[:16], evil[:16])]),
        title=evil,
        PatientName=evil,
        SeriesDescription=evil,
    )
    keep(practice, data)
    page = client.get(f"{place(data)}/rendered").content.decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"<[a-z]+ [^>]*onload", page)


def test_a_page_of_a_report_may_run_and_load_next_to_nothing(client: Client, report: bytes) -> None:
    policy = client.get(f"{place(report)}/rendered")["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_images_of_a_report_are_linked_where_the_evidence_tells_their_series(client: Client, report: bytes) -> None:
    page = client.get(f"{place(report)}/rendered").content.decode()
    known = f"/studies/{dicoms.STUDY_UID}/series/{dicoms.SERIES_UID}/instances/{dicoms.uid(1, 1, 1)}/frames/3"
    assert f'{known}/rendered"' in page
    assert f'{known}/thumbnail"' in page
    assert "1.2.3.4.5/rendered" not in page
    assert "1.2.3.4.5" in page


def test_a_report_is_plain_text(client: Client, report: bytes) -> None:
    response = client.get(f"{place(report)}/rendered", headers={"accept": "text/plain"})
    lines = response.content.decode().splitlines()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "  Diameter: 12 mm" in lines
    assert "Impression: A mass." in lines


def test_a_key_object_selection_shows_its_images(client: Client, practice: Practice) -> None:
    data = documents.report(
        documents.image(dicoms.uid(1, 1, 1)),
        title="For Referring Provider",
        sop_class=documents.KEY_OBJECTS,
        Modality="KO",
    )
    keep(practice, data)
    page = client.get(f"{place(data)}/rendered").content.decode()
    assert "For Referring Provider" in page
    assert f"{dicoms.uid(1, 1, 1)}/thumbnail" in page


def test_a_report_is_no_image_but_has_a_thumbnail(client: Client, report: bytes) -> None:
    assert client.get(f"{place(report)}/rendered", headers={"accept": "image/png"}).status_code == 406
    assert client.get(f"{place(report)}/thumbnail")["Content-Type"] == "image/jpeg"


def test_a_report_has_a_validator(client: Client, report: bytes) -> None:
    address = f"{place(report)}/rendered"
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("sop_class", "media_type", "content"),
    [
        (CDA, "text/xml", b"<?xml version='1.0'?><ClinicalDocument/>"),
        (STL, "model/stl", b"solid x\nendsolid x\n"),
        (OBJ, "model/obj", b"v 0 0 0\n"),
        (MTL, "model/mtl", b"newmtl a\n"),
        (STL, "model/stl", bytes(range(256)) * 800 + b"odd"),
    ],
)
def test_a_document_is_the_file_that_it_is(
    client: Client, practice: Practice, sop_class: str, media_type: str, content: bytes
) -> None:
    data = documents.document(sop_class, content)
    keep(practice, data)
    response = client.get(f"{place(data)}/rendered")
    assert response["Content-Type"] == media_type
    assert body(response) == content
    assert response["Content-Security-Policy"].startswith("sandbox;")


def test_a_presentation_state_says_what_to_ask_for(client: Client, practice: Practice) -> None:
    data = documents.document("1.2.840.10008.5.1.4.1.1.11.1", b"", Modality="PR", EncapsulatedDocument=None)
    keep(practice, data)
    response = client.get(f"{place(data)}/rendered")
    assert response.status_code == 406
    assert "images that it refers to" in response.json()["detail"]
    assert client.get(f"{place(data)}/thumbnail").status_code == 200


def test_reports_are_for_their_own_practice(
    client: Client, stranger_client: Client, anonymous: Client, report: bytes
) -> None:
    address = f"{place(report)}/rendered"
    assert [each.get(address).status_code for each in (client, stranger_client, anonymous)] == [200, 404, 401]
