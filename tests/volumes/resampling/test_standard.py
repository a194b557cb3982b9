"""Planes along the patient's axes, and those one asks for."""

from typing import Any

import numpy as np
import pytest

from apps.volumes.resampling.planes import Orientation
from apps.volumes.resampling.standard import oblique, planes_of
from tests.volumes.phantoms import lattice_of
from tests.volumes.resampling.reference import pixels
from tests.volumes.resampling.test_planes import LATTICES, UNEVEN


def test_they_are_drawn_as_is_the_custom() -> None:
    lattice = lattice_of((10, 12, 14), (2.0, 0.5, 0.8), origin=(-5.0, -3.0, 7.0))
    axial, coronal, sagittal = (planes_of(lattice, orientation) for orientation in Orientation)
    assert (axial.count, axial.rows, axial.columns, axial.spacing) == (10, 12, 14, 2.0)
    assert (coronal.count, coronal.rows, coronal.columns, coronal.spacing) == (12, 10, 14, 0.5)
    assert (sagittal.count, sagittal.rows, sagittal.columns, sagittal.spacing) == (14, 10, 12, 0.8)
    assert (axial.first.across, axial.first.down) == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    assert (coronal.first.across, coronal.first.down) == ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))
    assert (sagittal.first.across, sagittal.first.down) == ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
    assert axial.plane(9).origin == pytest.approx((-5.0, -3.0, 25.0))
    assert coronal.plane(1).origin == pytest.approx((-5.0, -2.5, 25.0))
    assert sagittal.plane(2).origin == pytest.approx((-3.4, -3.0, 25.0))
    assert (coronal.first.row_spacing, coronal.first.column_spacing) == (2.0, 0.8)


@pytest.mark.parametrize("orientation", Orientation)
@pytest.mark.parametrize("name", LATTICES)
def test_they_cover_the_volume_and_ascend(name: str, orientation: Orientation) -> None:
    lattice = lattice_of(**LATTICES[name])
    planes = planes_of(lattice, orientation)
    assert np.all(np.diff(planes.positions) > 0)
    points = np.concatenate([pixels(planes.plane(index)).reshape(-1, 3) for index in (0, planes.count - 1)])
    steps = np.zeros(3)
    steps[planes.axis] = planes.spacing
    steps += np.abs(np.asarray(planes.first.across)) * planes.first.column_spacing
    steps += np.abs(np.asarray(planes.first.down)) * planes.first.row_spacing
    assert np.all(points.min(axis=0) - lattice.corners.min(axis=0) < steps)
    assert np.all(lattice.corners.max(axis=0) - points.max(axis=0) < steps)
    assert np.all(points.min(axis=0) >= lattice.corners.min(axis=0) - 1e-6)
    assert np.all(points.max(axis=0) <= lattice.corners.max(axis=0) + 1e-6)


def test_each_slice_of_an_uneven_volume_is_one_of_them() -> None:
    lattice = lattice_of((10, 12, 14), offsets=UNEVEN)
    assert planes_of(lattice, Orientation.AXIAL).positions == pytest.approx(np.array(UNEVEN) - 10.0)
    assert planes_of(lattice, Orientation.CORONAL).first.row_spacing == lattice.slice_spacing


@pytest.mark.parametrize(("rotation", "spacings"), [((90, 0, 0), (0.5, 2.0, 0.8)), ((0, 90, 0), (0.8, 0.5, 2.0))])
def test_spacing_along_each_axis_is_that_of_the_voxels_nearest_to_it(
    rotation: tuple[float, float, float], spacings: tuple[float, float, float]
) -> None:
    lattice = lattice_of((10, 12, 14), (2.0, 0.5, 0.8), rotation=tuple(angle + 4.0 for angle in rotation))
    assert tuple(planes_of(lattice, orientation).spacing for orientation in Orientation) == spacings


def test_pixels_of_another_size_lie_in_the_same_box() -> None:
    lattice = lattice_of((10, 12, 14), (2.0, 0.5, 0.8), origin=(0.0, 0.0, 0.0))
    planes = planes_of(lattice, Orientation.CORONAL, spacing=0.5)
    assert (planes.first.row_spacing, planes.first.column_spacing) == (0.5, 0.5)
    assert (planes.count, planes.rows, planes.columns) == (12, 37, 21)
    assert planes.first.origin == pytest.approx((0.2, 0.0, 18.0))


@pytest.mark.parametrize("index", [-1, 10])
def test_there_are_no_others(index: int) -> None:
    with pytest.raises(IndexError):
        planes_of(lattice_of((10, 12, 14)), Orientation.AXIAL).plane(index)


@pytest.mark.parametrize("spacing", [0.0, -1.0, float("nan"), float("inf")])
def test_what_is_no_spacing_is_refused(spacing: float) -> None:
    with pytest.raises(ValueError, match="spacing"):
        planes_of(lattice_of((10, 12, 14)), Orientation.AXIAL, spacing=spacing)


def test_an_oblique_plane_lies_about_its_centre() -> None:
    plane = oblique((10.0, 20.0, 30.0), (0.6, 0.8, 0.0), (0.0, 0.0, -1.0), spacing=0.5, rows=5, columns=4)
    assert pixels(plane).mean(axis=(0, 1)) == pytest.approx((10.0, 20.0, 30.0))
    assert plane.origin == pytest.approx((10 - 0.6 * 0.75, 20 - 0.8 * 0.75, 31.0))
    assert (plane.rows, plane.columns, plane.row_spacing, plane.column_spacing) == (5, 4, 0.5, 0.5)


def test_directions_that_were_rounded_are_made_good() -> None:
    plane = oblique((0.0, 0.0, 0.0), (0.707, 0.707, 0.0), (-0.705, 0.709, 0.001), spacing=1.0, rows=2, columns=2)
    across, down = np.asarray(plane.across), np.asarray(plane.down)
    assert (np.linalg.norm(across), np.linalg.norm(down), across @ down) == pytest.approx((1.0, 1.0, 0.0), abs=1e-12)
    assert across[:2] == pytest.approx(np.sqrt([0.5, 0.5]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"across": (1.1, 0.0, 0.0)},
        {"across": (0.0, 0.0, 0.0)},
        {"down": (0.1, 0.99, 0.0)},
        {"down": (1.0, 0.0, 0.0)},
        {"down": (0.0, float("nan"), 0.0)},
        {"centre": (float("nan"), 0.0, 0.0)},
        {"spacing": 0.0},
        {"spacing": float("nan")},
        {"rows": 0},
        {"columns": 1 << 30},
    ],
)
def test_what_is_no_oblique_plane_is_refused(wrong: dict[str, Any]) -> None:
    words: dict[str, Any] = {"centre": (0.0, 0.0, 0.0), "across": (1.0, 0.0, 0.0), "down": (0.0, 1.0, 0.0)}
    with pytest.raises(ValueError, match=r"plane|pixels"):
        oblique(**{**words, "spacing": 1.0, "rows": 4, "columns": 4, **wrong})
