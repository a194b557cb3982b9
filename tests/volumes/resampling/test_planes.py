"""Planes through volumes, beside scipy and what is known in closed form."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.planes import Orientation, Plane
from apps.volumes.resampling.reformatting import MOST_PIXELS, reformat
from apps.volumes.resampling.sampling import sample
from apps.volumes.resampling.standard import oblique, planes_of
from tests.volumes.phantoms import (
    AIR,
    LINEAR,
    centres,
    lattice_of,
    linear,
    linear_at,
    middle,
    rotation_of,
    sphere,
    vector,
)
from tests.volumes.resampling.reference import inside, interpolated, pixels

NOWHERE = -5000.0
UNEVEN = (0.0, 1.0, 1.5, 4.0, 4.3, 6.0, 7.0, 8.8, 10.0, 11.0)
LATTICES: dict[str, dict[str, Any]] = {
    "even": {},
    "thick slices": {"spacing": (2.5, 0.7, 0.6)},
    "turned": {"rotation": (12.0, -25.0, 33.0), "spacing": (1.5, 0.8, 0.8)},
    "coronal slices": {"rotation": (90.0, 0.0, 0.0), "spacing": (2.0, 0.8, 0.9)},
    "feet first": {"rotation": (180.0, 0.0, 0.0)},
    "prone": {"rotation": (0.0, 180.0, 0.0)},
    "tilted gantry": {"tilt": 18.0, "spacing": (3.0, 0.5, 0.5)},
    "tilted gantry, turned": {"tilt": -10.0, "rotation": (0.0, 8.0, 15.0)},
    "uneven": {"shape": (10, 18, 20), "offsets": UNEVEN},
    "uneven, turned": {"shape": (10, 18, 20), "offsets": UNEVEN, "rotation": (0.0, 20.0, 5.0)},
}


def noise(lattice: Lattice, **words: Any) -> Voxels:
    """A volume nothing about which is linear."""
    values = np.random.default_rng(7).integers(-1000, 3000, lattice.shape, dtype=np.int16)
    return Voxels(values, lattice, unit="HU", outside=NOWHERE, **words)


def turned(lattice: Lattice, angles: Sequence[float], spacing: float = 0.9, side: int = 40) -> Plane:
    """A square plane through the middle of `lattice`, turned by `angles`."""
    axes = rotation_of(angles)
    directions = vector(axes[:, 0]), vector(axes[:, 1])
    return oblique(middle(lattice), *directions, spacing=spacing, rows=side, columns=side)


@pytest.fixture(params=LATTICES, scope="module")
def lattice(request: pytest.FixtureRequest) -> Lattice:
    return lattice_of(**{"shape": (14, 18, 20), **LATTICES[request.param]})


@pytest.mark.parametrize("orientation", Orientation)
def test_what_is_linear_in_the_patient_is_so_in_every_plane(lattice: Lattice, orientation: Orientation) -> None:
    voxels, planes = linear(lattice), planes_of(lattice, orientation)
    met = 0
    for index in (0, planes.count // 2, planes.count - 1):
        points = pixels(planes.plane(index))
        imaged = inside(lattice, points)
        image = reformat(voxels, planes.plane(index))
        met += int(imaged.sum())
        assert image.dtype == np.float32
        assert np.abs(image - linear_at(points, *LINEAR))[imaged].max(initial=0.0) <= 1e-3
        assert np.all(image[~imaged] == AIR)
    assert met


@pytest.mark.parametrize("angles", [(0, 0, 0), (30, 40, 0), (75, 10, -50)])
def test_oblique_planes_have_what_scipy_finds(lattice: Lattice, angles: tuple[float, float, float]) -> None:
    voxels, plane = noise(lattice), turned(lattice, angles)
    points = pixels(plane)
    imaged = inside(lattice, points)
    image = reformat(voxels, plane)
    assert 50 < imaged.sum() < imaged.size
    assert np.abs(image - interpolated(voxels, points))[imaged].max() <= 1e-3
    assert np.all(image[~imaged] == NOWHERE)


@given(
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    turn=st.tuples(*[st.floats(-180, 180)] * 3),
    spacing=st.tuples(*[st.floats(0.3, 3)] * 3),
    tilt=st.floats(-25, 25),
)
@hypothesis_settings(max_examples=25)
def test_any_plane_through_any_volume_has_what_scipy_finds(
    angles: tuple[float, ...], turn: tuple[float, ...], spacing: tuple[float, float, float], tilt: float
) -> None:
    lattice = lattice_of((8, 9, 10), spacing, rotation=turn, tilt=tilt)
    voxels, plane = noise(lattice), turned(lattice, angles, spacing=0.5, side=24)
    points = pixels(plane)
    image, imaged = reformat(voxels, plane), inside(lattice, points)
    # On the very border, rounding says which it is.
    sure = imaged & (image != NOWHERE)
    assert np.mean(sure != imaged) < 0.05
    assert np.abs(image - interpolated(voxels, points))[sure].max() <= 1e-3


def test_a_plane_larger_than_a_tile_is_seamless() -> None:
    lattice = lattice_of((12, 20, 24))
    plane = turned(lattice, (20, 30, 10), spacing=0.03, side=600)
    points = pixels(plane)
    imaged = inside(lattice, points)
    assert np.abs(reformat(linear(lattice), plane) - linear_at(points, *LINEAR))[imaged].max() <= 1e-3


@pytest.mark.parametrize("name", ["even", "thick slices", "coronal slices", "feet first", "prone", "uneven"])
@pytest.mark.parametrize("orientation", Orientation)
def test_planes_along_the_voxels_have_their_values_exactly(name: str, orientation: Orientation) -> None:
    lattice = lattice_of(**{"shape": (14, 18, 20), **LATTICES[name]})
    voxels = noise(lattice, slope=2.0, intercept=-24.0)
    values = {tuple(np.round(point, 6)): value for point, value in _each(voxels)}
    planes = planes_of(lattice, orientation)
    for index in (0, 3, planes.count - 1):
        plane = planes.plane(index)
        image, points = reformat(voxels, plane), np.round(pixels(plane), 6) + 0.0
        known = [
            (values.get(tuple(point)), value) for point, value in zip(points.reshape(-1, 3), image.flat, strict=True)
        ]
        if name == "uneven" and orientation is not Orientation.AXIAL:
            assert any(value is not None for value, _ in known)
        else:
            assert all(value is not None for value, _ in known)
        assert all(value == drawn for value, drawn in known if value is not None)


def _each(voxels: Voxels) -> list[tuple[np.ndarray, float]]:
    points = np.round(centres(voxels.lattice), 6).reshape(-1, 3) + 0.0
    return list(zip(points, (voxels.values * voxels.slope + voxels.intercept).flat, strict=True))


def test_a_plane_between_two_slices_has_what_lies_between() -> None:
    lattice = lattice_of((6, 7, 8), spacing=(2.0, 1.0, 1.0))
    voxels, plane = noise(lattice), planes_of(lattice, Orientation.AXIAL).plane(2)
    x, y, z = plane.origin
    between = Plane((x, y, z + 0.5), plane.across, plane.down, 1.0, 1.0, plane.rows, plane.columns)
    expected = voxels.values[2] * 0.75 + voxels.values[3] * 0.25
    assert np.abs(reformat(voxels, between) - expected).max() <= 1e-3


def test_nothing_is_shown_between_slices_where_some_are_missing() -> None:
    offsets = (0.0, 1.0, 2.0, 5.0, 6.0, 7.0)
    lattice = lattice_of((6, 10, 10), offsets=offsets, gaps=(2,))
    voxels, planes = noise(lattice), planes_of(lattice, Orientation.CORONAL)
    image = reformat(voxels, planes.plane(4))
    # Head first: rows from z = 7 down to 0; those at 4 and 3 were never imaged.
    assert planes.rows == 8
    assert np.all(image[3:5] == NOWHERE)
    assert np.array_equal(image[[0, 1, 2, 5, 6, 7]], voxels.values[[5, 4, 3, 2, 1, 0], 4].astype(np.float32))
    turning = turned(lattice, (70.0, 10.0, 0.0), spacing=0.3)
    points = pixels(turning)
    depth = points[..., 2] - lattice.origin[2]
    imaged, missing = inside(lattice, points), (depth > 2.001) & (depth < 4.999)
    image = reformat(voxels, turning)
    assert (imaged & missing).any()
    assert np.all(image[imaged & missing] == NOWHERE)
    sure = imaged & ((depth < 1.999) | (depth > 5.001))
    assert np.abs(image - interpolated(voxels, points))[sure].max() <= 1e-3


def test_a_ball_is_as_round_and_as_large_in_every_plane_and_where_it_lies() -> None:
    lattice = lattice_of((20, 40, 40), spacing=(1.6, 0.8, 0.8), tilt=15.0, rotation=(5.0, 0.0, 10.0))
    radius, spacing = 10.0, 0.25
    ball = sphere(lattice, radius=radius)
    for angles in ((0, 0, 0), (90, 0, 0), (30, -40, 20)):
        plane = turned(lattice, angles, spacing=spacing, side=110)
        share = reformat(ball, plane).clip(0.0, 1000.0) / 1000
        rows, columns = np.indices(share.shape)
        assert share.sum() * spacing**2 == pytest.approx(np.pi * radius**2, rel=0.015)
        for indices in (rows, columns):
            where = float((indices * share).sum() / share.sum())
            assert where == pytest.approx(54.5, abs=0.1 / spacing)
            assert float((share * (indices - where) ** 2).sum() / share.sum()) ** 0.5 * 2 == pytest.approx(
                radius / spacing, rel=0.02
            )


@pytest.mark.parametrize("kind", [np.int16, np.uint8, np.float32])
def test_a_read_only_memory_map_is_sampled_as_it_is(tmp_path: Path, kind: type[np.generic]) -> None:
    lattice = lattice_of((6, 7, 8))
    values = np.random.default_rng(1).integers(0, 200, lattice.shape).astype(kind)
    np.save(tmp_path / "voxels.npy", values)
    mapped = Voxels(np.load(tmp_path / "voxels.npy", mmap_mode="r"), lattice, outside=NOWHERE)
    for plane in (turned(lattice, (30, 20, 10)), planes_of(lattice, Orientation.SAGITTAL).plane(3)):
        image = reformat(mapped, plane)
        assert np.array_equal(image, reformat(Voxels(values, lattice, outside=NOWHERE), plane))
        image += 1  # the caller's own


def test_extremes_of_16_bits_are_no_matter() -> None:
    lattice = lattice_of((4, 5, 6))
    values = np.where(np.indices(lattice.shape).sum(axis=0) % 2, 32767, -32768).astype(np.int16)
    voxels = Voxels(values, lattice, intercept=32768.0, outside=NOWHERE)
    plane = turned(lattice, (30, 20, 10), spacing=0.2)
    imaged = inside(lattice, pixels(plane))
    assert np.abs(reformat(voxels, plane) - interpolated(voxels, pixels(plane)))[imaged].max() <= 0.02


def test_points_that_are_no_numbers_are_nowhere() -> None:
    lattice = lattice_of((4, 5, 6))
    voxels = linear(lattice)
    points = np.array([[np.nan, 0, 0], [np.inf, 0, 0], [-np.inf, np.inf, 0], [1e300, 0, 0], lattice.origin])
    values = sample(voxels, points)
    assert values[:4].tolist() == [AIR] * 4
    assert values[4] == pytest.approx(float(linear_at(np.asarray(lattice.origin), *LINEAR)), abs=1e-3)


def test_many_points_at_once_are_the_same_as_planes(lattice: Lattice) -> None:
    voxels, plane = noise(lattice), turned(lattice, (30, 40, 5), spacing=0.2, side=150)
    assert np.abs(sample(voxels, pixels(plane)) - reformat(voxels, plane)).max() <= 2e-3
    assert sample(voxels, np.zeros((0, 3))).shape == (0,)


def test_a_point_has_three_coordinates() -> None:
    with pytest.raises(ValueError, match="three"):
        sample(linear(lattice_of((4, 5, 6))), np.zeros((3, 2)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"row_spacing": 0.0},
        {"column_spacing": -1.0},
        {"row_spacing": float("nan")},
        {"origin": (0.0, float("inf"), 0.0)},
        {"rows": 0},
        {"rows": MOST_PIXELS, "columns": 2},
    ],
)
def test_what_is_no_plane_is_refused(wrong: dict[str, Any]) -> None:
    lattice = lattice_of((4, 5, 6))
    words = {"origin": (0.0, 0.0, 0.0), "across": (1.0, 0.0, 0.0), "down": (0.0, 1.0, 0.0)}
    plane = Plane(**{**words, "row_spacing": 1.0, "column_spacing": 1.0, "rows": 4, "columns": 4, **wrong})
    with pytest.raises(ValueError, match=r"plane|pixels"):
        reformat(linear(lattice), plane)
