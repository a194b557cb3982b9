"""Regions and viewports: what part of the frame is seen, which way round, and how large."""

from typing import Any

import numpy as np
import pytest

from apps.dicom.lut import bulk_elements
from apps.dicom.pixels import PixelDescription
from apps.dicom.render import InvalidParameter, parse_rendering, parse_thumbnail, render_frame
from tests.dicom.images import header, render, seen

# Each pixel says where it lies: 0..59 left to right, plus 60 for each row.
PLACES = (np.arange(60, dtype=np.uint8)[None, :] + 60 * np.arange(4, dtype=np.uint8)[:, None]).astype(np.uint8)
ATTRIBUTES = header(4, 60, T00281050=127.5, T00281051=255, T00281056="LINEAR_EXACT")


def view(viewport: str) -> np.ndarray[Any, Any]:
    return render(PLACES, ATTRIBUTES, parse_rendering({"viewport": viewport}, "image/png"))


@pytest.mark.parametrize(
    ("viewport", "expected"),
    [
        ("60,4", PLACES),
        ("5,2,10,1,5,2", PLACES[1:3, 10:15]),
        ("5,2,10,1,-5,2", PLACES[1:3, 10:15][:, ::-1]),
        ("5,2,10,1,5,-2", PLACES[1:3, 10:15][::-1]),
        ("60,4,0,0,-60,-4", PLACES[::-1, ::-1]),
        ("10,4,50", PLACES[:, 50:]),
        ("10,4,50,0,9999,9999", PLACES[:, 50:]),
    ],
)
def test_regions(viewport: str, expected: np.ndarray[Any, Any]) -> None:
    np.testing.assert_array_equal(view(viewport), expected)


@pytest.mark.parametrize(
    ("viewport", "shape"),
    [("30,30", (2, 30)), ("120,1000", (8, 120)), ("1000,8", (8, 120)), ("1,1", (1, 1)), ("6,6,0,0,3,3", (6, 6))],
)
def test_the_image_fills_one_side_of_the_viewport(viewport: str, shape: tuple[int, int]) -> None:
    assert view(viewport).shape == shape


@pytest.mark.parametrize("viewport", ["10,10,60", "10,10,0,4", "10,10,1e6,0,5,5", "10,10,0,0,0.2,1"])
def test_a_region_outside_of_the_image_is_refused(viewport: str) -> None:
    with pytest.raises(InvalidParameter, match=r"viewport: .*outside"):
        view(viewport)


def test_the_range_of_values_is_that_of_the_whole_frame_though_a_region_is_seen() -> None:
    attributes = header(4, 60)
    whole = render(PLACES, attributes)
    region = render(PLACES, attributes, parse_rendering({"viewport": "5,2,10,1,5,2"}, "image/png"))
    np.testing.assert_array_equal(region, whole[1:3, 10:15])


def thumbnail(rows: int, columns: int, **elements: Any) -> tuple[int, ...]:
    attributes = header(rows, columns, **elements)
    frame = np.zeros((rows, columns), np.uint8)
    description = PixelDescription.from_attributes(attributes)
    return seen(render_frame(frame, attributes, description, 1, parse_thumbnail({}))).shape


@pytest.mark.parametrize(
    ("size", "elements", "shape"),
    [
        ((512, 512), {}, (256, 256)),
        ((300, 3000), {}, (26, 256)),
        ((64, 48), {}, (64, 48)),
        ((100, 100), {"T00280034": ["2", "1"]}, (200, 100)),
        ((100, 100), {"T00280030": [0.5, 1.0]}, (100, 200)),
        ((400, 400), {"T00280030": [2, 1]}, (256, 128)),
        ((100, 100), {"T00280030": [1000, 1]}, (100, 100)),
        ((100, 100), {"T00280030": [0, 1]}, (100, 100)),
    ],
)
def test_thumbnails_are_small_and_have_square_pixels(
    size: tuple[int, int], elements: dict[str, Any], shape: tuple[int, int]
) -> None:
    assert thumbnail(*size, **elements) == shape


def test_the_tables_that_rendering_needs_are_named() -> None:
    bulk: dict[str, Any] = {"vr": "OW", "BulkDataURI": "somewhere"}
    held = {"vr": "OW", "InlineBinary": "AAA="}
    sequence = {"vr": "SQ", "Value": [{"00283006": bulk}]}
    attributes: dict[str, dict[str, Any]] = {"00281201": bulk, "00281202": held, "00283010": sequence, "7FE00010": bulk}
    assert list(bulk_elements(attributes)) == [bulk, bulk]
