"""Whole objects at the edge: the transfer syntax asked for, with a header that says what the pixels are."""

from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from django.test import Client
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from apps.accounts.models import Practice
from tests import dicoms
from tests.dicomweb.archive import body, keep, place
from tests.dicomweb.test_frames import DEFAULT_SYNTAX, JPEG_BASELINE, JPEG_LS, LITTLE, VIDEO, jpeg_ls_cine, slices

pytestmark = pytest.mark.django_db

DICOM = "application/dicom"
MULTIPART = f'multipart/related; type="{DICOM}"'
RLE, JPEG_2000, HTJ2K, JPEG_LOSSLESS = (f"1.2.840.10008.1.2.{suffix}" for suffix in ("5", "4.90", "4.201", "4.70"))
# What a change of encoding may change: group 2 aside, these describe the pixels' form.
OF_THE_FORM = ("PhotometricInterpretation", "PlanarConfiguration", "HighBit", "NumberOfFrames")


def file_of(client: Client, address: str, accept: str) -> Dataset:
    response = client.get(address, headers={"accept": accept})
    content = body(response)
    assert response.status_code == 200, content
    if "Content-Length" in response.headers:
        assert int(response["Content-Length"]) == len(content)
    dataset = pydicom.dcmread(BytesIO(content))
    assert response["Content-Type"] == f"{DICOM}; transfer-syntax={dataset.file_meta.TransferSyntaxUID}"
    return dataset


def files_of(client: Client, address: str, accept: str) -> list[tuple[str, Dataset]]:
    """The Content-Type of each part, and what is in it."""
    response: Any = client.get(address, headers={"accept": accept})
    content = body(response)
    boundary = f"--{response['Content-Type'].rpartition('boundary=')[2]}".encode()
    parts = [part.partition(b"\r\n\r\n") for part in content.split(boundary)[1:-1]]
    types = [head.decode().partition("Content-Type: ")[2].partition("\r\n")[0] for head, _, _ in parts]
    return [(kind, pydicom.dcmread(BytesIO(data[:-2]))) for kind, (_, _, data) in zip(types, parts, strict=True)]


def described(dataset: Dataset) -> dict[str, Any]:
    """The header as JSON, without pixels and their form."""
    header = dataset.to_json_dict(bulk_data_threshold=1 << 30)
    for keyword in ("PixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths", *OF_THE_FORM):
        header.pop(f"{pydicom.datadict.tag_for_keyword(keyword):08X}", None)
    return header


@pytest.mark.parametrize("stored_as", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
@pytest.mark.parametrize("make", [dicoms.ct_slice, dicoms.multi_frame, dicoms.bit_packed, dicoms.secondary_capture])
def test_without_a_transfer_syntax_a_file_is_explicit_little_endian(
    client: Client, practice: Practice, stored_as: str, make: Any
) -> None:
    """Trap 4 (PS3.18 8.7.3.5.2)."""
    data = make(transfer_syntax=stored_as)
    keep(practice, data)
    stored = pydicom.dcmread(BytesIO(data))
    found = file_of(client, place(data), DICOM)
    assert found.file_meta.TransferSyntaxUID == LITTLE
    assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID == stored.SOPInstanceUID
    assert described(found) == described(stored)
    np.testing.assert_array_equal(found.pixel_array, stored.pixel_array)


@pytest.mark.parametrize("accept", [f"{DICOM}; transfer-syntax=*", "application/*"])
def test_who_takes_any_transfer_syntax_gets_the_stored_bytes(client: Client, practice: Practice, accept: str) -> None:
    """Traps 2 and 3: no transcoding (PS3.18 8.7.3.5.2)."""
    data = dicoms.ct_slice(transfer_syntax=ExplicitVRBigEndian)
    keep(practice, data)
    assert client.get(place(data), headers={"accept": accept}).content == data


@pytest.mark.parametrize(
    "accept", ["", "*/*", 'multipart/related; type="*/*"', "multipart/related", f"{MULTIPART}; transfer-syntax=*"]
)
def test_a_client_that_does_not_care_gets_parts_as_stored(client: Client, practice: Practice, accept: str) -> None:
    """Trap 2 (PS3.18 8.7.5)."""
    data = jpeg_ls_cine()
    keep(practice, data)
    headers = {"accept": accept} if accept else {}
    content = body(client.get(place(data), headers=headers))
    assert data in content


@pytest.mark.parametrize("target", [LITTLE, RLE, JPEG_2000, HTJ2K, JPEG_LOSSLESS])
def test_a_compressed_object_is_had_in_every_lossless_syntax(client: Client, practice: Practice, target: str) -> None:
    data = jpeg_ls_cine(offset_table="extended")
    keep(practice, data)
    found = file_of(client, place(data), f'{DICOM}; transfer-syntax="{target}"')
    assert found.file_meta.TransferSyntaxUID == target
    assert "ExtendedOffsetTable" not in found
    assert described(found) == described(pydicom.dcmread(BytesIO(data)))
    assert found.NumberOfFrames == 3
    if target != JPEG_LOSSLESS:
        np.testing.assert_array_equal(found.pixel_array, np.stack(slices()))
        return
    streams = list(pydicom.encaps.generate_frames(found.PixelData, number_of_frames=3))
    np.testing.assert_array_equal([imagecodecs.jpeg8_decode(stream) for stream in streams], slices())


@pytest.mark.parametrize("target", [JPEG_LS, JPEG_2000, HTJ2K, RLE])
@pytest.mark.parametrize("signed", [0, 1])
def test_a_native_object_is_compressed_without_loss(
    client: Client, practice: Practice, target: str, signed: int
) -> None:
    data = dicoms.ct_slice(transfer_syntax=ImplicitVRLittleEndian, PixelRepresentation=signed)
    keep(practice, data)
    found = file_of(client, place(data), f"{DICOM}; transfer-syntax={target}")
    assert found.file_meta.TransferSyntaxUID == target
    np.testing.assert_array_equal(found.pixel_array, pydicom.dcmread(BytesIO(data)).pixel_array)


@pytest.mark.parametrize(("target", "space"), [(LITTLE, "RGB"), (RLE, "RGB"), (JPEG_LS, "RGB"), (JPEG_2000, "YBR_RCT")])
def test_the_header_says_the_colours_that_the_pixels_are_in(
    client: Client, practice: Practice, target: str, space: str
) -> None:
    """Trap 34: Photometric Interpretation and Planar Configuration follow the pixels (PS3.3 C.7.6.3.1)."""
    jpeg = bytes(imagecodecs.jpeg8_encode(np.full((16, 20, 3), (200, 100, 50), np.uint8), level=95))
    form = {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422", "PlanarConfiguration": 1}
    data = dicoms.encapsulated([jpeg, jpeg], LossyImageCompression="01", LossyImageCompressionRatio="9", **form)
    keep(practice, data)
    found = file_of(client, place(data), f"{DICOM}; transfer-syntax={target}")
    assert (found.PhotometricInterpretation, found.PlanarConfiguration) == (space, 0)
    assert (found.LossyImageCompression, found.LossyImageCompressionRatio) == ("01", 9)
    np.testing.assert_allclose(found.pixel_array[1, 5, 5], (200, 100, 50), atol=3)


def test_a_wrong_number_of_frames_is_put_right(client: Client, practice: Practice) -> None:
    """Trap 33 (PS3.3 C.7.6.6)."""
    data = jpeg_ls_cine(NumberOfFrames=None)
    keep(practice, data)
    found = file_of(client, place(data), DICOM)
    assert found.NumberOfFrames == 3
    assert len(found.PixelData) == 3 * 320


@pytest.mark.parametrize("target", [JPEG_BASELINE, "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2", "1.2.3"])
def test_no_lossy_and_no_obsolete_encoding_is_made(client: Client, practice: Practice, target: str) -> None:
    """Trap 5 (PS3.18 8.7.5)."""
    data = dicoms.secondary_capture()
    keep(practice, data)
    response = client.get(place(data), headers={"accept": f"{DICOM}; transfer-syntax={target}"})
    assert response.status_code == 406


def test_the_next_best_is_given_where_the_best_can_not_be_had(client: Client, practice: Practice) -> None:
    """Trap 1: the first that can be satisfied (PS3.18 8.7.4)."""
    data = dicoms.bit_packed()
    keep(practice, data)
    accept = f"{DICOM}; transfer-syntax={JPEG_LS}, {DICOM}; transfer-syntax=*; q=0.1"
    assert client.get(place(data), headers={"accept": accept}).content == data
    refused = client.get(place(data), headers={"accept": f"{DICOM}; transfer-syntax={JPEG_LS}"})
    assert refused.status_code == 406
    assert JPEG_LS in refused.json()["detail"]


@pytest.mark.parametrize(("syntax", "stream"), [(VIDEO, b"\0\0\1\x67video!"), (JPEG_LS, b"\xff\xd8 no picture!")])
def test_what_can_not_be_decoded_is_given_as_stored(
    client: Client, practice: Practice, syntax: str, stream: bytes
) -> None:
    """Trap 4: video and broken pixels are exempt (PS3.18 8.7.3.5.2)."""
    data = dicoms.encapsulated([stream], transfer_syntax=syntax)
    keep(practice, data)
    assert client.get(place(data), headers={"accept": DICOM}).content == data
    refused = client.get(place(data), headers={"accept": f"{DICOM}; transfer-syntax={LITTLE}"})
    assert refused.status_code == 406


def test_an_object_without_pixels_is_explicit_little_endian_for_everybody(client: Client, practice: Practice) -> None:
    dataset = dicoms.ct_dataset(PixelData=None, Rows=None, Columns=None)
    data = dicoms.part10(dataset, ImplicitVRLittleEndian)
    keep(practice, data)
    found = file_of(client, place(data), f"{DICOM}; transfer-syntax={JPEG_LS}")
    assert found.file_meta.TransferSyntaxUID == LITTLE
    assert described(found) == described(pydicom.dcmread(BytesIO(data)))


def test_what_follows_the_pixels_is_kept(client: Client, practice: Practice) -> None:
    dataset = dicoms.ct_dataset()
    block = dataset.private_block(0x7FE1, "Acme 1", create=True)
    block.add_new(0x10, "UL", 7)
    native = dicoms.part10(dataset, ExplicitVRBigEndian)
    keep(practice, native)
    found = file_of(client, place(native), f"{DICOM}; transfer-syntax={JPEG_2000}")
    assert found[0x7FE11010].value == 7


def test_the_parts_of_a_study_are_each_in_the_syntax_asked_for(client: Client, practice: Practice) -> None:
    """A part that can't be is given as stored, and says so (PS3.18 8.7.3.5.2)."""
    native, implicit = dicoms.ct_slice(), dicoms.ct_slice(InstanceNumber=2, transfer_syntax=ImplicitVRLittleEndian)
    video = dicoms.encapsulated([b"\0\0\1\x67video!"], transfer_syntax=VIDEO, SOPInstanceUID=dicoms.uid(8))
    keep(practice, native, implicit, jpeg_ls_cine(), video)
    study = place(native).partition("/series/")[0]
    found = files_of(client, study, MULTIPART)
    syntaxes = [dataset.file_meta.TransferSyntaxUID for _, dataset in found]
    assert sorted(syntaxes) == [LITTLE, LITTLE, LITTLE, VIDEO]
    assert [kind for kind, _ in found] == [f"{DICOM}; transfer-syntax={syntax}" for syntax in syntaxes]
    compressed = files_of(client, study, f"{MULTIPART}; transfer-syntax={JPEG_LS}")
    assert sorted(dataset.file_meta.TransferSyntaxUID for _, dataset in compressed) == [VIDEO, *[JPEG_LS] * 3]
    asked = f"{MULTIPART}; transfer-syntax={JPEG_BASELINE}"
    assert client.get(study, headers={"accept": asked}).status_code == 406


def test_a_study_as_it_is_costs_one_query(client: Client, practice: Practice, django_assert_num_queries: Any) -> None:
    data = dicoms.ct_series(3)
    keep(practice, *data)
    study = place(data[0]).partition("/series/")[0]
    client.get(study)
    with django_assert_num_queries(1):
        assert all(each in body(client.get(study, headers={"accept": MULTIPART})) for each in data[:1])


def test_a_frame_that_breaks_in_the_middle_ends_the_answer(client: Client, practice: Practice) -> None:
    """Half a file is never given as a whole one: the client sees that the answer ends early."""
    streams = [bytes(imagecodecs.jpegls_encode(slices(1)[0])), dicoms.jpeg_like()]
    data = dicoms.encapsulated(streams, transfer_syntax=JPEG_LS)
    keep(practice, data)
    response: Any = client.get(place(data), headers={"accept": DICOM})
    with pytest.raises(ValueError, match="frame"):
        b"".join(response.streaming_content)


def test_heads_of_what_would_be_made_have_no_body(client: Client, practice: Practice) -> None:
    data = jpeg_ls_cine()
    keep(practice, data)
    whole = client.get(place(data), headers={"accept": DICOM})
    head = client.head(place(data), headers={"accept": DICOM})
    assert (head.status_code, body(head)) == (200, b"")
    assert {name: head[name] for name in ("Content-Type", "Content-Length", "ETag")} == {
        name: whole[name] for name in ("Content-Type", "Content-Length", "ETag")
    }


def test_converted_objects_are_for_the_practice_alone(
    client: Client, stranger_client: Client, anonymous: Client, practice: Practice
) -> None:
    data = jpeg_ls_cine()
    keep(practice, data)
    series = place(data).partition("/instances/")[0]
    for address in (place(data), series, series.partition("/series/")[0]):
        headers = {"accept": f"{MULTIPART}; transfer-syntax={RLE}"}
        assert client.get(address, headers=headers).status_code == 200
        assert stranger_client.get(address, headers=headers).status_code == 404
        assert anonymous.get(address, headers=headers).status_code == 401


def test_octets_and_files_of_the_same_frame_agree(client: Client, practice: Practice) -> None:
    data = jpeg_ls_cine(1)
    keep(practice, data)
    octets = client.get(f"{place(data)}/frames/1", headers={"accept": DEFAULT_SYNTAX.partition('"')[2].strip('"')})
    assert file_of(client, place(data), DICOM).PixelData == octets.content


def test_wado_uri_knows_the_transfer_syntax_too(client: Client, practice: Practice) -> None:
    """PS3.18 9.1.2"""
    data = dicoms.ct_slice(transfer_syntax=ImplicitVRLittleEndian)
    keep(practice, data)
    study, series, instance = place(data).split("/")[3:8:2]
    asked = f"/wado?requestType=WADO&studyUID={study}&seriesUID={series}&objectUID={instance}&contentType={DICOM}"
    converted = client.get(f"{asked}&transferSyntax={RLE}")
    assert pydicom.dcmread(BytesIO(body(converted))).file_meta.TransferSyntaxUID == RLE
    again = client.get(f"{asked}&transferSyntax={RLE}", headers={"if-none-match": converted["ETag"]})
    assert again.status_code == 304
    for as_stored in ("", "&transferSyntax=*"):
        assert body(client.get(asked + as_stored)) == data
    assert client.get(f"{asked}&transferSyntax={JPEG_BASELINE}").status_code == 406
