"""WADO-RS: what is stored comes out as it went in, to those who may have it and to nobody else."""

import gzip
from collections.abc import Callable
from typing import Any

import pydicom
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice
from apps.audit import access
from apps.audit.models import Event
from tests import dicoms
from tests.dicomweb.archive import ROOT, keep, place
from tests.dicomweb.multiparts import parts_of

pytestmark = pytest.mark.django_db

Place = Callable[..., str]
MULTIPART_DICOM = 'multipart/related; type="application/dicom"'
MULTIPART_OCTETS = "multipart/related; type=application/octet-stream; transfer-syntax=*"
STUDY, SERIES = dicoms.uid(1), dicoms.uid(1, 1)


def study_of(data: bytes) -> str:
    return place(data).partition("/series/")[0]


def series_of(data: bytes) -> str:
    return place(data).partition("/instances/")[0]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def slices(practice: Practice) -> list[bytes]:
    slices = dicoms.ct_series(3)
    keep(practice, *slices)
    return slices


@pytest.mark.parametrize("where", [study_of, series_of])
def test_a_study_and_a_series_come_whole_in_order(
    client: Client, slices: list[bytes], where: Callable[[bytes], str]
) -> None:
    response = client.get(where(slices[0]), headers={"accept": MULTIPART_DICOM})
    parts = parts_of(response["Content-Type"], body(response))
    assert [content for _, content in parts] == slices
    assert parts[0][0]["content-type"] == "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
    assert parts[0][0]["content-location"].endswith(place(slices[0]))


def test_an_instance_comes_as_multipart_or_alone(client: Client, slices: list[bytes]) -> None:
    whole = client.get(place(slices[0]), headers={"accept": MULTIPART_DICOM})
    alone = client.get(place(slices[0]), headers={"accept": "application/dicom"})
    assert parts_of(whole["Content-Type"], whole.content)[0][1] == alone.content == slices[0]
    assert int(alone["Content-Length"]) == len(slices[0])


def test_metadata_at_three_levels_agree(client: Client, slices: list[bytes]) -> None:
    of_instances = [client.get(f"{place(data)}/metadata").json()[0] for data in slices]
    assert client.get(f"{series_of(slices[0])}/metadata").json() == of_instances
    assert client.get(f"{study_of(slices[0])}/metadata").json() == of_instances


def test_metadata_says_where_the_pixels_are_and_how_they_are_stored(client: Client, slices: list[bytes]) -> None:
    header = client.get(f"{place(slices[0])}/metadata").json()[0]
    uri = header["7FE00010"]["BulkDataURI"]
    assert uri == f"http://testserver{place(slices[0])}/bulkdata/7FE00010"
    assert header["00083002"]["Value"] == ["1.2.840.10008.1.2.1"]
    pixels = client.get(uri.removeprefix("http://testserver"), headers={"accept": "application/octet-stream"})
    assert pixels.content == pydicom.dcmread(pydicom.filebase.DicomBytesIO(slices[0])).PixelData


def test_metadata_of_several_series_is_one_array(client: Client, practice: Practice, slices: list[bytes]) -> None:
    keep(practice, dicoms.ct_slice(InstanceNumber=9, SeriesInstanceUID=dicoms.uid(5)))
    found = client.get(f"{study_of(slices[0])}/metadata").json()
    assert len(found) == 4


def test_metadata_is_gzipped_for_who_takes_it(client: Client, slices: list[bytes]) -> None:
    plain = client.get(f"{series_of(slices[0])}/metadata")
    packed = client.get(f"{series_of(slices[0])}/metadata", headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Vary"] == plain["Vary"] == "Accept, Accept-Encoding"


def test_metadata_follows_what_is_stored_later(client: Client, practice: Practice, slices: list[bytes]) -> None:
    address = f"{series_of(slices[0])}/metadata"
    first = client.get(address)
    unchanged = client.get(address, headers={"if-none-match": first["ETag"]})
    keep(practice, dicoms.ct_slice(InstanceNumber=4))
    changed = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, len(changed.json())) == (200, 4)


def test_a_frame_is_its_bare_pixels(client: Client, slices: list[bytes]) -> None:
    response = client.get(f"{place(slices[1])}/frames/1", headers={"accept": MULTIPART_OCTETS})
    ((headers, pixels),) = parts_of(response["Content-Type"], response.content)
    assert headers["content-type"] == "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    assert pixels == pydicom.dcmread(pydicom.filebase.DicomBytesIO(slices[1])).PixelData
    alone = client.get(f"{place(slices[1])}/frames/1", headers={"accept": "application/octet-stream"})
    assert alone.content == pixels


def test_frames_come_in_the_order_asked_for(client: Client, practice: Practice) -> None:
    data = dicoms.multi_frame(5)
    keep(practice, data)
    pixels = pydicom.dcmread(pydicom.filebase.DicomBytesIO(data)).PixelData
    size = len(pixels) // 5
    response = client.get(f"{place(data)}/frames/4,1,5", headers={"accept": MULTIPART_OCTETS})
    found = [content for _, content in parts_of(response["Content-Type"], response.content)]
    assert found == [pixels[(n - 1) * size : n * size] for n in (4, 1, 5)]


def test_a_compressed_frame_is_its_bitstream(client: Client, practice: Practice) -> None:
    bitstreams = [dicoms.jpeg_like(fill=1), dicoms.jpeg_like(fill=2)]
    data = dicoms.encapsulated(bitstreams, fragments_per_frame=2)
    keep(practice, data)
    response = client.get(f"{place(data)}/frames/2", headers={"accept": MULTIPART_OCTETS})
    ((headers, content),) = parts_of(response["Content-Type"], response.content)
    assert headers["content-type"].endswith("transfer-syntax=1.2.840.10008.1.2.4.50")
    assert content.rstrip(b"\0") == bitstreams[1].rstrip(b"\0")
    jpeg = client.get(f"{place(data)}/frames/1", headers={"accept": "image/jpeg"})
    assert jpeg["Content-Type"].startswith("image/jpeg")


@pytest.mark.parametrize("numbers", ["0", "2", "1,2", "999999999"])
def test_a_frame_that_is_not_there_is_not_found(client: Client, slices: list[bytes], numbers: str) -> None:
    assert client.get(f"{place(slices[0])}/frames/{numbers}").status_code == 404


@pytest.mark.parametrize("numbers", ["1,", "9999999999", ",".join(["1"] * 10_001)])
def test_a_frame_list_that_is_none_is_invalid(client: Client, slices: list[bytes], numbers: str) -> None:
    response = client.get(f"{place(slices[0])}/frames/{numbers}")
    assert response.status_code == 400
    assert "frames as numbers" in response.json()["detail"]


@pytest.mark.parametrize(
    ("suffix", "accept"),
    [("", "image/png"), ("/metadata", "application/xml"), ("/frames/1", "video/mp4"), ("/rendered", "text/html")],
)
def test_what_can_not_be_given_is_not_acceptable(client: Client, slices: list[bytes], suffix: str, accept: str) -> None:
    assert client.get(place(slices[0]) + suffix, headers={"accept": accept}).status_code == 406


def test_validators_spare_the_bytes(client: Client, slices: list[bytes]) -> None:
    for suffix in ("", "/frames/1", "/rendered", "/thumbnail", "/metadata"):
        first = client.get(place(slices[0]) + suffix)
        if "ETag" in first:
            again = client.get(place(slices[0]) + suffix, headers={"if-none-match": first["ETag"]})
            assert (again.status_code, again.content) == (304, b""), suffix


def test_a_practice_has_its_own_copy(
    client: Client, stranger_client: Client, other_practice: Practice, slices: list[bytes]
) -> None:
    own = dicoms.ct_slice(PatientName="Other^Practice")
    keep(other_practice, own)
    alone = {"accept": "application/dicom"}
    assert client.get(place(own), headers=alone).content == slices[0]
    assert stranger_client.get(place(own), headers=alone).content == own


ADDRESSES = [
    "studies/{study}",
    "studies/{study}/metadata",
    "studies/{study}/rendered",
    "studies/{study}/thumbnail",
    "studies/{study}/series/{series}",
    "studies/{study}/series/{series}/metadata",
    "studies/{study}/series/{series}/rendered",
    "studies/{study}/series/{series}/thumbnail",
    "studies/{study}/series/{series}/instances/{instance}",
    "studies/{study}/series/{series}/instances/{instance}/metadata",
    "studies/{study}/series/{series}/instances/{instance}/rendered",
    "studies/{study}/series/{series}/instances/{instance}/thumbnail",
    "studies/{study}/series/{series}/instances/{instance}/frames/1",
    "studies/{study}/series/{series}/instances/{instance}/frames/1/rendered",
    "studies/{study}/series/{series}/instances/{instance}/frames/1/thumbnail",
    "studies/{study}/series/{series}/instances/{instance}/bulkdata/7FE00010",
]
QUERIES = dict.fromkeys(ADDRESSES, 1) | {
    "studies/{study}/rendered": 3,
    "studies/{study}/thumbnail": 3,
    "studies/{study}/series/{series}/rendered": 3,
    "studies/{study}/series/{series}/thumbnail": 3,
    "studies/{study}/series/{series}/instances/{instance}/rendered": 2,
    "studies/{study}/series/{series}/instances/{instance}/thumbnail": 2,
    "studies/{study}/series/{series}/instances/{instance}/frames/1/rendered": 2,
    "studies/{study}/series/{series}/instances/{instance}/frames/1/thumbnail": 2,
    # The headers are read once, when the document is made.
    "studies/{study}/metadata": 2,
    "studies/{study}/series/{series}/metadata": 2,
}


@pytest.fixture
def where(slices: list[bytes]) -> Callable[[str], str]:
    words = place(slices[0]).split("/")
    names = {"study": words[3], "series": words[5], "instance": words[7]}
    return lambda address: f"{ROOT}/{address.format(**names)}"


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_address_serves_its_practice_alone(
    client: Client, stranger_client: Client, anonymous: Client, where: Callable[[str], str], address: str
) -> None:
    assert client.get(where(address)).status_code == 200
    assert client.head(where(address)).status_code == 200
    assert client.get(f"{where(address)}/").status_code == 200
    hidden = stranger_client.get(where(address))
    absent = stranger_client.get(where(address).replace(dicoms.ROOT, "1.9"))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["detail"] == absent.json()["detail"]
    assert anonymous.get(where(address)).status_code == 401


@pytest.mark.parametrize(("address", "queries"), QUERIES.items())
def test_each_address_costs_fixed_queries(
    client: Client,
    where: Callable[[str], str],
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    queries: int,
) -> None:
    client.get(f"{ROOT}/studies?limit=1")
    with django_assert_num_queries(queries):
        assert client.get(where(address)).status_code == 200


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_deleting_is_for_the_practice(
    client: Client, stranger_client: Client, anonymous: Client, slices: list[bytes], level: str
) -> None:
    address = {"study": study_of, "series": series_of, "instance": place}[level](slices[0])
    assert anonymous.delete(address).status_code == 401
    assert stranger_client.delete(address).status_code == 404
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_deleting_from_another_site_is_refused(client: Client, slices: list[bytes]) -> None:
    response = client.delete(study_of(slices[0]), headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403


def test_reading_is_on_record_once_for_many_frames(client: Client, slices: list[bytes]) -> None:
    for data in slices:
        client.get(f"{place(data)}/frames/1")
    access.flush()
    event = Event.objects.get(action=Event.Action.ACCESS)
    assert (event.action, event.actor, event.source, event.count) == ("access", "nora", "frames", 3)


@pytest.mark.parametrize("method", ["put", "patch", "post"])
def test_other_methods_are_not_allowed(client: Client, slices: list[bytes], method: str) -> None:
    assert getattr(client, method)(place(slices[0])).status_code == 405


@pytest.mark.parametrize("stored_as", ["1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2"])
def test_native_frames_come_little_endian_however_they_are_stored(
    client: Client, practice: Practice, stored_as: str
) -> None:
    data = dicoms.ct_slice(transfer_syntax=stored_as)
    keep(practice, data)
    response = client.get(f"{place(data)}/frames/1", headers={"accept": MULTIPART_OCTETS})
    ((headers, pixels),) = parts_of(response["Content-Type"], response.content)
    expected = pydicom.dcmread(pydicom.filebase.DicomBytesIO(data)).pixel_array.astype("<i2")
    assert headers["content-type"].endswith("transfer-syntax=1.2.840.10008.1.2.1")
    assert pixels == expected.tobytes()
    plain = client.get(f"{place(data)}/rendered", headers={"accept": "image/png"})
    assert plain.status_code == 200
