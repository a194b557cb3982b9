"""Frames at the edge: whatever the offset tables, native in every form, and in the representation asked for."""

from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from django.test import Client
from numpy.typing import NDArray
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from apps.accounts.models import Practice
from tests import dicoms
from tests.dicomweb.archive import body, keep, place
from tests.dicomweb.multiparts import parts_of

pytestmark = pytest.mark.django_db

OCTETS = "application/octet-stream"
ANY_SYNTAX = f"multipart/related; type={OCTETS}; transfer-syntax=*"
DEFAULT_SYNTAX = f'multipart/related; type="{OCTETS}"'
LITTLE = "1.2.840.10008.1.2.1"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LS = "1.2.840.10008.1.2.4.80"
VIDEO = "1.2.840.10008.1.2.4.102"


def slices(count: int = 3) -> list[NDArray[Any]]:
    """Frames of 16 x 20 grey pixels, each unlike the others."""
    return [np.random.default_rng(seed).integers(0, 256, (16, 20), np.uint8) for seed in range(count)]


def jpeg_ls_cine(count: int = 3, **overrides: Any) -> bytes:
    streams = [bytes(imagecodecs.jpegls_encode(frame)) for frame in slices(count)]
    return dicoms.encapsulated(streams, transfer_syntax=JPEG_LS, **overrides)


def frames_of(client: Client, data: bytes, numbers: str, accept: str = ANY_SYNTAX) -> list[tuple[str, bytes]]:
    """The Content-Type and bytes of each part."""
    response = client.get(f"{place(data)}/frames/{numbers}", headers={"accept": accept})
    content = body(response)
    assert response.status_code == 200, content
    return [(headers["content-type"], frame) for headers, frame in parts_of(response["Content-Type"], content)]


def native(data: bytes) -> bytes:
    pixels: bytes = pydicom.dcmread(BytesIO(data)).PixelData
    return pixels


def test_frames_come_in_the_order_asked_for_also_decoded(client: Client, practice: Practice) -> None:
    """Trap 32: the list counts from 1 and its order is the answer's (PS3.18 10.4.1.1.6)."""
    data = jpeg_ls_cine()
    keep(practice, data)
    expected = [slices()[number - 1].tobytes() for number in (1, 3, 2)]
    assert [frame for _, frame in frames_of(client, data, "1,3,2", DEFAULT_SYNTAX)] == expected


@pytest.mark.parametrize("numbers", ["0", "4", "1,4", "0,1"])
@pytest.mark.parametrize("accept", [ANY_SYNTAX, DEFAULT_SYNTAX])
def test_a_list_with_a_frame_out_of_range_is_not_found_as_a_whole(
    client: Client, practice: Practice, numbers: str, accept: str
) -> None:
    """Trap 32 (PS3.18 10.4.3.1)."""
    data = jpeg_ls_cine()
    keep(practice, data)
    assert client.get(f"{place(data)}/frames/{numbers}", headers={"accept": accept}).status_code == 404


@pytest.mark.parametrize(
    ("offset_table", "fragments"), [("basic", 1), ("basic", 3), ("empty", 1), ("empty", 3), ("extended", 1)]
)
def test_frames_are_told_apart_whatever_the_offset_table(
    client: Client, practice: Practice, offset_table: str, fragments: int
) -> None:
    """Trap 33: no, empty and extended tables, one or several fragments (PS3.5 A.4)."""
    data = jpeg_ls_cine(offset_table=offset_table, fragments_per_frame=fragments)
    keep(practice, data)
    decoded = [frame for _, frame in frames_of(client, data, "2,1,3", DEFAULT_SYNTAX)]
    assert decoded == [slices()[number].tobytes() for number in (1, 0, 2)]


def test_a_single_frame_of_several_fragments_needs_no_number_of_frames(client: Client, practice: Practice) -> None:
    """Trap 33 (PS3.5 A.4)."""
    data = jpeg_ls_cine(1, offset_table="empty", fragments_per_frame=4, NumberOfFrames=None)
    keep(practice, data)
    ((_, decoded),) = frames_of(client, data, "1", DEFAULT_SYNTAX)
    assert decoded == slices(1)[0].tobytes()


def test_a_stored_frame_is_the_bare_bitstream_without_item_tags(client: Client, practice: Practice) -> None:
    """Trap 31: fragments joined, nothing around them but a byte that makes the length even (PS3.18 8.7.3.5.2)."""
    streams = [bytes(imagecodecs.jpegls_encode(frame)) for frame in slices(2)]
    data = dicoms.encapsulated(streams, transfer_syntax=JPEG_LS, offset_table="empty", fragments_per_frame=2)
    keep(practice, data)
    found = frames_of(client, data, "1,2")
    assert [frame[: len(stream)] for (_, frame), stream in zip(found, streams, strict=True)] == streams
    assert all(len(frame) - len(stream) < 2 for (_, frame), stream in zip(found, streams, strict=True))
    assert {content_type for content_type, _ in found} == {f"{OCTETS}; transfer-syntax={JPEG_LS}"}


def test_frames_of_single_bits_do_not_start_at_bytes(client: Client, practice: Practice) -> None:
    """Trap 34: each frame is handed out from its own first bit (PS3.5 8.1.1)."""
    data = dicoms.bit_packed(3)
    keep(practice, data)
    bits = np.unpackbits(np.frombuffer(native(data), np.uint8), bitorder="little")
    for number in (1, 2, 3):
        ((_, frame),) = frames_of(client, data, str(number), DEFAULT_SYNTAX)
        found = np.unpackbits(np.frombuffer(frame, np.uint8), bitorder="little", count=25)
        np.testing.assert_array_equal(found, bits[25 * (number - 1) : 25 * number])


def test_big_endian_frames_come_little_endian(client: Client, practice: Practice) -> None:
    """Trap 34 (PS3.18 8.7.3.5.2)."""
    data = dicoms.ct_slice(transfer_syntax=ExplicitVRBigEndian)
    keep(practice, data)
    ((content_type, frame),) = frames_of(client, data, "1", DEFAULT_SYNTAX)
    assert content_type == f"{OCTETS}; transfer-syntax={LITTLE}"
    np.testing.assert_array_equal(np.frombuffer(frame, "<u2"), np.frombuffer(native(data), ">u2"))


@pytest.mark.parametrize("planes", [0, 1])
def test_native_colours_stay_as_the_metadata_describe_them(client: Client, practice: Practice, planes: int) -> None:
    """Trap 34: Planar Configuration and shared chrominance of native frames are not touched (PS3.3 C.7.6.3.1)."""
    planar = dicoms.secondary_capture(PlanarConfiguration=planes)
    shared = dicoms.secondary_capture(
        SOPInstanceUID=dicoms.uid(9), PhotometricInterpretation="YBR_FULL_422", PixelData=bytes(32 * 48 * 2)
    )
    keep(practice, planar, shared)
    for data in (planar, shared):
        ((_, frame),) = frames_of(client, data, "1", DEFAULT_SYNTAX)
        assert frame == native(data)


@pytest.mark.parametrize(("space", "length"), [("YBR_FULL_422", 16 * 20 * 2), ("YBR_FULL", 960), ("RGB", 960)])
def test_a_decoded_frame_is_in_the_colours_that_its_metadata_say(
    client: Client, practice: Practice, space: str, length: int
) -> None:
    """Trap 34: pixels and metadata agree, whatever the codec made of them (PS3.3 C.7.6.3.1.2)."""
    jpeg = bytes(imagecodecs.jpeg8_encode(np.full((16, 20, 3), (200, 100, 50), np.uint8), level=95))
    data = dicoms.encapsulated([jpeg], SamplesPerPixel=3, PhotometricInterpretation=space, PlanarConfiguration=0)
    keep(practice, data)
    (metadata,) = client.get(f"{place(data)}/metadata").json()
    ((_, frame),) = frames_of(client, data, "1", DEFAULT_SYNTAX)
    assert metadata["00280004"]["Value"] == [space]
    assert len(frame) == length
    assert frame[0] in ((199, 200, 201) if space == "RGB" else (123, 124, 125))


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (ANY_SYNTAX, f"{OCTETS}; transfer-syntax={JPEG_LS}"),
        (f'multipart/related; type="{OCTETS}"; transfer-syntax="*"', f"{OCTETS}; transfer-syntax={JPEG_LS}"),
        (f"multipart/related; type={OCTETS}; transfer-syntax={JPEG_LS}", f"{OCTETS}; transfer-syntax={JPEG_LS}"),
        (DEFAULT_SYNTAX, f"{OCTETS}; transfer-syntax={LITTLE}"),
        (f"{DEFAULT_SYNTAX}; transfer-syntax={LITTLE}", f"{OCTETS}; transfer-syntax={LITTLE}"),
        ("*/*", f"image/jls; transfer-syntax={JPEG_LS}"),
        ("", f"image/jls; transfer-syntax={JPEG_LS}"),
        ('multipart/related; type="*/*"', f"image/jls; transfer-syntax={JPEG_LS}"),
        ("MULTIPART/RELATED ; TYPE=Image/JLS", f"image/jls; transfer-syntax={JPEG_LS}"),
        ("multipart/related; type=image/jp2", "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90"),
        ("multipart/related; type=image/jphc", "image/jphc; transfer-syntax=1.2.840.10008.1.2.4.201"),
        ("multipart/related; type=image/dicom-rle", "image/dicom-rle; transfer-syntax=1.2.840.10008.1.2.5"),
        ("multipart/related; type=image/jpeg", "image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.70"),
        (f"text/x-unknown, ;;, {DEFAULT_SYNTAX}; q=0.5, image/gif; q=0.9", f"{OCTETS}; transfer-syntax={LITTLE}"),
        (f"multipart/related; type=image/jls; q=0.2, {DEFAULT_SYNTAX}; q=0.8", f"{OCTETS}; transfer-syntax={LITTLE}"),
    ],
)
def test_the_part_s_type_and_transfer_syntax_are_those_asked_for(
    client: Client, practice: Practice, accept: str, content_type: str
) -> None:
    """Traps 1, 2, 3 and 30: lists, weights, case, quotes and wildcards (PS3.18 8.7.3.5, 8.7.4, table 8.7.3-5)."""
    data = jpeg_ls_cine()
    keep(practice, data)
    headers = {"accept": accept} if accept else {}
    response = client.get(f"{place(data)}/frames/2", headers=headers)
    ((part, frame),) = parts_of(response["Content-Type"], body(response))
    assert part["content-type"] == content_type
    assert response["Content-Type"].startswith(f'multipart/related; type="{content_type.partition(";")[0]}"; boundary=')
    if content_type.endswith(LITTLE):
        assert frame == slices()[1].tobytes()


def test_a_lossless_target_gives_back_every_pixel(client: Client, practice: Practice) -> None:
    data = dicoms.multi_frame(2)
    keep(practice, data)
    expected = np.frombuffer(native(data), np.uint8)[320:640].reshape(16, 20)
    decoders = {
        "image/jls": imagecodecs.jpegls_decode,
        "image/jp2": imagecodecs.jpeg2k_decode,
        "image/jphc": imagecodecs.htj2k_decode,
        "image/jpeg": imagecodecs.jpeg8_decode,
    }
    for media_type, decode in decoders.items():
        response = client.get(f"{place(data)}/frames/2", headers={"accept": media_type})
        assert response["Content-Type"].startswith(f"{media_type}; transfer-syntax=1.2.840.10008.1.2.4.")
        np.testing.assert_array_equal(decode(response.content), expected)


@pytest.mark.parametrize(
    "accept",
    [
        "video/mp4",
        "image/gif",
        f"image/jpeg; transfer-syntax={JPEG_BASELINE}",
        f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.4.90",
        f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.2",
    ],
)
def test_frames_that_can_not_be_had_so_are_not_acceptable(client: Client, practice: Practice, accept: str) -> None:
    """Trap 5: no lossy encoding is made, and no other byte order (PS3.18 8.7.5)."""
    data = jpeg_ls_cine()
    keep(practice, data)
    assert client.get(f"{place(data)}/frames/1", headers={"accept": accept}).status_code == 406


def test_the_accept_parameter_goes_before_the_header(client: Client, practice: Practice) -> None:
    """Trap 6 (PS3.18 8.3.3.1)."""
    data = jpeg_ls_cine()
    keep(practice, data)
    response = client.get(f"{place(data)}/frames/1?accept={OCTETS}", headers={"accept": "image/jls"})
    assert response["Content-Type"] == f"{OCTETS}; transfer-syntax={LITTLE}"
    assert response.content == slices()[0].tobytes()


def test_dicom_and_rendered_types_may_stand_in_one_list(client: Client, practice: Practice) -> None:
    """Trap 7: mixing is not refused; what this resource can't give is passed over (PS3.18 8.7.5)."""
    data = jpeg_ls_cine()
    keep(practice, data)
    response = client.get(f"{place(data)}/frames/1", headers={"accept": f"image/png, {OCTETS}"})
    assert response.content == slices()[0].tobytes()


def test_a_damaged_frame_is_given_as_stored_to_who_names_no_syntax(client: Client, practice: Practice) -> None:
    streams = [bytes(imagecodecs.jpegls_encode(slices(1)[0])), dicoms.jpeg_like()]
    data = dicoms.encapsulated(streams, transfer_syntax=JPEG_LS)
    keep(practice, data)
    types = [content_type for content_type, _ in frames_of(client, data, "1,2,1", DEFAULT_SYNTAX)]
    syntaxes = [content_type.rpartition("=")[2] for content_type in types]
    assert syntaxes == [LITTLE, JPEG_LS, LITTLE]
    assert frames_of(client, data, "2", DEFAULT_SYNTAX)[0][0] == f"{OCTETS}; transfer-syntax={JPEG_LS}"
    refused = client.get(f"{place(data)}/frames/2", headers={"accept": f"{OCTETS}; transfer-syntax={LITTLE}"})
    assert refused.status_code == 406
    assert "frame" in refused.json()["detail"]


def test_a_video_is_given_as_stored(client: Client, practice: Practice) -> None:
    data = dicoms.encapsulated([b"\0\0\1\x67video!"], transfer_syntax=VIDEO)
    keep(practice, data)
    ((content_type, _),) = frames_of(client, data, "1", DEFAULT_SYNTAX)
    assert content_type == f"{OCTETS}; transfer-syntax={VIDEO}"


def test_each_representation_has_its_own_validator(client: Client, practice: Practice) -> None:
    data = jpeg_ls_cine()
    keep(practice, data)
    address = f"{place(data)}/frames/1"
    tags = {}
    for accept in (f"{OCTETS}; transfer-syntax=*", OCTETS, "image/jp2"):
        tags[accept] = client.get(address, headers={"accept": accept})["ETag"]
        again = client.get(address, headers={"accept": accept, "if-none-match": tags[accept]})
        assert again.status_code == 304
    assert len(set(tags.values())) == 3
    stale = client.get(address, headers={"accept": OCTETS, "if-none-match": tags["image/jp2"]})
    assert stale.status_code == 200


def test_decoded_frames_are_for_the_practice_alone(
    client: Client, stranger_client: Client, anonymous: Client, practice: Practice
) -> None:
    data = jpeg_ls_cine()
    keep(practice, data)
    address, headers = f"{place(data)}/frames/1,2", {"accept": DEFAULT_SYNTAX}
    assert client.get(address, headers=headers).status_code == 200
    assert stranger_client.get(address, headers=headers).status_code == 404
    assert anonymous.get(address, headers=headers).status_code == 401


def test_a_client_that_leaves_ends_the_decoding(
    client: Client, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames are made one at a time, and none for a client that has gone."""
    from apps.archive import transcoding

    asked: list[str] = []
    call = transcoding.call

    def counted(task: str, *arguments: Any, **options: Any) -> Any:
        asked.append(task)
        return call(task, *arguments, **options)

    monkeypatch.setattr(transcoding, "call", counted)
    data = jpeg_ls_cine()
    keep(practice, data)
    response: Any = client.get(
        f"{place(data)}/frames/{','.join(['1', '2'] * 5000)}", headers={"accept": DEFAULT_SYNTAX}
    )
    pieces = iter(response.streaming_content)
    for _ in range(6):
        next(pieces)
    response.close()
    assert list(pieces) == []
    assert len(asked) <= 4


def test_native_frames_asked_for_as_they_are_cost_no_look_at_the_header(
    client: Client, practice: Practice, django_assert_num_queries: Any
) -> None:
    data = dicoms.multi_frame(3, transfer_syntax=ExplicitVRLittleEndian)
    keep(practice, data)
    client.get(f"{place(data)}/frames/1")
    with django_assert_num_queries(1):
        frames_of(client, data, "1,2", DEFAULT_SYNTAX)
