"""Damaged and hostile frames end in a reason, before anything large is allocated."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.dicom.codecs import DECODERS
from apps.dicom.pixels import PixelDescription, Undecodable, decode_frame
from tests.dicom.images import EXPLICIT, bundled, header

JPEG, JPEG_LS, JPEG_2000, JPEG_XL = (f"1.2.840.10008.1.2.4.{kind}" for kind in (50, 80, 90, 110))
BIG = np.zeros((600, 600), np.uint8)
FILES = [
    "JPEG-lossy.dcm",
    "JPGExtended.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "SC_rgb_rle.dcm",
]


def decode(data: bytes, attributes: dict[str, Any], syntax: str) -> np.ndarray[Any, Any]:
    return decode_frame(data, PixelDescription.from_attributes(attributes), syntax)


def outcome_of(data: bytes, attributes: Any, syntax: str) -> tuple[int, ...] | str:
    """Return the rows and columns of the frame, or the reason why there is none."""
    try:
        return decode(data, attributes, syntax).shape[:2]
    except Undecodable as reason:
        return str(reason)


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"T00280010": 0}, "no valid size"),
        ({"T00280011": None}, "no valid size"),
        ({"T00280010": -5}, "no valid size"),
        ({"T00280010": 65535, "T00280011": 65535}, "larger than"),
        ({"T00280010": 70000}, "no valid size"),
        ({"T00280002": 4}, "samples per pixel"),
        ({"T00280100": 12}, "Bits Allocated"),
        ({"T00280101": 9}, "Bits Stored"),
        ({"T00280102": 8}, "High Bit"),
        ({"T00280002": 3, "T00280100": 1, "T00280101": 1, "T00280102": 0}, "one bit"),
    ],
)
def test_an_impossible_header_is_refused(elements: dict[str, Any], reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        PixelDescription.from_attributes(header(8, 8) | header(8, 8, **elements) | _absent(elements))


def _absent(elements: dict[str, Any]) -> dict[str, Any]:
    return {tag.removeprefix("T"): {"vr": "US"} for tag, value in elements.items() if value is None}


@pytest.mark.parametrize("syntax", [EXPLICIT, "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.8.1"])
def test_a_native_frame_that_is_too_short_is_refused(syntax: str) -> None:
    with pytest.raises(Undecodable):
        decode(b"\x03\x00", header(8, 8), syntax)


@pytest.mark.parametrize(
    ("syntax", "data"),
    [
        (JPEG, imagecodecs.jpeg8_encode(BIG)),
        (JPEG_LS, imagecodecs.jpegls_encode(BIG)),
        (JPEG_2000, imagecodecs.jpeg2k_encode(BIG, codecformat="J2K")),
        (JPEG_2000, imagecodecs.jpeg2k_encode(BIG, codecformat="JP2")),
        (JPEG_XL, imagecodecs.jpegxl_encode(BIG)),
    ],
)
def test_a_stream_larger_than_its_header_says_is_refused(syntax: str, data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(bytes(data), header(8, 8), syntax)


def test_a_stream_of_colours_under_a_grey_header_is_refused() -> None:
    data = bytes(imagecodecs.jpeg8_encode(np.zeros((8, 8, 3), np.uint8)))
    with pytest.raises(Undecodable, match="3 components"):
        decode(data, header(8, 8), JPEG)


def test_a_jpeg_with_endless_scans_is_refused() -> None:
    data = bytes(imagecodecs.jpeg8_encode(np.zeros((8, 8), np.uint8)))
    with pytest.raises(Undecodable, match="scans"):
        decode(data + b"\xff\xda\x00\x08" * 200, header(8, 8), JPEG)


@pytest.mark.parametrize(
    ("syntax", "reason"),
    [
        ("1.2.840.10008.1.2.4.102", "video"),
        ("1.2.840.10008.1.2.4.102.1", "video"),
        ("1.2.3", "1.2.3"),
        ("", "none"),
    ],
)
def test_a_syntax_without_a_decoder_is_named(syntax: str, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        decode(b"", header(8, 8), syntax)


@pytest.mark.parametrize("photometric", ["YBR_PARTIAL_420", "CMYK"])
def test_an_unknown_colour_space_is_named(photometric: str) -> None:
    with pytest.raises(Undecodable, match=photometric):
        decode(bytes(192), header(8, 8, samples=3, T00280004=photometric), EXPLICIT)


@settings(deadline=None, max_examples=150)
@given(syntax=st.sampled_from(sorted(DECODERS)), data=st.binary(max_size=200))
@example(syntax=JPEG, data=b"")
@example(syntax=JPEG, data=b"\xff\xd8\xff\xc0\x00\x03\x08")
@example(syntax=JPEG_LS, data=b"\xff\xd8\xff\xf7\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00\xff\xda\x00\x08")
@example(syntax=JPEG_2000, data=b"\x00\x00\x00\x0cjP  ")
@example(syntax="1.2.840.10008.1.2.5", data=b"\x01\x00\x00\x00\x40")
def test_bytes_that_are_no_image_give_a_reason_or_a_frame(syntax: str, data: bytes) -> None:
    outcome = outcome_of(data, header(8, 8), syntax)
    assert isinstance(outcome, str) or outcome == (8, 8)


@settings(deadline=None, max_examples=150)
@given(name=st.sampled_from(FILES), keep=st.floats(0, 1), damage=st.dictionaries(st.floats(0, 1), st.integers(0, 255)))
def test_damaged_streams_give_a_reason_or_a_frame(name: str, keep: float, damage: dict[float, int]) -> None:
    attributes, intact, syntax = bundled(name)
    data = bytearray(intact[: int(keep * len(intact))])
    for place, octet in damage.items() if data else ():
        data[int(place * (len(data) - 1))] = octet
    size = attributes["00280010"]["Value"] + attributes["00280011"]["Value"]
    outcome = outcome_of(bytes(data), attributes, syntax)
    assert isinstance(outcome, str) or outcome == tuple(size)


def test_a_jpeg_ls_stream_without_its_end_is_refused() -> None:
    data = bytes(imagecodecs.jpegls_encode(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 7))
    with pytest.raises(Undecodable, match="damaged"):
        decode(data[:100], header(64, 64, bits=16), JPEG_LS)
