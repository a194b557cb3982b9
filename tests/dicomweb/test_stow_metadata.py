"""Storing metadata and bulk data (PS3.18 10.5.1.1): what is built of them, and what is said where that can't be."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames
from pydicom.uid import MPEG4HP41, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.archive.store import Batch, Origin
from apps.dicom.xml_model import native_model
from tests import dicoms
from tests.dicomweb.metadata_bodies import (
    AVAILABLE,
    FAILED,
    INSTANCE,
    JSON,
    OCTETS,
    OTHERS,
    STORED,
    STUDIES,
    XML,
    bulk_parts,
    file_of,
    image,
    items,
    metadata_parts,
    native,
    post,
)

pytestmark = pytest.mark.django_db

FILES = [
    "CT_small.dcm",
    "MR_small_bigendian.dcm",
    "JPEG2000.dcm",
    "SC_rgb_rle_2frame.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "examples_overlay.dcm",
    "examples_palette.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "rtdose_expb_1frame.dcm",
    "rtplan.dcm",
    "rtstruct.dcm",
    "test-SR.dcm",
    "waveform_ecg.dcm",
]


def told(client: Client, instance: str) -> dict[str, Any]:
    (attributes,) = client.get(f"{instance}/metadata").json()
    del attributes[AVAILABLE]
    return {tag: _without_empty_components(element) for tag, element in attributes.items()}


def _without_empty_components(element: dict[str, Any]) -> dict[str, Any]:
    """A name without the delimiters at its end, which mean nothing (PS3.5 6.2.1.1) and which XML has no place for."""
    if element["vr"] != "PN":
        return element
    names = [{group: text.rstrip("^") for group, text in name.items()} for name in element.get("Value", ())]
    return {"vr": "PN", "Value": [name for name in names if any(name.values())]}


@pytest.mark.parametrize("metadata_type", [JSON, XML])
@pytest.mark.parametrize("name", FILES)
def test_metadata_and_bulk_data_make_the_object_that_they_were_taken_of(
    practice: Practice, client: Client, stranger_client: Client, name: str, metadata_type: str
) -> None:
    """PS3.18 10.5.1.1, 8.6.1.2.2."""
    with Batch(Origin("test", practice.pk, "test")) as batch:
        batch.receive([Path(get_testdata_file(name)).read_bytes()])
        (outcome,) = batch.commit()
    instance = f"{STUDIES}/{outcome.study_instance_uid}/series/{outcome.series_instance_uid}"
    instance += f"/instances/{outcome.sop_instance_uid}"
    (attributes,) = client.get(f"{instance}/metadata").json()
    bulk = bulk_parts(client, attributes, instance)
    response = post(stranger_client, [*metadata_parts(metadata_type, [attributes]), *bulk], metadata_type)
    assert (response.status_code, FAILED in response.json(), OTHERS in response.json()) == (200, False, False)
    assert told(stranger_client, instance) == told(client, instance)
    assert bulk_parts(stranger_client, attributes, instance) == bulk


@pytest.mark.parametrize("path", [STUDIES, f"{STUDIES}/{dicoms.STUDY_UID}"])
@pytest.mark.parametrize("metadata_type", [JSON, XML])
def test_native_pixel_data_is_stored_in_explicit_vr_little_endian(
    client: Client, path: str, metadata_type: str
) -> None:
    """PS3.18 8.7.3.3.2."""
    response = post(client, [*metadata_parts(metadata_type, [image()]), native()], metadata_type, path)
    assert (response.status_code, len(items(response, STORED))) == (200, 1)
    stored = file_of(client)
    assert stored.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert (stored.PixelData, stored.PatientName) == (native()[2], "Doe^Jane")


@pytest.mark.parametrize(
    ("media_type", "start", "syntax"),
    [
        (f"image/jpeg; transfer-syntax={JPEGLosslessSV1}", b"", JPEGLosslessSV1),
        (f'image/jpeg; transfer-syntax="{JPEGBaseline8Bit}"', b"", JPEGBaseline8Bit),
        ("image/jpeg", b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", JPEGBaseline8Bit),
        ("image/jpeg", b"\xff\xd8\xff\xc3\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", JPEGLosslessSV1),
        ("image/jls", b"", JPEGLSLossless),
        ("image/jp2", b"", JPEG2000Lossless),
        ("image/dicom-rle", b"", RLELossless),
        (f"{OCTETS}; transfer-syntax={JPEG2000Lossless}", b"", JPEG2000Lossless),
    ],
)
def test_compressed_frames_become_items_with_an_offset_table(
    client: Client, media_type: str, start: bytes, syntax: str
) -> None:
    """PS3.18 table 8.7.3-5, PS3.5 A.4."""
    frames = [start + bytes([number]) * (40 + number) for number in range(3)]
    metadata = image(x00280008={"vr": "IS", "Value": [3]})
    post(client, [*metadata_parts(JSON, [metadata]), *((media_type, "pixels", frame) for frame in frames)])
    stored = file_of(client)
    assert stored.file_meta.TransferSyntaxUID == syntax
    sizes = [len(frame) + len(frame) % 2 + 8 for frame in frames]
    table = b"".join(offset.to_bytes(4, "little") for offset in (0, sizes[0], sizes[0] + sizes[1]))
    assert stored.PixelData.startswith(b"\xfe\xff\x00\xe0\x0c\x00\x00\x00" + table)
    given = client.get(f"{INSTANCE}/frames/2", headers={"accept": f"{media_type.partition(';')[0]}; transfer-syntax=*"})
    assert b"".join(given).startswith(frames[1]) or frames[1] in given.content


IMAGE_PIXELS = ("00280002", "00280004", "00280010", "00280011", "00280100", "00280101", "00280102", "00280103")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("SC_rgb_jpeg_dcmtk.dcm", "image/jpeg"),
        ("JPEG2000.dcm", "image/jp2"),
        ("MR_small_jpeg_ls_lossless.dcm", "image/jls"),
        ("examples_ybr_color.dcm", "image/jpeg"),
    ],
)
def test_what_a_photograph_tells_need_not_be_in_its_metadata(client: Client, name: str, media_type: str) -> None:
    """PS3.18 10.5.1.1: the origin server derives the Image Pixel Description attributes."""
    whole = dcmread(get_testdata_file(name))
    frame = next(generate_frames(whole.PixelData, number_of_frames=int(whole.get("NumberOfFrames", 1))))
    metadata = image(**{f"x{tag}": None for tag in IMAGE_PIXELS})
    syntax = whole.file_meta.TransferSyntaxUID
    part = (f"{media_type}; transfer-syntax={syntax}", "pixels", frame)
    assert post(client, [*metadata_parts(JSON, [metadata]), part]).status_code == 200
    found = told(client, INSTANCE)
    for tag in IMAGE_PIXELS[:6]:
        assert found[tag]["Value"][0] == whole[tag].value


def test_a_video_is_one_part_and_one_stream(client: Client) -> None:
    """PS3.5 A.4.5."""
    stream = b"\x00\x00\x00\x18ftypmp42" + bytes(range(250))
    metadata = image(x00280008={"vr": "IS", "Value": [25]})
    video = (f"video/mp4; transfer-syntax={MPEG4HP41}", "pixels", stream)
    assert post(client, [*metadata_parts(JSON, [metadata]), video]).status_code == 200
    stored = file_of(client)
    assert stored.file_meta.TransferSyntaxUID == MPEG4HP41
    assert stored.PixelData[:16] == b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0" + len(stream).to_bytes(4, "little")


def test_several_instances_come_in_one_array(client: Client) -> None:
    """PS3.18 F.2.1."""
    others = [
        image(
            x00080018={"vr": "UI", "Value": [dicoms.uid(1, 1, number)]},
            x7FE00010={"vr": "OW", "BulkDataURI": str(number)},
        )
        for number in (1, 2, 3)
    ]
    bulk = [(OCTETS, str(number), bytes([number]) * 8192) for number in (3, 1, 2)]
    response = post(client, [*metadata_parts(JSON, others), *bulk])
    assert (response.status_code, Instance.objects.count()) == (200, 3)
    last = INSTANCE.removesuffix(".1") + ".3"
    assert set(file_of(client, last).PixelData) == {3}


@pytest.mark.parametrize(
    ("address", "location"),
    [
        ("pixels/1", "http://testserver/dicom-web/pixels/1"),
        ("http://testserver/dicom-web/pixels/1", "pixels/1"),
        ("http://elsewhere.example/x?y=1", "http://elsewhere.example/x?y=1"),
        ("urn:uuid:1ce91a50-8ec7-4e17-a1d5-2cb5b9e39d8a", " urn:uuid:1ce91a50-8ec7-4e17-a1d5-2cb5b9e39d8a "),
    ],
)
def test_bulk_data_is_found_by_relative_and_absolute_addresses(client: Client, address: str, location: str) -> None:
    """RFC 3986 5.1.3."""
    metadata = image(x7FE00010={"vr": "OW", "BulkDataURI": address})
    assert post(client, [*metadata_parts(JSON, [metadata]), (OCTETS, location, bytes(8192))]).status_code == 200


def test_values_of_an_odd_length_and_long_values_of_short_vrs_are_written(client: Client) -> None:
    """PS3.5 6.2.2, 7.1.1."""
    document = {"vr": "OB", "BulkDataURI": "document"}
    metadata = image(x00420011=document, x00189073={"vr": "FD", "Value": [0.25] * 10_000}, x7FE00010=None)
    response = post(client, [*metadata_parts(JSON, [metadata]), ("application/pdf", "document", b"%PDF-")])
    assert response.status_code == 200
    stored = file_of(client)
    assert stored.EncapsulatedDocument == b"%PDF-\0"
    assert len(told(client, INSTANCE)["00189073"]["Value"]) == 10_000


def test_text_is_stored_in_utf_8_whatever_the_metadata_says(client: Client) -> None:
    """PS3.18 8.8."""
    name = {"vr": "PN", "Value": [{"Alphabetic": "Müller^Jürgen", "Ideographic": "山田^太郎"}]}
    metadata = image(x00100010=name, x00080005={"vr": "CS", "Value": ["ISO_IR 100"]})
    post(client, [*metadata_parts(JSON, [metadata]), native()])
    stored = file_of(client)
    assert (stored.SpecificCharacterSet, stored.PatientName) == ("ISO_IR 192", "Müller^Jürgen=山田^太郎")


def test_private_elements_in_xml_get_the_block_of_their_creator(client: Client) -> None:
    """PS3.19 A.1.5.2, PS3.5 7.8.1."""
    private = image(x00110011={"vr": "LO", "Value": ["ACME"]}, x00111142={"vr": "DS", "Value": [1.5]})
    document = native_model(private).replace(b'tag="00110011"', b'tag="00110020"')
    post(client, [(XML, "", document), native()], XML)
    assert file_of(client)[0x0011, 0x2042].value == 1.5


@pytest.mark.parametrize("content", [image(x7FE00010=None), [image(x7FE00010=None)]], ids=["object", "array"])
def test_metadata_without_bulk_data_comes_without_multipart(client: Client, content: Any) -> None:
    response = client.post(STUDIES, orjson.dumps(content), content_type=JSON)
    assert (response.status_code, len(items(response, STORED))) == (200, 1)


def test_one_xml_document_comes_without_multipart(client: Client) -> None:
    response = client.post(STUDIES, native_model(image(x7FE00010=None)), content_type=XML)
    assert (response.status_code, len(items(response, STORED))) == (200, 1)


def test_the_same_metadata_again_is_a_success_and_stored_once(client: Client) -> None:
    parts = [*metadata_parts(JSON, [image()]), native()]
    assert [post(client, parts).status_code for _ in range(2)] == [200, 200]
    assert Instance.objects.count() == 1


def test_metadata_is_no_way_around_rights(stranger_client: Client, anonymous: Client, client: Client) -> None:
    parts = [*metadata_parts(JSON, [image()]), native()]
    assert post(anonymous, parts).status_code == 401
    assert post(stranger_client, parts).status_code == 200
    assert client.get(f"{INSTANCE}/metadata").status_code == 404
