"""Images as files: windows are PS3.3's, and numbers come back as they were."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from apps.dicom.windowing import Window, WindowFunction
from apps.volumes import drawing
from apps.volumes.drawing import NumberType
from apps.volumes.geometry.voxels import Voxels
from tests.volumes.phantoms import lattice_of

WINDOW = {"00281050": {"vr": "DS", "Value": ["40"]}, "00281051": {"vr": "DS", "Value": ["400"]}}


def voxels(values: NDArray[Any], **meaning: float) -> Voxels:
    return Voxels(values, lattice_of(values.shape, (2.0, 1.0, 1.0)), **meaning)  # type: ignore[arg-type]


def test_the_window_is_the_headers() -> None:
    look = drawing.look_of({**WINDOW, "00280004": {"vr": "CS", "Value": ["MONOCHROME2"]}})
    assert look == drawing.Look(Window(40, 400), is_inverted=False)


def test_the_window_of_an_enhanced_object_is_its_first_frames() -> None:
    frame = {"00289132": {"vr": "SQ", "Value": [WINDOW]}}
    header = {"52009230": {"vr": "SQ", "Value": [frame]}, "00280004": {"vr": "CS", "Value": ["MONOCHROME1"]}}
    assert drawing.look_of(header) == drawing.Look(Window(40, 400), is_inverted=True)
    assert drawing.look_of({}) == drawing.Look(None, is_inverted=False)


def test_without_one_the_window_spans_what_there_is_but_for_metal() -> None:
    values = np.tile(np.arange(1000, dtype=np.int16), 60).reshape(6, 100, 100)
    values[0, 0, :10] = 30_000
    window = drawing.window_spanning(voxels(values, slope=2.0, intercept=-1000.0))
    assert window.function is WindowFunction.LINEAR_EXACT
    assert window.center == pytest.approx(0, abs=10)
    assert window.width == pytest.approx(1980, abs=20)


def test_a_volume_of_one_value_or_none_has_a_window_too() -> None:
    flat = np.full((2, 2, 2), 7, np.int16)
    assert drawing.window_spanning(voxels(flat)).width > 0
    assert drawing.window_spanning(voxels(np.full((2, 2, 2), np.nan, np.float32))).width > 0


@pytest.mark.parametrize(("encode", "kind", "off"), [(drawing.png, "PNG", 0), (drawing.jpeg, "JPEG", 3)])
def test_a_picture_shows_its_window(encode: Any, kind: str, off: int) -> None:
    image = np.repeat(np.array([[-200.0, -160.5, 39.5, 238.5, 500.0, np.nan]], np.float32), 8, axis=1).repeat(8, axis=0)
    picture = Image.open(BytesIO(encode(drawing.in_window(image, Window(40, 400)))))
    assert (picture.format, picture.size, picture.mode) == (kind, (48, 8), "L")
    shown = np.asarray(picture)[4, 4::8].astype(int)
    assert np.abs(shown - [0, 0, 128, 255, 255, 0]).max() <= off


def test_inverted_is_the_other_way_round() -> None:
    image = np.array([[-1000.0, 1000.0]], np.float32)
    assert drawing.in_window(image, Window(40, 400), is_inverted=True).tolist() == [[255, 0]]


def test_a_jpeg_of_less_quality_is_smaller() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64)).astype(np.uint8)
    assert len(drawing.jpeg(noise, 20)) < len(drawing.jpeg(noise, 90))


def test_numbers_are_the_values() -> None:
    image = np.array([[1.25, -3.5], [7.0, 0.0]], np.float32)
    kept = drawing.numbers(image, voxels(np.zeros((2, 2, 2), np.int16)), NumberType.FLOAT32)
    assert np.array_equal(np.frombuffer(kept.data, "<f4").reshape(2, 2), image)
    assert (kept.slope, kept.intercept) == (1.0, 0.0)


def test_whole_numbers_are_the_volumes_own_steps() -> None:
    image = np.array([[-1024.0, -999.4], [3071.0, 99_999.0]], np.float32)
    kept = drawing.numbers(image, voxels(np.zeros((2, 2, 2), np.int16), slope=0.5, intercept=-1024.0), NumberType.INT16)
    values = np.frombuffer(kept.data, "<i2") * kept.slope + kept.intercept
    assert values.tolist() == [-1024.0, -999.5, 3071.0, 32767 * 0.5 - 1024]


def test_whole_numbers_of_a_float_volume_span_the_image() -> None:
    image = np.array([[0.001, 0.5], [0.0215, np.nan]], np.float32)
    kept = drawing.numbers(image, voxels(np.zeros((2, 2, 2), np.float32)), NumberType.INT16)
    values = np.frombuffer(kept.data, "<i2") * kept.slope + kept.intercept
    assert np.allclose(values[:3], [0.001, 0.5, 0.0215], atol=0.5 / 65_535)
