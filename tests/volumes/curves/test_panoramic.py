"""The panoramic: unrolled exactly, on any lattice, whichever way it is worked out."""

from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from apps.volumes.curves import upright
from apps.volumes.curves.arch import Arch
from apps.volumes.curves.panoramic import Panorama, curve_of, heights_of, offsets_of, panoramic
from apps.volumes.curves.unrolling import unrolled
from apps.volumes.curves.upright import is_upright
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.planes import Projection
from tests.volumes.curves.arches import small_arch
from tests.volumes.phantoms import AIR, LINEAR, lattice_of, linear, linear_at, rotation_of, vector

PANORAMA = Panorama(top=6.0, bottom=-6.0, spacing=0.7, thickness=3.0, projection=Projection.MEAN)
UPRIGHT = lattice_of((24, 28, 32), (0.9, 1.0, 1.1), origin=(-17, -14, -10))
# Downwards, its rows to the front and its columns to the right.
TURNED_OVER = replace(
    UPRIGHT, origin=(17.0, 13.0, 10.7), along=(0.0, 0.0, -1.0), down=(0.0, -1.0, 0.0), across=(-1.0, 0.0, 0.0)
)
ANGLES = (14, -9, 20)
ASLANT = lattice_of((40, 44, 48), rotation=ANGLES, origin=vector(rotation_of(ANGLES) @ (-23.5, -20.5, -19.5)))
TILTED = lattice_of((36, 40, 36), tilt=12, origin=(-17.5, -20, -18))
UNEVEN = lattice_of((22, 28, 36), origin=(-17, -14, -10), offsets=[k * 0.9 + (k % 3) * 0.2 for k in range(22)])
# Partly beyond what was imaged, at the patient's right.
WIDE = Arch(((-40.0, 9.0), (-9.0, 0.0), (0.0, -7.0), (9.0, 0.0), (12.0, 9.0)), 0.0)
LATTICES = {"upright": UPRIGHT, "over": TURNED_OVER, "aslant": ASLANT, "tilted": TILTED, "uneven": UNEVEN}


def places(voxels: Voxels, panorama: Panorama) -> np.ndarray:
    """(samples, rows, columns, 3): where the panoramic samples, worked out anew."""
    line = curve_of(small_arch(), panorama)
    flat = line.points + offsets_of(voxels, panorama)[:, None, None] * line.normals
    heights = heights_of(panorama)
    shape = (len(flat), len(heights), len(line.points))
    spread = np.broadcast_to(flat[:, None], (*shape, 2))
    return np.concatenate([spread, np.broadcast_to(heights[None, :, None, None], (*shape, 1))], axis=3)


def rough(lattice: Lattice, **options: Any) -> Voxels:
    values = np.random.default_rng(4).integers(-1000, 3000, lattice.shape).astype(np.int16)
    return Voxels(values, lattice, outside=AIR, **options)


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize("projection", [Projection.MEAN, Projection.MAXIMUM])
def test_a_volume_that_is_linear_is_unrolled_exactly(name: str, projection: Projection) -> None:
    voxels = linear(LATTICES[name])
    truth = linear_at(places(voxels, PANORAMA), *LINEAR)
    truth = truth.max(axis=0) if projection is Projection.MAXIMUM else truth.mean(axis=0)
    image = panoramic(voxels, small_arch(), replace(PANORAMA, projection=projection))
    assert image.dtype == np.float32
    assert np.abs(image - truth).max() <= 1e-3


@pytest.mark.parametrize("name", ["upright", "over", "aslant", "tilted"])
@pytest.mark.parametrize("projection", Projection)
def test_it_is_what_scipy_makes_of_the_same_samples(name: str, projection: Projection) -> None:
    lattice = LATTICES[name]
    voxels = rough(lattice)
    steps = np.array([lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing])
    indices = (places(voxels, PANORAMA) - lattice.origin) @ lattice.inverse.T / steps
    sampled = map_coordinates(voxels.values.astype(np.float64), np.moveaxis(indices, -1, 0), order=1)
    truth = {
        Projection.MAXIMUM: sampled.max(axis=0),
        Projection.MINIMUM: sampled.min(axis=0),
        Projection.MEAN: sampled.mean(axis=0),
    }
    image = panoramic(voxels, small_arch(), replace(PANORAMA, projection=projection))
    assert np.abs(image - truth[projection]).max() <= 1e-3


@pytest.mark.parametrize("name", ["upright", "over", "uneven"])
@pytest.mark.parametrize("projection", Projection)
def test_the_fast_way_and_the_long_one_agree_also_where_nothing_was_imaged(name: str, projection: Projection) -> None:
    lattice = replace(LATTICES[name], gaps=(5, 12))
    voxels = rough(lattice, slope=-0.5, intercept=7.0)
    panorama = Panorama(14.0, -14.0, 0.3, 14.0, projection)
    line = curve_of(WIDE, panorama)
    spread = line.points + offsets_of(voxels, panorama)[:, None, None] * line.normals
    assert is_upright(lattice)
    image = panoramic(voxels, WIDE, panorama)
    assert np.abs(image - unrolled(voxels, spread, heights_of(panorama), projection)).max() <= 2e-3
    is_empty = image == AIR
    assert is_empty.any(axis=1).all()
    assert len(image) > is_empty.all(axis=1).sum() > 8


def test_the_first_row_is_the_top_and_the_first_column_the_patients_right() -> None:
    voxels = Voxels(np.zeros(UPRIGHT.shape, np.int16), UPRIGHT)
    k, j, i = 16, 20, 5
    voxels.values[k, j, i] = 1000
    x, y, z = UPRIGHT.point(k, j, i)
    assert (x < -10, y > 0, z > 0) == (True, True, True)
    image = panoramic(voxels, small_arch(), replace(PANORAMA, spacing=0.25, projection=Projection.MAXIMUM))
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert 6.0 - row * 0.25 == pytest.approx(z, abs=0.25)
    assert column * 0.25 < 6
    assert image.max() > 600


def test_a_slab_shows_what_lies_beside_the_arch_and_a_thin_one_does_not() -> None:
    voxels = Voxels(np.zeros(UPRIGHT.shape, np.int16), UPRIGHT)
    # 4 mm before the front of the arch.
    voxels.values[:, 3, :] = 500
    thin, thick = (
        panoramic(voxels, small_arch(), replace(PANORAMA, thickness=t, projection=Projection.MAXIMUM)).max()
        for t in (0.0, 9.0)
    )
    assert thin == 0
    assert thick > 300


def test_where_nothing_was_imaged_it_says_so_and_samples_there_do_not_count() -> None:
    voxels = Voxels(np.full(UPRIGHT.shape, 100, np.int16), UPRIGHT, outside=AIR)
    image = panoramic(voxels, WIDE, replace(PANORAMA, thickness=20.0))
    assert (image[:, :10] == AIR).all()
    assert image[:, -10:] == pytest.approx(100)
    assert set(np.unique(np.round(image, 3))) == {100.0, AIR}


def test_a_wide_slab_is_worked_on_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    voxels = rough(UPRIGHT)
    whole = panoramic(voxels, WIDE, PANORAMA)
    monkeypatch.setattr(upright, "MOST_AT_ONCE", 7 * len(offsets_of(voxels, PANORAMA)))
    assert np.array_equal(panoramic(voxels, WIDE, PANORAMA), whole)


def test_beyond_the_slices_there_is_nothing() -> None:
    image = panoramic(rough(UPRIGHT), small_arch(), replace(PANORAMA, top=60.0, bottom=50.0))
    assert (image == AIR).all()


def test_a_memory_map_that_is_read_only_is_left_as_it_is(tmp_path: Any) -> None:
    voxels = rough(UPRIGHT)
    np.save(tmp_path / "values.npy", voxels.values)
    mapped = replace(voxels, values=np.load(tmp_path / "values.npy", mmap_mode="r"))
    image = panoramic(mapped, small_arch(), PANORAMA)
    assert type(image) is np.ndarray
    assert np.array_equal(image, panoramic(voxels, small_arch(), PANORAMA))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"top": nan}, "millimetres"),
        ({"bottom": -inf}, "millimetres"),
        ({"top": -6.0}, "above"),
        ({"spacing": 0.0}, "spacing"),
        ({"spacing": nan}, "millimetres"),
        ({"spacing": 50.0}, "spacing"),
        ({"thickness": -1.0}, "thickness"),
        ({"thickness": 500.0}, "thickness"),
        ({"spacing": 0.05, "top": 2000.0, "thickness": 90.0}, "too large"),
        ({"spacing": 0.05, "top": 2000.0, "thickness": 0.0}, "too large"),
    ],
)
def test_what_is_out_of_bounds_is_refused_in_words(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        panoramic(linear(UPRIGHT), small_arch(), replace(PANORAMA, **changed))
