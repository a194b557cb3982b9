"""Frames from one transfer syntax to another: reversible encodings give back every pixel, and colours stay."""

from dataclasses import replace
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.pixels import decode_frame
from apps.dicom.representation import ENCODED, HTJ2K, JPEG_2000, RLE, TARGETS, form_in, frame_form_in, targets_of
from apps.dicom.samples import native_frame
from apps.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN
from apps.dicom.transcode import transcode_frame

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"


def grey(rows: int, columns: int, stored: int, *, signed: bool = False) -> PixelDescription:
    allocated = 8 if stored <= 8 else 16
    return PixelDescription(rows, columns, 1, "MONOCHROME2", allocated, stored, stored - 1, int(signed), 0, 1)


def colour(space: str = "RGB", *, planar: int = 0, bits: int = 8, rows: int = 6, columns: int = 8) -> PixelDescription:
    return PixelDescription(rows, columns, 3, space, bits, bits, bits - 1, 0, planar, 1)


def noise(description: PixelDescription, seed: int = 1) -> bytes:
    """A native frame whose samples are anything, but within Bits Stored."""
    words = np.random.default_rng(seed).integers(0, 1 << description.bits_stored, description.samples, np.uint16)
    return words.astype(f"<u{description.bits_allocated // 8}").tobytes()


def encoded(native: bytes, description: PixelDescription, target: str) -> tuple[bytes, PixelDescription]:
    form = form_in(description, EXPLICIT_VR_LITTLE_ENDIAN, target)
    assert form is not None
    return transcode_frame(native, description, EXPLICIT_VR_LITTLE_ENDIAN, form, target), form


@pytest.mark.parametrize("target", ENCODED)
@given(
    rows=st.integers(1, 20),
    columns=st.integers(1, 20),
    stored=st.integers(2, 16),
    signed=st.booleans(),
    seed=st.integers(0, 99),
)
def test_grey_pixels_survive_every_target(
    target: str, rows: int, columns: int, stored: int, signed: bool, seed: int
) -> None:
    description = grey(rows, columns, stored, signed=signed)
    native = noise(description, seed)
    stream, form = encoded(native, description, target)
    before = decode_frame(native, description, EXPLICIT_VR_LITTLE_ENDIAN)
    np.testing.assert_array_equal(decode_frame(stream, form, target), before)


@pytest.mark.parametrize("target", ENCODED)
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planar", [0, 1])
def test_colour_pixels_survive_every_target(target: str, bits: int, planar: int) -> None:
    description = colour(planar=planar, bits=bits, rows=37, columns=41)
    native = noise(description)
    stream, form = encoded(native, description, target)
    before = decode_frame(native, description, EXPLICIT_VR_LITTLE_ENDIAN)
    np.testing.assert_array_equal(decode_frame(stream, form, target), before)
    assert form.planar_configuration == 0
    assert form.photometric_interpretation == ("YBR_RCT" if target in (JPEG_2000, HTJ2K) else "RGB")


@pytest.mark.parametrize("source", ENCODED)
@pytest.mark.parametrize("target", TARGETS)
def test_every_syntax_becomes_every_other(source: str, target: str) -> None:
    description = grey(12, 10, 12, signed=True)
    native = noise(description)
    stream, form = encoded(native, description, source)
    again = transcode_frame(stream, form, source, form_in(form, source, target) or form, target)
    before = decode_frame(native, description, EXPLICIT_VR_LITTLE_ENDIAN)
    np.testing.assert_array_equal(decode_frame(again, form, target), before)


def test_chrominance_that_is_kept_is_not_converted() -> None:
    description = colour("YBR_FULL")
    native = noise(description)
    for target in ENCODED:
        stream, form = encoded(native, description, target)
        assert form.photometric_interpretation == "YBR_FULL"
        assert native_frame(stream, form, target, replace(form, pixel_vr="")) == native


def test_native_shared_chrominance_is_given_to_each_pixel_that_is_encoded() -> None:
    description = colour("YBR_FULL_422")
    native = bytes(range(6 * 8 * 2))
    stream, form = encoded(native, description, RLE)
    assert form.photometric_interpretation == "YBR_FULL"
    pixels = np.frombuffer(native_frame(stream, form, RLE, form), np.uint8).reshape(-1, 3)
    assert pixels[:2].tolist() == [[0, 2, 3], [1, 2, 3]]
    assert native_frame(stream, form, RLE, description) == native


def test_bits_beside_the_pixel_s_own_survive_where_words_are_kept() -> None:
    description = replace(grey(4, 4, 12), high_bit=13)
    native = np.arange(16, dtype="<u2").tobytes()[::-1]
    stream, form = encoded(native, description, RLE)
    assert native_frame(stream, form, RLE, description) == native


def test_single_bits_are_packed_from_the_lowest() -> None:
    description = PixelDescription(3, 3, 1, "MONOCHROME2", 1, 1, 0, 0, 0, 1)
    stream = imagecodecs.jpeg2k_encode(np.eye(3, dtype=np.uint8), level=0, codecformat="j2k", reversible=True)
    assert native_frame(bytes(stream), description, JPEG_2000, description) == bytes([0b00010001, 0b1])
    assert form_in(description, EXPLICIT_VR_LITTLE_ENDIAN, RLE) is None


def ybr_jpeg(rgb: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(rgb, level=100, subsampling="444"))


def test_a_lossy_jpeg_s_frame_is_in_the_space_that_the_metadata_say() -> None:
    flat = np.full((6, 8, 3), (200, 100, 50), np.uint8)
    luminance, blue, red = 124, 86, 182
    data = ybr_jpeg(flat)
    for space, pair in (
        ("RGB", [200, 100, 50] * 2),
        ("YBR_FULL", [luminance, blue, red] * 2),
        ("YBR_FULL_422", [luminance, luminance, blue, red]),
    ):
        description = colour(space)
        form = frame_form_in(description, JPEG_BASELINE, EXPLICIT_VR_LITTLE_ENDIAN)
        assert form is not None
        pixels = native_frame(data, description, JPEG_BASELINE, form)
        np.testing.assert_allclose(list(pixels[: len(pair)]), pair, atol=2)
        assert len(pixels) == 6 * 8 * (2 if space == "YBR_FULL_422" else 3)


def test_a_frame_comes_in_planes_where_the_metadata_say_so() -> None:
    flat = np.full((6, 8, 3), (200, 100, 50), np.uint8)
    description = colour(planar=1)
    pixels = native_frame(ybr_jpeg(flat), description, JPEG_BASELINE, description)
    assert set(pixels[:48]) <= {199, 200, 201}
    assert set(pixels[96:]) <= {49, 50, 51}


def test_a_file_of_lossy_jpeg_becomes_rgb() -> None:
    for space in ("YBR_FULL", "YBR_FULL_422", "RGB"):
        form = form_in(colour(space), JPEG_BASELINE, EXPLICIT_VR_LITTLE_ENDIAN)
        assert form is not None
        assert form.photometric_interpretation == "RGB"


@pytest.mark.parametrize("kind", ["float", "wide", "single bit"])
def test_what_has_no_compressed_form_is_said_to_have_none(kind: str) -> None:
    description = {
        "float": replace(grey(2, 2, 16), float_kind="float", bits_allocated=32),
        "wide": replace(grey(2, 2, 16), bits_allocated=32, bits_stored=32, high_bit=31),
        "single bit": PixelDescription(2, 2, 1, "MONOCHROME2", 1, 1, 0, 0, 0, 1),
    }[kind]
    forms = {target: form_in(description, EXPLICIT_VR_LITTLE_ENDIAN, target) for target in TARGETS}
    given = [target for target, form in forms.items() if form is not None]
    assert given == [EXPLICIT_VR_LITTLE_ENDIAN, *([RLE] if kind == "wide" else [])]


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.95", "1.2.3"])
def test_video_and_unknown_syntaxes_have_no_targets(syntax: str) -> None:
    assert targets_of(syntax) == ()


def test_a_stream_with_more_bits_than_allocated_is_refused() -> None:
    words = np.full((6, 8, 3), 0x1234, np.uint16)
    stream = bytes(imagecodecs.jpeg2k_encode(words, level=0, codecformat="j2k", reversible=True, mct=False))
    with pytest.raises(Undecodable, match="more bits"):
        native_frame(stream, colour(), JPEG_2000, colour())
