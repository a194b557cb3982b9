"""Storing metadata and bulk data (PS3.18 10.5.1.1): what is said where no object can be built of them."""

from typing import Any

import orjson
import pytest
from django.test import Client

from apps.archive.models import Instance
from apps.dicomweb import deliveries
from tests import dicoms
from tests.dicomweb.metadata_bodies import (
    FAILED,
    JSON,
    OCTETS,
    OTHERS,
    STUDIES,
    XML,
    failure,
    image,
    items,
    metadata_parts,
    native,
    post,
)
from tests.staged import staged_files

pytestmark = pytest.mark.django_db


def test_missing_bulk_data_fails_its_instance_alone(client: Client) -> None:
    """PS3.18 10.5.3."""
    other = image(x00080018={"vr": "UI", "Value": [dicoms.uid(1, 1, 2)]}, x7FE00010={"vr": "OW", "BulkDataURI": "x"})
    response = post(client, [*metadata_parts(JSON, [other, image()]), native()])
    assert (response.status_code, Instance.objects.count()) == (202, 1)
    assert failure(response) == (
        0xC000,
        "The bulk data of 7FE00010 is missing: no part has its BulkDataURI as Content-Location.",
    )


def test_metadata_of_another_study_than_the_address_fails(client: Client) -> None:
    """PS3.18 10.5.1."""
    response = post(client, [*metadata_parts(JSON, [image()]), native()], path=f"{STUDIES}/1.2.3")
    assert (response.status_code, failure(response)[0]) == (409, 0xA900)


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"x00080016": None}, "SOP Class UID"),
        ({"x00080018": {"vr": "UI", "Value": ["../../etc/passwd"]}}, "SOP Instance UID"),
        ({"x00280010": {"vr": "US", "Value": [1e9]}}, "00280010"),
        ({"x00280010": {"vr": "US", "Value": ["many"]}}, "00280010"),
        ({"x00280010": {"vr": "US", "Value": 64}}, "00280010"),
        ({"x00100010": {"vr": "PN", "Value": [7]}}, "00100010"),
        ({"x00100020": {"vr": "??", "Value": ["x"]}}, "00100020"),
        ({"x00100020": {"vr": ["LO"], "Value": ["x"]}}, "00100020"),
        ({"x00100020": "P1"}, "DICOM JSON"),
        ({"xPatientID": {"vr": "LO", "Value": ["x"]}}, "DICOM JSON"),
        ({"x00081140": {"vr": "SQ", "Value": ["x"]}}, "DICOM JSON"),
        ({"x00081140": {"vr": "SQ", "Value": {"a": 1}}}, "DICOM JSON"),
        ({"x00282000": {"vr": "OB", "InlineBinary": "%%%"}}, "00282000"),
        ({"x00282000": {"vr": "OB", "Value": [1, 2]}}, "00282000"),
    ],
)
def test_metadata_that_makes_no_object_fails_with_what_is_wrong(
    client: Client, elements: dict[str, Any], words: str
) -> None:
    response = post(client, [*metadata_parts(JSON, [image(**elements)]), native()])
    assert response.status_code == 409
    (item,) = items(response, FAILED) or items(response, OTHERS)
    assert words in item["00091001"]["Value"][0]


@pytest.mark.parametrize("count", [0, 2])
def test_compressed_pixel_data_with_other_than_one_part_for_each_frame_fails(client: Client, count: int) -> None:
    frames = [("image/jls", "pixels", b"frame")] * (count + 1)
    response = post(client, [*metadata_parts(JSON, [image(x00280008={"vr": "IS", "Value": [2 + count]})]), *frames])
    assert "one for each frame" in failure(response)[1]


@pytest.mark.parametrize("metadata_type", [JSON, XML])
def test_bit_packed_frames_are_not_joined_where_they_have_no_bytes_of_their_own(
    client: Client, metadata_type: str
) -> None:
    """PS3.5 8.1.1."""
    metadata = image(x00280100={"vr": "US", "Value": [1]}, x00280008={"vr": "IS", "Value": [2]})
    response = post(client, [*metadata_parts(metadata_type, [metadata]), native(), native()], metadata_type)
    assert "one part" in failure(response)[1]


def test_pixel_data_that_is_too_short_fails(client: Client) -> None:
    response = post(client, [*metadata_parts(JSON, [image()]), (OCTETS, "pixels", bytes(100))])
    assert "cut off" in failure(response)[1]


@pytest.mark.parametrize(
    "content",
    [b"", b"[", b"{", b"[{}", b"[{}{}]", b"null", b'"text', b"<xml/>", b"[" * 100_000, b'[{"a":' * 10_000],
)
def test_a_body_that_is_no_json_array_is_refused_whole(client: Client, content: bytes) -> None:
    """PS3.18 10.5.3.1."""
    response = post(client, [(JSON, "", content), native()])
    assert (response.status_code, Instance.objects.count()) == (400, 0)


def test_broken_json_within_a_data_set_fails_that_alone(client: Client) -> None:
    whole = orjson.dumps(image())
    response = post(client, [(JSON, "", b"[%b,{nonsense},%b]" % (whole, b'{"x":NaN}')), native()])
    assert (response.status_code, len(items(response, OTHERS))) == (202, 2)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"no XML",
        b"<NativeDicomModel>",
        b"<Study/>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><NativeDicomModel/>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><NativeDicomModel/>',
        b"<NativeDicomModel><Value/></NativeDicomModel>",
        b'<NativeDicomModel><DicomAttribute tag="zz"/></NativeDicomModel>',
        b'<NativeDicomModel><DicomAttribute tag="00081140" vr="SQ">'
        + b'<Item><DicomAttribute tag="00081140" vr="SQ">' * 40,
    ],
)
def test_a_broken_document_fails_alone_with_its_reason(client: Client, document: bytes) -> None:
    response = post(client, [(XML, "", document), *metadata_parts(XML, [image()]), native()], XML)
    assert (response.status_code, Instance.objects.count()) == (202, 1)
    assert failure(response, OTHERS)[1]


def test_sequences_nested_too_deep_fail(client: Client) -> None:
    nested: dict[str, Any] = {}
    for _ in range(60):
        nested = {"00081140": {"vr": "SQ", "Value": [nested]}}
    response = post(client, [*metadata_parts(JSON, [image() | nested]), native()])
    assert failure(response)[0] == 0xA700


def test_bulk_data_that_nothing_can_refer_to_is_refused(client: Client) -> None:
    response = post(client, [*metadata_parts(JSON, [image()]), (OCTETS, "", b"pixels")])
    assert (response.status_code, Instance.objects.count()) == (400, 0)
    assert "Content-Location" in response.json()["detail"]


def test_bulk_data_beyond_the_limit_fails_its_instance(client: Client, settings: Any) -> None:
    settings.MAX_INSTANCE_BYTES = 6000
    response = post(client, [*metadata_parts(JSON, [image()]), native()])
    assert (response.status_code, failure(response)[0]) == (409, 0xA700)


def test_a_little_bulk_data_does_not_become_a_flood(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "_FREE_WRITES", 0)
    sequence = {"vr": "SQ", "Value": [{"00420011": {"vr": "OB", "BulkDataURI": "pixels"}}] * 10}
    response = post(client, [*metadata_parts(JSON, [image(x00081140=sequence)]), native()])
    assert failure(response)[0] == 0xA700


def test_nothing_is_left_in_the_staging_folder(client: Client, settings: Any) -> None:
    post(client, [*metadata_parts(JSON, [image()]), native()])
    post(client, [*metadata_parts(JSON, [image(x00080016=None)])])
    assert not staged_files(settings.DATA)
