"""What one sees of a frame: right greys, right colours, in every media type."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import pixel_array

from apps.dicom.pixels import PixelDescription, Undecodable, decode_frame
from apps.dicom.render import Rendering, Window, WindowFunction, parse_rendering, render_frame
from tests.dicom.images import bundled, dataset, decoded, header, inline, render, seen

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
SIGMOID, EXACT = WindowFunction.SIGMOID, WindowFunction.LINEAR_EXACT


def with_window(center: float, width: float, function: WindowFunction = WindowFunction.LINEAR) -> Rendering:
    return Rendering(media_type="image/png", window=Window(center, width, function))


def expected_of_pydicom(name: str, center: float, width: float, function: str) -> NDArray[Any]:
    """Return pydicom's windowed values, scaled from its output range to 0..255."""
    source = dataset(name).copy()
    source.WindowCenter, source.WindowWidth, source.VOILUTFunction = center, width, function
    units = apply_modality_lut(pixel_array(source), source)
    with np.errstate(over="ignore"):
        windowed = apply_voi_lut(units, source, prefer_lut=False)
        extremes = apply_voi_lut(np.array([-1e9, 1e9]), source, prefer_lut=False)
    return (windowed - extremes[0]) / (extremes[1] - extremes[0]) * 255


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm"])
@pytest.mark.parametrize(("center", "width"), [(40, 400), (600.5, 1201), (300, 1)])
@pytest.mark.parametrize("function", list(WindowFunction))
def test_a_window_gives_what_pydicom_gives(name: str, center: float, width: float, function: WindowFunction) -> None:
    rendering = with_window(center, width, function)
    ours = render(decoded(name), bundled(name)[0], rendering)
    expected = expected_of_pydicom(name, center, width, function.upper().replace("-", "_"))
    assert np.abs(ours - expected).max() <= 0.51


def test_the_window_of_the_header_is_used() -> None:
    attributes = header(16, 16, T00281050=[128, 40], T00281051=[21, 400])
    np.testing.assert_array_equal(render(RAMP, attributes), render(RAMP, attributes, with_window(128, 21)))
    assert render(RAMP, attributes)[0, 0] == 0


@pytest.mark.parametrize("unusable", [{"T00281051": 0}, {"T00281051": -4}, {"T00281050": None}])
def test_an_unusable_window_of_the_header_is_passed_over(unusable: dict[str, Any]) -> None:
    elements = {"T00281050": 3, "T00281051": 8} | unusable
    np.testing.assert_array_equal(render(RAMP, header(16, 16, **elements)), RAMP)


def test_without_a_window_the_range_of_the_values_is_shown_without_padding() -> None:
    frame = np.array([[-2000, -1900, 0, 100, 200]], np.int16)
    padded = header(1, 5, bits=16, T00280103=1, T00280120=63536, T00280121=-1900)
    assert render(frame, padded).tolist() == [[0, 0, 0, 128, 255]]


def test_a_linear_window_of_floating_point_values_leaves_no_gap() -> None:
    """ "LINEAR" takes one off the width, which is all of it for values from 0 to 1. PS3.3 C.11.2.1.2.1"""
    frame = np.array([[0.0, 0.25, 0.5, 1.0]], np.float32)
    attributes = header(1, 4, T00281050=0.5, T00281051=1) | {"7FE00008": {"vr": "OF", "BulkDataURI": "x"}}
    for tag in ("00280101", "00280102", "00280103"):
        attributes.pop(tag, None)
    attributes["00280100"] = {"vr": "US", "Value": [32]}
    assert render(frame, attributes).tolist() == [[0, 64, 128, 255]]


def test_a_frame_of_one_value_is_black() -> None:
    assert not render(np.full((4, 4), 77, np.uint8), header(4, 4)).any()


def test_a_segmentation_shows_its_segment_whatever_the_frame_holds() -> None:
    ones, attributes = np.ones((2, 2), np.uint8), header(2, 2, bits=1)
    assert (render(ones, attributes) == 255).all()
    assert (render(0 * ones, attributes) == 0).all()
    half = render(127 * ones, header(2, 2, T0062000E=254))
    assert (half == 128).all()


def test_a_label_map_is_shown_from_nothing_to_its_last_segment() -> None:
    """Also where all of a frame is in the one segment, and what is in none has the padding's value."""
    segments = [{"00620004": {"vr": "US", "Value": [number]}} for number in (1, 2, 4)]
    labels = header(1, 4, T00620001="LABELMAP", T00280120=0) | {"00620002": {"vr": "SQ", "Value": segments}}
    assert render(np.array([[0, 1, 2, 4]], np.uint8), labels).tolist() == [[0, 64, 128, 255]]
    assert render(np.array([[0, 1, 1, 1]], np.uint8), labels).tolist() == [[0, 64, 64, 64]]


@pytest.mark.parametrize(
    ("elements", "is_inverted"),
    [
        ({"T00280004": "MONOCHROME1"}, True),
        ({"T00280004": "MONOCHROME1", "T20500020": "INVERSE"}, True),
        ({"T00280004": "MONOCHROME2", "T20500020": "INVERSE"}, True),
        ({"T00280004": "MONOCHROME2", "T20500020": "IDENTITY"}, False),
    ],
)
def test_polarity(elements: dict[str, Any], is_inverted: bool) -> None:
    expected = 255 - RAMP if is_inverted else RAMP
    np.testing.assert_array_equal(render(RAMP, header(16, 16, **elements)), expected)


def test_the_rescale_comes_before_the_window() -> None:
    attributes = header(1, 3, bits=16, T00281052=-1024, T00281053=2)
    frame = np.array([[412, 512, 612]], np.uint16)
    assert render(frame, attributes, with_window(0, 400, EXACT)).tolist() == [[0, 128, 255]]


def lut_item(first: int, bits: int, entries: Any) -> dict[str, Any]:
    return {"00283002": {"vr": "US", "Value": [len(entries), first, bits]}, "00283006": inline(entries)}


def test_a_modality_lut_takes_the_place_of_the_rescale() -> None:
    attributes = header(1, 4, bits=16, T00280103=1, T00283000=[lut_item(0xFFFF, 16, [0, 30, 60])])
    frame = np.array([[-5, -1, 0, 9]], np.int16)
    assert render(frame, attributes, with_window(30, 60, EXACT)).tolist() == [[0, 0, 128, 255]]


@pytest.mark.parametrize("entries", [inline([0, 100, 255], "u1"), inline([0, 100, 255]), {"Value": [0, 100, 255]}])
def test_a_voi_lut_is_preferred_to_the_window(entries: dict[str, Any]) -> None:
    item = lut_item(10, 8, [0, 100, 255]) | {"00283006": entries}
    attributes = header(1, 5, T00281050=1, T00281051=1, T00283010=[item])
    frame = np.array([[0, 10, 11, 12, 200]], np.uint8)
    assert render(frame, attributes).tolist() == [[0, 0, 100, 255, 255]]


def test_the_window_asked_for_is_preferred_to_a_voi_lut() -> None:
    attributes = header(16, 16, T00283010=[lut_item(0, 8, [9] * 256)])
    np.testing.assert_array_equal(render(RAMP, attributes, with_window(127.5, 255, EXACT)), RAMP)


def functional(center: float, slope: float) -> dict[str, Any]:
    voi = {"00281050": {"Value": [center]}, "00281051": {"Value": [100]}, "00281056": {"Value": ["LINEAR_EXACT"]}}
    transform = {"00281052": {"Value": [0]}, "00281053": {"Value": [slope]}}
    return {"00289132": {"Value": [voi]}, "00289145": {"Value": [transform]}}


def test_each_frame_has_the_window_and_rescale_of_its_functional_groups() -> None:
    groups = [functional(50, 1), functional(50, 2), {}]
    attributes = header(1, 2, T52009230=groups, T52009229=[functional(25, 0.5)])
    frame = np.array([[20, 50]], np.uint8)
    shown = [render(frame, attributes, frame_number=number).tolist() for number in (1, 2, 3)]
    assert shown == [[[51, 128]], [[102, 255]], [[89, 128]]]


@pytest.mark.parametrize(
    ("dtype", "tag"), [("f4", "7FE00008"), ("f8", "7FE00009"), ("i4", "7FE00010"), ("u4", "7FE00010")]
)
def test_wide_values_are_windowed_too(dtype: str, tag: str) -> None:
    frame: NDArray[Any] = np.array([[0, 100_000, 200_000]], dtype)
    attributes = header(1, 3, bits=frame.itemsize * 8, T00280103=int(dtype == "i4")) | {tag: {"vr": "OW"}}
    assert render(frame, attributes).tolist() == [[0, 128, 255]]


def test_values_that_are_no_numbers_are_black() -> None:
    frame = np.array([[np.nan, 0, 1, np.inf, -np.inf]], np.float32)
    attributes = header(1, 5, bits=32) | {"7FE00008": {}}
    assert render(frame, attributes).tolist() == [[0, 0, 255, 255, 0]]


def test_a_large_frame_is_shown_to_its_last_row() -> None:
    frame = np.tile(np.arange(1000, dtype=np.uint16), (700, 1))
    shown = render(frame, header(700, 1000, bits=16))
    np.testing.assert_array_equal(shown, np.tile(shown[0], (700, 1)))
    assert shown[-1, -1] == 255


def palette(first: int, *channels: list[int], bits: int = 16, dtype: str = "<u2") -> dict[str, Any]:
    tags = ("00281201", "00281202", "00281203")
    tables = {tag: inline(entries, dtype) for tag, entries in zip(tags, channels, strict=True)}
    return {"00281101": {"vr": "US", "Value": [len(channels[0]), first, bits]}} | tables


@pytest.mark.parametrize(
    ("bits", "dtype", "scale"), [(16, "<u2", 256), (8, "<u2", 1), (8, "u1", 1), (16, "<u2", 1), (8, "<u2", 256)]
)
def test_palettes_of_any_depth(bits: int, dtype: str, scale: int) -> None:
    channels = [[entry * scale for entry in entries] for entries in ([255, 0, 1], [0, 2, 128], [3, 4, 5])]
    attributes = header(1, 5, T00280004="PALETTE COLOR") | palette(7, *channels, bits=bits, dtype=dtype)
    shown = render(np.array([[0, 7, 8, 9, 99]], np.uint8), attributes).tolist()
    first, second, third = [255, 0, 3], [0, 2, 4], [1, 128, 5]
    assert shown == [[first, first, second, third, third]]


def test_a_palette_whose_first_index_is_negative() -> None:
    attributes = header(1, 2, bits=16, T00280004="PALETTE COLOR", T00280103=1)
    attributes |= palette(0xFFFE, [255, 0], [0, 255], [0, 0])
    assert render(np.array([[-2, -1]], np.int16), attributes).tolist() == [[[255, 0, 0], [0, 255, 0]]]


def test_a_real_palette_gives_the_colours_of_pydicom() -> None:
    name = "examples_palette.dcm"
    expected = apply_color_lut(pixel_array(dataset(name), index=0), dataset(name))
    np.testing.assert_array_equal(render(decoded(name), bundled(name)[0]), expected >> 8)


def segmented(data: list[int], count: int, dtype: str = "<u2", bits: int = 16) -> dict[str, Any]:
    tables = {tag: inline(data, dtype) for tag in ("00281221", "00281222", "00281223")}
    return {"00281101": {"vr": "US", "Value": [count, 0, bits]}} | tables


@pytest.mark.parametrize(("dtype", "bits", "scale"), [("<u2", 16, 256), ("u1", 8, 1)])
def test_a_segmented_palette_is_expanded(dtype: str, bits: int, scale: int) -> None:
    indirect = [2, 1, 0, 0] if bits == 16 else [2, 1, 0, 0, 0, 0]
    data = [0, 2, 10 * scale, 20 * scale, 1, 4, 60 * scale, *indirect]
    attributes = header(1, 8, T00280004="PALETTE COLOR") | segmented(data, 8, dtype, bits)
    shown = render(np.arange(8, dtype=np.uint8).reshape(1, 8), attributes)
    assert shown[0, :, 0].tolist() == [10, 20, 30, 40, 50, 60, 10, 20]


@pytest.mark.parametrize("data", [[1, 4, 9], [2, 1, 0, 0], [7, 1, 1], [0, 1, 5, 1, 3], [0, 1, 5, 2, 9, 3, 0]])
def test_a_broken_segmented_palette_is_refused(data: list[int]) -> None:
    attributes = header(16, 16, T00280004="PALETTE COLOR") | segmented(data, 256)
    with pytest.raises(Undecodable, match="palette"):
        render(RAMP, attributes)


def test_a_missing_palette_is_refused() -> None:
    attributes = header(16, 16, T00280004="PALETTE COLOR")
    with pytest.raises(Undecodable, match="palette"):
        render(RAMP, attributes)
    with pytest.raises(Undecodable, match="palette"):
        render(RAMP, attributes | {"00281101": {"Value": [256, 0, 8]}})


def test_colours_of_sixteen_bits_keep_their_upper_eight() -> None:
    attributes, data, syntax = bundled("SC_rgb_rle_16bit.dcm")
    frame = decode_frame(data, PixelDescription.from_attributes(attributes), syntax)
    np.testing.assert_array_equal(render(frame, attributes), frame >> 8)


@pytest.mark.parametrize(
    ("media_type", "start"), [("image/jpeg", b"\xff\xd8\xff"), ("image/png", b"\x89PNG"), ("image/gif", b"GIF8")]
)
@pytest.mark.parametrize("shape", [(40, 56), (40, 56, 3), (1, 1), (1, 1, 3)])
def test_every_media_type_shows_the_image(media_type: str, start: bytes, shape: tuple[int, ...]) -> None:
    attributes = header(shape[0], shape[1], samples=3 if len(shape) == 3 else 1, T00281050=128, T00281051=256)
    frame = np.linspace(0, 255, int(np.prod(shape))).astype(np.uint8).reshape(shape)
    description = PixelDescription.from_attributes(attributes)
    file = render_frame(frame, attributes, description, 1, Rendering(media_type, quality=95))
    assert file.startswith(start)
    assert seen(file).shape[:2] == shape[:2]
    if media_type == "image/png":
        assert np.abs(seen(file).astype(int) - frame).max() <= 1


def test_a_lower_quality_is_a_smaller_file() -> None:
    frame = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    description = PixelDescription.from_attributes(header(64, 64, samples=3))
    sizes = [len(render_frame(frame, {}, description, 1, Rendering(quality=quality))) for quality in (10, 60, 95)]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png"])
def test_a_colour_profile_is_embedded_on_request(media_type: str) -> None:
    frame, attributes = np.zeros((8, 8, 3), np.uint8), header(8, 8, samples=3)
    description = PixelDescription.from_attributes(attributes)
    for asked, has_profile in (("srgb", True), ("no", False)):
        file = render_frame(frame, attributes, description, 1, parse_rendering({"iccprofile": asked}, media_type))
        assert ("icc_profile" in Image.open(BytesIO(file)).info) is has_profile


def test_annotations_are_burnt_into_their_corner() -> None:
    attributes = header(200, 300, T00100010=[{"Alphabetic": "Doe^Jane"}], T00080060="CT")
    black = np.zeros((200, 300), np.uint8)
    top = render(black, attributes, parse_rendering({"annotation": "patient"}, "image/png"))
    bottom = render(black, attributes, parse_rendering({"annotation": "technique"}, "image/png"))
    assert top[:100, :150].max() > 200
    assert not top[100:].any()
    assert bottom[100:, :150].max() > 200
    assert not bottom[:100].any()
