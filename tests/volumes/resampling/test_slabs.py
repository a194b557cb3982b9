"""Slabs: which samples they have, and what becomes of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling import reformatting
from apps.volumes.resampling.planes import Orientation, Plane, Projection, Slab
from apps.volumes.resampling.reformatting import reformat, samples
from apps.volumes.resampling.standard import planes_of
from tests.volumes.phantoms import cylinder, lattice_of, middle, rotation_of, vector
from tests.volumes.resampling.reference import inside, interpolated, pixels
from tests.volumes.resampling.test_planes import NOWHERE, UNEVEN, noise, turned

REDUCED: dict[Projection, Callable[..., Any]] = {
    Projection.MAXIMUM: np.nanmax,
    Projection.MINIMUM: np.nanmin,
    Projection.MEAN: np.nanmean,
}


def expected(voxels: Voxels, plane: Plane, slab: Slab) -> np.ndarray:
    """What scipy finds at the same samples, without those where nothing was imaged; NaN where none was."""
    taken = []
    for depth in samples(voxels, plane, slab):
        points = pixels(plane, depth)
        taken.append(np.where(inside(voxels.lattice, points), interpolated(voxels, points), np.nan))
    with np.errstate(invalid="ignore"):
        found = ~np.all(np.isnan(taken), axis=0)
        reduced = np.full(found.shape, np.nan)
        reduced[found] = REDUCED[slab.projection](np.array(taken)[:, found], axis=0)
    return reduced


@pytest.mark.parametrize("projection", Projection)
@pytest.mark.parametrize(
    "words",
    [
        {},
        {"spacing": (2.0, 0.7, 0.8), "tilt": 15.0},
        {"shape": (10, 18, 20), "offsets": UNEVEN},
    ],
)
@pytest.mark.parametrize("angles", [(0, 0, 0), (25, 40, 10)])
def test_slabs_have_what_scipy_finds(
    words: dict[str, Any], angles: tuple[float, float, float], projection: Projection
) -> None:
    lattice = lattice_of(**{"shape": (14, 18, 20), **words})
    voxels, plane, slab = noise(lattice), turned(lattice, angles), Slab(7.0, projection)
    image, known = reformat(voxels, plane, slab), expected(voxels, plane, slab)
    assert np.isfinite(known).sum() > 100
    assert np.array_equal(np.isnan(known), image == NOWHERE)
    assert np.abs(image - known)[np.isfinite(known)].max() <= 1e-3


@pytest.mark.parametrize("orientation", Orientation)
@pytest.mark.parametrize("rotation", [(0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 180.0, 0.0)])
def test_slabs_along_the_voxels_are_projections_of_them(
    orientation: Orientation, rotation: tuple[float, float, float]
) -> None:
    lattice = lattice_of((10, 12, 14), (2.0, 0.5, 0.8), rotation=rotation)
    voxels, planes = noise(lattice), planes_of(lattice, orientation)
    middle_one = planes.count // 2
    images = np.array([reformat(voxels, planes.plane(index)) for index in range(planes.count)])
    thin = Slab(planes.spacing * 4.5, Projection.MAXIMUM)
    assert np.array_equal(
        reformat(voxels, planes.plane(middle_one), thin), images[middle_one - 2 : middle_one + 3].max(axis=0)
    )
    assert np.array_equal(reformat(voxels, planes.plane(1), thin), images[:4].max(axis=0))
    whole = {projection: reformat(voxels, planes.plane(middle_one), Slab(1e6, projection)) for projection in Projection}
    assert np.array_equal(whole[Projection.MAXIMUM], images.max(axis=0))
    assert np.array_equal(whole[Projection.MINIMUM], images.min(axis=0))
    assert np.abs(whole[Projection.MEAN] - images.mean(axis=0, dtype=np.float64)).max() <= 1e-3


@pytest.mark.parametrize("projection", Projection)
def test_a_slab_with_pixels_of_another_size_is_sampled_between_the_voxels(projection: Projection) -> None:
    lattice = lattice_of((10, 12, 14), (2.0, 0.5, 0.8))
    voxels, plane = noise(lattice), planes_of(lattice, Orientation.CORONAL, spacing=0.55).plane(6)
    slab = Slab(2.0, projection)
    assert np.abs(reformat(voxels, plane, slab) - expected(voxels, plane, slab)).max() <= 1e-3


def test_samples_are_a_voxel_apart_about_the_plane_and_within_the_slab() -> None:
    lattice = lattice_of((20, 20, 20), (2.0, 0.5, 0.8))
    voxels, axial = noise(lattice), planes_of(lattice, Orientation.AXIAL).plane(10)
    assert samples(voxels, axial, Slab(9.9, Projection.MEAN)).tolist() == [-4.0, -2.0, 0.0, 2.0, 4.0]
    assert samples(voxels, axial, Slab(8.0, Projection.MEAN)).tolist() == [-4.0, -2.0, 0.0, 2.0, 4.0]
    assert samples(voxels, axial, Slab(0.0, Projection.MEAN)).tolist() == [0.0]
    apart = np.diff(samples(voxels, turned(lattice, (30, 20, 0)), Slab(8.0, Projection.MEAN)))
    assert apart == pytest.approx(np.full(16, 0.5))


def test_a_slab_of_no_thickness_is_its_plane() -> None:
    lattice = lattice_of((8, 9, 10))
    voxels = noise(lattice)
    for plane in (turned(lattice, (20, 30, 0)), planes_of(lattice, Orientation.SAGITTAL).plane(4)):
        for projection in Projection:
            assert np.array_equal(reformat(voxels, plane, Slab(0.0, projection)), reformat(voxels, plane))


@pytest.mark.parametrize("angles", [(0, 0, 0), (20, 30, 0)])
def test_maximum_and_minimum_are_of_the_values_where_the_slope_is_negative(angles: tuple[float, float, float]) -> None:
    lattice = lattice_of((8, 9, 10))
    voxels, plane = noise(lattice, slope=-0.5, intercept=100.0), turned(lattice, angles)
    image = {projection: reformat(voxels, plane, Slab(4.0, projection)) for projection in Projection}
    imaged = image[Projection.MEAN] != NOWHERE
    assert np.all(image[Projection.MAXIMUM] >= image[Projection.MEAN])
    assert np.all((image[Projection.MEAN] >= image[Projection.MINIMUM])[imaged])
    known = expected(voxels, plane, Slab(4.0, Projection.MAXIMUM))
    assert np.abs(image[Projection.MAXIMUM] - known)[imaged].max() <= 1e-3


@pytest.mark.parametrize("angles", [(0, 0, 0), (20, 30, 0)])
def test_a_slab_beside_the_volume_shows_nothing(angles: tuple[float, float, float]) -> None:
    lattice = lattice_of((8, 9, 10))
    voxels, plane = noise(lattice), turned(lattice, angles)
    away = np.asarray(plane.origin) + 100 * np.cross(plane.across, plane.down)
    far = Plane(vector(away), plane.across, plane.down, 0.9, 0.9, plane.rows, plane.columns)
    assert not len(samples(voxels, far, Slab(20.0, Projection.MEAN)))
    for projection in Projection:
        assert np.all(reformat(voxels, far, Slab(20.0, projection)) == NOWHERE)


def test_a_rod_along_the_view_is_a_disc_and_across_it_a_band() -> None:
    lattice, radius = lattice_of((24, 32, 32), spacing=(1.2, 0.8, 0.8), tilt=10.0), 5.0
    axes = rotation_of((30.0, 20.0, 0.0))
    rod = cylinder(lattice, vector(axes[:, 2]), radius=radius)
    along, across = turned(lattice, (30.0, 20.0, 0.0), 0.25, 60), turned(lattice, (120.0, 20.0, 0.0), 0.25, 60)
    disc = reformat(rod, along, Slab(6.0, Projection.MEAN)) / 1000
    assert disc.sum() * 0.25**2 == pytest.approx(np.pi * radius**2, rel=0.02)
    assert reformat(rod, across, Slab(6.0, Projection.MAXIMUM)).max() == pytest.approx(1000, abs=1)
    assert middle(lattice) == pytest.approx(np.asarray(along.origin) + (np.array(along.across) + along.down) * 7.375)


@pytest.mark.parametrize("bound", ["MOST_SAMPLES", "MOST_DEPTHS"])
@pytest.mark.parametrize("spacing", [None, 0.9])
def test_too_thick_a_slab_for_one_image_is_refused(
    monkeypatch: pytest.MonkeyPatch, spacing: float | None, bound: str
) -> None:
    lattice = lattice_of((8, 9, 10))
    voxels = noise(lattice)
    askew = (
        turned(lattice, (20, 30, 0))
        if spacing is None
        else planes_of(lattice, Orientation.AXIAL, spacing=spacing).plane(4)
    )
    count = len(samples(voxels, askew, Slab(4.0, Projection.MEAN)))
    most = count if bound == "MOST_DEPTHS" else askew.rows * askew.columns * count
    monkeypatch.setattr(reformatting, bound, most)
    assert reformat(voxels, askew, Slab(4.0, Projection.MEAN)).shape == (askew.rows, askew.columns)
    with pytest.raises(ValueError, match="thinner"):
        reformat(voxels, askew, Slab(6.0, Projection.MEAN))
    # What coincides with voxels is bounded by their number.
    reformat(voxels, planes_of(lattice, Orientation.AXIAL).plane(4), Slab(6.0, Projection.MEAN))


@pytest.mark.parametrize("thickness", [-1.0, float("nan"), float("inf")])
def test_what_is_no_thickness_is_refused(thickness: float) -> None:
    voxels = noise(lattice_of((4, 5, 6)))
    plane = planes_of(voxels.lattice, Orientation.AXIAL).plane(0)
    with pytest.raises(ValueError, match="thickness"):
        reformat(voxels, plane, Slab(thickness, Projection.MEAN))
