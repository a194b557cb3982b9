"""STOW-RS as clients meet it (PS3.18 10.5): what is stored, what is answered, and who may."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.archive.models import Instance, Study
from apps.core.errors import OutOfSpace
from apps.dicomweb import stow
from tests import databases, dicoms

STUDIES = "/dicom-web/studies"
# On PostgreSQL a batch locks its study; SQLite has one writer anyway.
LOCKS = int(databases.IS_POSTGRESQL)
BOUNDARY = "0f3cf5c0-70e0-41ef"
TYPE = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'

FAILED, STORED, OTHERS = "00081198", "00081199", "0008119A"


def body_of(*objects: bytes, header: bytes = b"Content-Type: application/dicom\r\n", start: bytes = b"") -> bytes:
    delimiter = b"--" + BOUNDARY.encode()
    whole = b"".join(delimiter + b"\r\n" + header + b"\r\n" + each + b"\r\n" for each in objects)
    return start + whole + delimiter + b"--\r\n"


def post(client: Client, body: bytes, content_type: str = TYPE, path: str = STUDIES, **headers: Any) -> Any:
    return client.post(path, body, content_type=content_type, **headers)


def items(response: Any, tag: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = response.json().get(tag, {}).get("Value", [])
    return found


def value(item: dict[str, Any], tag: str) -> Any:
    return item[tag]["Value"][0]


def test_stored_instances_are_answered_with_where_they_are(client: Client) -> None:
    response = post(client, body_of(*dicoms.ct_series(3)))
    study = f"http://testserver/dicom-web/studies/{dicoms.STUDY_UID}"
    assert (response.status_code, response["Content-Type"]) == (200, "application/dicom+json")
    assert value(response.json(), "00081190") == study
    first = items(response, STORED)[0]
    assert value(first, "00081155") == dicoms.uid(1, 1, 1)
    assert value(first, "00081190") == f"{study}/series/{dicoms.SERIES_UID}/instances/{dicoms.uid(1, 1, 1)}"
    assert FAILED not in response.json()
    assert Instance.objects.count() == 3


def test_what_is_stored_comes_back_byte_for_byte(client: Client) -> None:
    original = dicoms.ct_slice()
    post(client, body_of(original))
    path = f"{STUDIES}/{dicoms.STUDY_UID}/series/{dicoms.SERIES_UID}/instances/{dicoms.uid(1, 1, 1)}"
    response = client.get(path, HTTP_ACCEPT="application/dicom; transfer-syntax=*")
    assert response.content == original


def test_one_object_alone_is_stored(client: Client) -> None:
    response = post(client, dicoms.ct_slice(), "application/dicom")
    assert (response.status_code, len(items(response, STORED))) == (200, 1)


def test_the_same_again_is_a_success_and_stored_once(client: Client) -> None:
    post(client, body_of(dicoms.ct_slice()))
    response = post(client, body_of(dicoms.ct_slice()))
    assert (response.status_code, Instance.objects.count()) == (200, 1)


def test_other_bytes_under_a_known_uid_fail_and_are_kept_aside(client: Client) -> None:
    post(client, body_of(dicoms.ct_slice()))
    response = post(client, body_of(dicoms.ct_slice(PatientName="Other^Name")))
    failure = items(response, FAILED)[0]
    assert (response.status_code, value(failure, "00081197")) == (409, 0x0111)
    assert "quarantine" in value(failure, "00091001")
    assert "quarantine" in response["Warning"]


def test_a_bad_object_among_good_ones_is_told_and_the_good_are_stored(client: Client) -> None:
    response = post(client, body_of(dicoms.ct_slice(), b"no DICOM at all" * 20))
    assert response.status_code == 202
    assert len(items(response, STORED)) == 1
    assert value(items(response, OTHERS)[0], "00081197") == 0xC000
    assert "no DICOM" in response["Warning"]


def test_nothing_but_bad_objects_is_a_conflict(client: Client) -> None:
    response = post(client, body_of(b"junk" * 100))
    assert (response.status_code, STORED in response.json()) == (409, False)


def test_an_object_of_another_study_than_the_address_fails_alone(client: Client) -> None:
    other = dicoms.ct_slice(StudyInstanceUID=dicoms.uid(9), SOPInstanceUID=dicoms.uid(9, 1))
    response = post(client, body_of(dicoms.ct_slice(), other), path=f"{STUDIES}/{dicoms.STUDY_UID}")
    assert response.status_code == 202
    assert value(items(response, FAILED)[0], "00081155") == dicoms.uid(9, 1)
    assert list(Study.objects.values_list("study_instance_uid", flat=True)) == [dicoms.STUDY_UID]


def test_several_studies_in_one_body_have_no_address_in_common(client: Client) -> None:
    other = dicoms.ct_slice(StudyInstanceUID=dicoms.uid(9), SOPInstanceUID=dicoms.uid(9, 1))
    response = post(client, body_of(dicoms.ct_slice(), other))
    assert response.json()["00081190"] == {"vr": "UR"}


def test_what_was_tolerated_is_a_warning(client: Client) -> None:
    response = post(client, body_of(dicoms.ct_slice() + b"behind"))
    assert (response.status_code, FAILED in response.json()) == (202, False)
    assert value(items(response, STORED)[0], "00081196") == 0xB007


@pytest.mark.parametrize(
    "content_type",
    [
        f"multipart/related; type=application/dicom; boundary={BOUNDARY}",
        f"Multipart/Related;boundary={BOUNDARY}",
        f'multipart/related; boundary="{BOUNDARY}"; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.1',
    ],
)
def test_the_content_type_is_taken_as_clients_write_it(client: Client, content_type: str) -> None:
    assert post(client, body_of(dicoms.ct_slice()), content_type).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        body_of(dicoms.ct_slice(), start=b"\r\n"),
        body_of(dicoms.ct_slice(), start=b"preamble\r\n"),
        body_of(dicoms.ct_slice(), header=b""),
        body_of(dicoms.ct_slice(), header=b"Content-Type: application/dicom; transfer-syntax=1.2\n"),
        body_of(dicoms.ct_slice(Rows=2, Columns=10, PixelData=b"\r\n\r\n--" + BOUNDARY.encode() + b"!" + bytes(15))),
    ],
    ids=["OHIF's CRLF", "text before", "no part header", "LF in the header", "pixels like a boundary"],
)
def test_the_body_is_taken_as_clients_write_it(client: Client, body: bytes) -> None:
    assert post(client, body).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/pdf", 415),
        ('multipart/related; type="image/jpeg"; boundary=x', 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
        ('multipart/related; type="application/dicom"', 400),
        ('multipart/related; type="application/dicom"; boundary=wrong', 400),
    ],
)
def test_a_body_of_another_kind_is_refused(client: Client, content_type: str, status: int) -> None:
    response = post(client, body_of(dicoms.ct_slice()), content_type)
    assert (response.status_code, Instance.objects.count()) == (status, 0)


@pytest.mark.parametrize("accept", ["*/*", "", "application/json", "application/dicom+xml;q=0.9, */*;q=0.1"])
def test_the_answer_is_json_for_whoever_takes_it(client: Client, accept: str) -> None:
    assert post(client, body_of(dicoms.ct_slice()), HTTP_ACCEPT=accept).status_code == 200


def test_the_answer_is_xml_for_who_takes_that_alone(client: Client) -> None:
    """PS3.18 10.5.3.3."""
    response = post(client, body_of(dicoms.ct_slice()), HTTP_ACCEPT="application/dicom+xml")
    assert (response.status_code, response["Content-Type"]) == (200, "application/dicom+xml")
    root = ET.fromstring(response.content)
    assert [attribute.get("keyword") for attribute in root] == ["RetrieveURL", "ReferencedSOPSequence"]


def test_who_takes_neither_json_nor_xml_gets_nothing_stored(client: Client) -> None:
    response = post(client, body_of(dicoms.ct_slice()), HTTP_ACCEPT="text/html")
    assert (response.status_code, Instance.objects.count()) == (406, 0)


@pytest.mark.parametrize("cut", [10, 400, 5000])
def test_a_body_that_ends_early_stores_nothing(client: Client, cut: int) -> None:
    body = body_of(*dicoms.ct_series(2))
    response = post(client, body[: len(body) - cut])
    assert (response.status_code, Instance.objects.count()) == (400, 0)
    assert "ends within part 2" in response.json()["detail"]


@pytest.mark.parametrize(("body", "content_type"), [(b"", "application/dicom"), (body_of(), TYPE), (b"", TYPE)])
def test_an_empty_body_is_no_store(client: Client, body: bytes, content_type: str) -> None:
    assert post(client, body, content_type, CONTENT_TYPE=content_type).status_code == 400


def test_a_body_beyond_the_limit_is_too_large(client: Client, settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 1000
    assert post(client, body_of(dicoms.ct_slice())).status_code == 413


def test_an_object_beyond_the_limit_fails_alone(client: Client, settings: Settings) -> None:
    settings.MAX_INSTANCE_BYTES = 20_000
    response = post(client, body_of(dicoms.ct_slice(Rows=256, Columns=256), dicoms.ct_slice(InstanceNumber=2)))
    assert (response.status_code, len(items(response, STORED)), len(items(response, OTHERS))) == (202, 1, 1)
    assert value(items(response, OTHERS)[0], "00081197") == 0xA700


def test_a_full_disk_is_told_and_nothing_is_half_stored(client: Client, settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 1 << 60
    response = post(client, body_of(dicoms.ct_slice()))
    assert (response.status_code, response.json()["title"]) == (507, OutOfSpace.title)
    assert Instance.objects.count() == 0


def test_a_stranger_stores_into_the_own_practice_and_touches_no_other(
    client: Client, stranger_client: Client, practice: Practice, other_practice: Practice
) -> None:
    post(client, body_of(dicoms.ct_slice()))
    response = post(stranger_client, body_of(dicoms.ct_slice(InstanceNumber=2)))
    assert response.status_code == 200
    counts = dict(Study.objects.values_list("practice_id", "instance_count"))
    assert counts == {practice.pk: 1, other_practice.pk: 1}


@pytest.mark.usefixtures("practice")
def test_nobody_stores_nothing(anonymous: Client) -> None:
    response = post(anonymous, body_of(dicoms.ct_slice()))
    assert (response.status_code, Instance.objects.count()) == (401, 0)


def test_a_page_of_another_site_stores_nothing(client: Client) -> None:
    response = post(client, body_of(dicoms.ct_slice()), HTTP_SEC_FETCH_SITE="cross-site")
    assert (response.status_code, Instance.objects.count()) == (403, 0)


def test_a_user_without_a_practice_is_told_so(client: Client, user: User) -> None:
    user.grants.all().delete()
    response = post(client, body_of(dicoms.ct_slice()))
    assert (response.status_code, "practice" in response.json()["detail"]) == (403, True)


@pytest.mark.parametrize("count", [1, 10])
def test_the_queries_of_a_batch_do_not_grow_with_it(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    post(client, body_of(dicoms.ct_slice(InstanceNumber=99)))
    body = body_of(*dicoms.ct_series(count))
    with django_assert_num_queries(9 + LOCKS):
        assert post(client, body).status_code == 200


def test_the_way_in_is_on_record(client: Client) -> None:
    post(client, body_of(dicoms.ct_slice()))
    assert Study.objects.get().source == stow.WAY
