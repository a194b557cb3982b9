"""Frames decode to the very values that pydicom gives, whatever their transfer syntax and form."""

import zlib
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.pixels.utils import pixel_array

from apps.dicom.pixels import PixelDescription, decode_frame
from tests.dicom.images import EXPLICIT, bundled, dataset, decoded, header

RLE = "1.2.840.10008.1.2.5"
SAME_AS_PYDICOM = [
    "CT_small.dcm",
    "ExplVR_BigEnd.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "JPEG2000.dcm",
    "JPEGLSNearLossless_08.dcm",
    "JPEGLSNearLossless_16.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_rle_16bit_2frame.dcm",
    "SC_rgb_rle_32bit.dcm",
    "SC_rgb_small_odd_big_endian.dcm",
    "examples_overlay.dcm",
    "examples_palette.dcm",
    "examples_rgb_color.dcm",
    "liver_1frame.dcm",
    "rtdose_1frame.dcm",
    "rtdose_expb_1frame.dcm",
    "rtdose_rle_1frame.dcm",
]
# Two correct conversions from YBR may differ by one, as may two correct inverse cosine transforms.
ALMOST_SAME_AS_PYDICOM = [
    "693_J2KI.dcm",
    "GDCMJ2K_TextGBR.dcm",
    "SC_jpeg_no_color_transform.dcm",
    "SC_jpeg_no_color_transform_2.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_dcmtk_+eb+cy+n1.dcm",
    "SC_rgb_dcmtk_+eb+cy+n2.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_dcmtk_+eb+cy+s2.dcm",
    "SC_rgb_dcmtk_+eb+cy+s4.dcm",
    "SC_rgb_gdcm_KY.dcm",
    "SC_rgb_jpeg_app14_dcmd.dcm",
    "SC_rgb_jpeg_dcmd.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_jpeg_lossy_gdcm.dcm",
    "SC_rgb_small_odd_jpeg.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "examples_jpeg2k.dcm",
    "examples_ybr_color.dcm",
]


def of_pydicom(name: str) -> NDArray[Any]:
    return pixel_array(dataset(name), index=0)


@pytest.mark.parametrize("name", SAME_AS_PYDICOM)
def test_values_are_those_of_pydicom(name: str) -> None:
    ours = decoded(name)
    np.testing.assert_array_equal(ours, of_pydicom(name))
    assert ours.dtype.isnative


@pytest.mark.parametrize("name", ALMOST_SAME_AS_PYDICOM)
def test_colours_are_those_of_pydicom(name: str) -> None:
    difference = decoded(name).astype(int) - of_pydicom(name).astype(int)
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("MR_small_RLE.dcm", "MR_small.dcm"),
        ("MR_small_bigendian.dcm", "MR_small.dcm"),
        ("MR_small_implicit.dcm", "MR_small.dcm"),
        ("MR_small_jp2klossless.dcm", "MR_small.dcm"),
        ("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"),
        ("SC_rgb_jpeg_gdcm.dcm", "SC_rgb_rle.dcm"),
        ("SC_rgb_gdcm_KY.dcm", "SC_rgb_rle.dcm"),
    ],
)
def test_lossless_syntaxes_agree(name: str, reference: str) -> None:
    np.testing.assert_array_equal(decoded(name), decoded(reference))


def test_twelve_bit_jpeg_decodes() -> None:
    frame = decoded("JPGExtended.dcm")
    assert frame.shape == (1024, 256)
    assert 255 < frame.max() < 4096


def noise(bits: int, *shape: int) -> NDArray[Any]:
    kind = np.uint8 if bits <= 8 else np.uint16
    return np.random.default_rng(bits).integers(0, 1 << bits, shape or (40, 56)).astype(kind)


def decode(data: bytes, attributes: dict[str, Any], syntax: str = EXPLICIT) -> NDArray[Any]:
    return decode_frame(data, PixelDescription.from_attributes(attributes), syntax)


def jpeg_lossless(samples: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(samples, lossless=True, bitspersample=samples.itemsize * 8))


LOSSLESS_ENCODERS: dict[str, Callable[[NDArray[Any]], Any]] = {
    "1.2.840.10008.1.2.4.57": jpeg_lossless,
    "1.2.840.10008.1.2.4.70": jpeg_lossless,
    "1.2.840.10008.1.2.4.80": imagecodecs.jpegls_encode,
    "1.2.840.10008.1.2.4.90": lambda samples: imagecodecs.jpeg2k_encode(
        samples, level=0, codecformat="J2K", reversible=True
    ),
    "1.2.840.10008.1.2.4.110": lambda samples: imagecodecs.jpegxl_encode(samples, lossless=True),
    "1.2.840.10008.1.2.4.201": lambda samples: imagecodecs.htj2k_encode(samples, reversible=True),
    "1.2.840.10008.1.2.4.202": lambda samples: imagecodecs.htj2k_encode(samples, reversible=True),
}


@pytest.mark.parametrize("syntax", LOSSLESS_ENCODERS)
@pytest.mark.parametrize("bits", [8, 16])
def test_a_lossless_codec_gives_the_values_back(syntax: str, bits: int) -> None:
    samples = noise(bits)
    data = bytes(LOSSLESS_ENCODERS[syntax](samples))
    np.testing.assert_array_equal(decode(data, header(40, 56, bits=bits), syntax), samples)


@pytest.mark.parametrize("syntax", LOSSLESS_ENCODERS)
def test_a_lossless_codec_gives_the_colours_back(syntax: str) -> None:
    samples = noise(8, 40, 56, 3)
    data = bytes(LOSSLESS_ENCODERS[syntax](samples))
    np.testing.assert_array_equal(decode(data, header(40, 56, samples=3), syntax), samples)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80"])
def test_signed_values_get_their_sign_from_the_header(syntax: str) -> None:
    samples = noise(12)
    attributes = header(40, 56, bits=16, T00280101=12, T00280102=11, T00280103=1)
    signed = decode(bytes(LOSSLESS_ENCODERS[syntax](samples)), attributes, syntax)
    assert (signed.min(), signed.max()) == (-2048, 2047)
    np.testing.assert_array_equal(signed & 0xFFF, samples)


def test_irreversible_htj2k_does_not_wrap_around() -> None:
    samples = np.tile(np.array([0, 255], np.uint8).repeat(4), (64, 8))
    data = bytes(imagecodecs.htj2k_encode(samples, reversible=False))
    frame = decode(data, header(64, 64), "1.2.840.10008.1.2.4.203")
    assert np.abs(frame.astype(int) - samples).max() < 64


def test_a_deflated_frame_decodes() -> None:
    samples = noise(16)
    deflate = zlib.compressobj(wbits=-15)
    data = deflate.compress(samples.tobytes()) + deflate.flush()
    np.testing.assert_array_equal(decode(data, header(40, 56, bits=16), "1.2.840.10008.1.2.8.1"), samples)


def test_bits_beside_the_stored_ones_are_left_out() -> None:
    words = np.array([[0xF123, 0x0FFF]], "<u2")
    plain = header(1, 2, bits=16, T00280101=12, T00280102=11)
    shifted = header(1, 2, bits=16, T00280101=12, T00280102=15)
    signed = header(1, 2, bits=16, T00280101=12, T00280102=11, T00280103=1)
    assert decode(words.tobytes(), plain).tolist() == [[0x123, 0xFFF]]
    assert decode(words.tobytes(), shifted).tolist() == [[0xF12, 0x0FF]]
    assert decode(words.tobytes(), signed).tolist() == [[0x123, -1]]


@pytest.mark.parametrize(("vr", "expected"), [("OW", [[2, 1, 4, 3]]), ("OB", [[1, 2, 3, 4]])])
def test_big_endian_octets_are_swapped_in_words_only(vr: str, expected: list[list[int]]) -> None:
    attributes = header(1, 4) | {"7FE00010": {"vr": vr}}
    assert decode(bytes([1, 2, 3, 4]), attributes, "1.2.840.10008.1.2.2").tolist() == expected


def test_single_bits_are_read_from_the_lowest() -> None:
    frame = decode(bytes([0b00000101, 0b1]), header(3, 3, bits=1))
    assert frame.tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 1]]


def test_run_length_coded_single_bits_decode() -> None:
    offsets = np.array([1, 64] + [0] * 14, "<u4").tobytes()
    frame = decode(offsets + b"\x01\x05\x01", header(3, 3, bits=1), RLE)
    assert frame.tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 1]]


def test_colours_by_plane_and_by_pixel_are_the_same() -> None:
    samples = noise(8, 4, 6, 3)
    by_plane = decode(samples.transpose(2, 0, 1).tobytes(), header(4, 6, samples=3, T00280006=1))
    np.testing.assert_array_equal(by_plane, decode(samples.tobytes(), header(4, 6, samples=3)))


@pytest.mark.parametrize(("allocated", "tag", "dtype"), [(32, "7FE00008", "<f4"), (64, "7FE00009", "<f8")])
def test_floating_point_pixels_keep_their_values(allocated: int, tag: str, dtype: str) -> None:
    attributes = header(1, 2, bits=allocated, T00280101=None, T00280102=None, T00280103=None)
    data = np.array([[-0.5, 1e6]], dtype)
    for elements in (attributes, attributes | {tag: {"vr": "OF"}}):
        frame = decode(data.tobytes(), elements)
        np.testing.assert_array_equal(frame, data)


def ybr_jpeg(samples: NDArray[Any], **options: Any) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(samples, 100, subsampling="444", **options))


def test_a_jpeg_with_a_jfif_marker_is_ybr_though_the_header_says_rgb() -> None:
    red = np.full((16, 16, 3), (250, 10, 10), np.uint8)
    frame = decode(ybr_jpeg(red), header(16, 16, samples=3), "1.2.840.10008.1.2.4.50")
    assert np.abs(frame.astype(int) - red).max() < 5


def test_a_jpeg_without_markers_has_the_colours_that_the_header_says() -> None:
    attributes, data, syntax = bundled("SC_jpeg_no_color_transform.dcm")
    as_ybr = {**attributes, "00280004": {"vr": "CS", "Value": ["YBR_FULL"]}}
    rgb = decode_frame(data, PixelDescription.from_attributes(attributes), syntax)
    ybr = decode_frame(data, PixelDescription.from_attributes(as_ybr), syntax)
    assert rgb.mean() > 240
    assert np.abs(rgb.astype(int) - ybr).max() > 100
