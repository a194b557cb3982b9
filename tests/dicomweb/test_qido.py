"""QIDO-RS (PS3.18 10.6): addresses, parameters, headers, rights, and the traps of real clients."""

import gzip
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice, Token, User
from apps.archive.store import Batch, Origin
from tests import dicoms

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"
STUDY, SERIES = dicoms.uid(9, 1), dicoms.uid(9, 1, 1)
ADDRESSES = [
    f"{ROOT}/studies",
    f"{ROOT}/series",
    f"{ROOT}/instances",
    f"{ROOT}/studies/{STUDY}/series",
    f"{ROOT}/studies/{STUDY}/instances",
    f"{ROOT}/studies/{STUDY}/series/{SERIES}/instances",
]


def study(number: int, **attributes: Any) -> bytes:
    uids = {
        "StudyInstanceUID": dicoms.uid(9, number),
        "SeriesInstanceUID": dicoms.uid(9, number, 1),
        "SOPInstanceUID": dicoms.uid(9, number, 1, 1),
    }
    return dicoms.encapsulated_pdf(**(uids | {"StudyID": str(number)} | attributes))


@pytest.fixture(autouse=True)
def studies(practice: Practice) -> None:
    with Batch(Origin("test", practice.pk, "test")) as batch:
        batch.receive([study(1, PatientName="Doe^Jane", PatientID="A", Modality="CT", AccessionNumber="X,1")])
        batch.receive([study(2, PatientName="Müller^Jürgen", PatientID="B", Modality="MR", AccessionNumber="X 2")])
        batch.receive([study(3, PatientName="山田^太郎", PatientID="C", Modality="CT", AccessionNumber="X+3")])
        batch.commit()


def ids(client: Client, query: str = "", address: str = ADDRESSES[0]) -> list[str]:
    response = client.get(f"{address}?{query}")
    assert response.status_code == 200, response.content
    return sorted(row["00200010"]["Value"][0] for row in response.json())


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_answers_in_dicom_json(address: str, client: Client) -> None:
    for slash in ("", "/"):
        response = client.get(address + slash)
        assert response.status_code == 200
        assert response["Content-Type"] == "application/dicom+json"
        assert response.json()


@pytest.mark.parametrize("address", ADDRESSES)
def test_another_practices_user_finds_nothing(address: str, stranger_client: Client) -> None:
    response = stranger_client.get(address)
    assert (response.status_code, response.content) == (200, b"[]")


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_is_not_signed_in_is_told_to(address: str, anonymous: Client) -> None:
    response = anonymous.get(address)
    assert response.status_code == 401
    assert "WWW-Authenticate" in response


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_takes_one_query_once_its_caller_is_known(
    address: str, user: User, anonymous: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    headers = {"Authorization": f"Bearer {Token.issue(user, 'test')[1]}"}
    anonymous.get(address, headers=headers)
    with django_assert_num_queries(1):
        assert anonymous.get(address, headers=headers).json()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("PatientName=doe*", ["1"]),
        ("00100010=doe*", ["1"]),
        ("PatientName=%2Adoe%2A", ["1"]),
        ("PatientName=Doe%5EJane", ["1"]),
        ("PatientName=M%C3%BCller*", ["2"]),
        ("PatientName=MULLER*", ["2"]),
        ("PatientName=%E5%B1%B1%E7%94%B0%5E%E5%A4%AA%E9%83%8E", ["3"]),
        ("PatientName=jurgn&fuzzymatching=true", ["2"]),
        ("PatientName=jurgn&fuzzymatching=false", []),
        (f"StudyInstanceUID={STUDY}%2C{dicoms.uid(9, 3)}", ["1", "3"]),
        (f"StudyInstanceUID={STUDY}%5C{dicoms.uid(9, 3)}", ["1", "3"]),
        (f"StudyInstanceUID={STUDY}&0020000D={dicoms.uid(9, 3)}", ["1", "3"]),
        ("AccessionNumber=X+2", ["2"]),
        ("AccessionNumber=X%202", ["2"]),
        ("AccessionNumber=X%2B3", ["3"]),
        ("AccessionNumber=X,1", ["1"]),
        ("ModalitiesInStudy=CT", ["1", "3"]),
        ("ModalitiesInStudy=CT,MR", ["1", "2", "3"]),
        ("ModalitiesInStudy=CT&ModalitiesInStudy=MR", ["1", "2", "3"]),
        ("PatientID=", ["1", "2", "3"]),
        ("StudyDate=20240229-20240229", ["1", "2", "3"]),
        ("nonsense=1&PatientID=A&patientid=B", ["1"]),
        ("PatientID=nobody", []),
    ],
)
def test_match_keys_are_read_as_clients_write_them(query: str, expected: list[str], client: Client) -> None:
    assert ids(client, query) == expected


def test_what_ohif_asks_for_its_list(client: Client) -> None:
    query = "limit=101&offset=0&fuzzymatching=false&includefield=00081030,00080060,00080090,00100030&PatientName=*doe*"
    assert ids(client, query) == ["1"]


def test_attributes_are_included_by_keyword_tag_list_and_repetition(client: Client) -> None:
    address = ADDRESSES[5]
    for query in ("includefield=DocumentTitle", "includefield=PatientSex,00420010", "includefield=all"):
        (row,) = client.get(f"{address}?{query}&includefield=unknown").json()
        assert row["00420010"]["Value"] == ["Letter"]


@pytest.mark.parametrize("accept", ["application/dicom+json", "application/json", "*/*", "application/*", None])
def test_json_is_given_to_all_who_take_it(accept: str | None, client: Client) -> None:
    response = client.get(ADDRESSES[0], headers={"Accept": accept} if accept else {})
    assert (response.status_code, response["Content-Type"]) == (200, "application/dicom+json")


def test_what_is_not_offered_is_406(client: Client) -> None:
    assert client.get(ADDRESSES[0], headers={"Accept": "text/html"}).status_code == 406
    assert (
        client.get(f"{ADDRESSES[0]}?accept=application/dicom+json", headers={"Accept": "text/html"}).status_code == 200
    )


def test_no_match_is_an_empty_list_even_under_an_unknown_study(client: Client) -> None:
    for address in (
        f"{ROOT}/studies?PatientID=nobody",
        f"{ROOT}/studies/1.2.3/series",
        f"{ROOT}/instances?Modality=XA",
    ):
        response = client.get(address)
        assert (response.status_code, response.content) == (200, b"[]")
        assert response["X-Total-Count"] == "0"


def test_pages_say_how_much_there_is_beyond(client: Client) -> None:
    first = client.get(f"{ADDRESSES[0]}?limit=2")
    assert len(first.json()) == 2
    assert first["Warning"] == '299 fovea "There are 1 additional results that can be requested"'
    assert first["X-Total-Count"] == "3"
    last = client.get(f"{ADDRESSES[0]}?limit=2&offset=2")
    assert len(last.json()) == 1
    assert "Warning" not in last


def test_many_more_are_counted_only_so_far(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.archive.query.search.MAX_COUNTED", 1)
    response = client.get(f"{ADDRESSES[0]}?limit=1")
    assert "There are at least 1 additional results" in response["Warning"]
    assert "X-Total-Count" not in response


def test_keys_that_are_not_indexed_are_named(client: Client) -> None:
    response = client.get(f"{ADDRESSES[0]}?PatientID=A&PatientWeight=70")
    assert len(response.json()) == 1
    assert response["Warning"] == '299 fovea "These attributes are not indexed and were not matched: 00101030"'


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=ten",
        "limit=9999999999",
        "offset=-1",
        "offset=1.5",
        "StudyInstanceUID=1.2.x",
        "StudyDate=yesterday",
        "StudyTime=25",
        "PatientID=%00",
    ],
)
def test_what_cannot_be_read_is_400_in_words(query: str, client: Client) -> None:
    response = client.get(f"{ADDRESSES[0]}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]


def test_a_path_that_is_no_uid_is_400(client: Client) -> None:
    assert client.get(f"{ROOT}/studies/1..2/series").status_code == 400


def test_addresses_in_answers_are_the_clients_own(client: Client) -> None:
    (row,) = client.get(ADDRESSES[5]).json()
    place = f"http://testserver{ADDRESSES[5]}/{dicoms.uid(9, 1, 1, 1)}"
    assert row["00081190"]["Value"] == [place]
    assert client.get(place, headers={"Accept": "application/dicom"}).status_code == 200


def test_long_answers_are_compressed_for_those_who_take_it(client: Client) -> None:
    plain = client.get(ADDRESSES[0])
    packed = client.get(ADDRESSES[0], headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert {plain["Vary"], packed["Vary"]} == {"Accept, Accept-Encoding"}
    empty = client.get(f"{ADDRESSES[0]}?PatientID=nobody", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in empty


def test_head_answers_like_get_and_other_methods_are_refused(client: Client) -> None:
    got, headed = client.get(ADDRESSES[1]), client.head(ADDRESSES[1])
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed["Content-Type"] == got["Content-Type"]
    assert client.put(ADDRESSES[1]).status_code == 405
