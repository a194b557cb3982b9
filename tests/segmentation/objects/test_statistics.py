"""Statistics of segments against NumPy."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.segmentation.objects.statistics import statistics_of
from apps.volumes.geometry.voxels import Voxels
from tests.segmentation.objects.samples import labels, source
from tests.volumes.series import ct_series

SHAPE = (6, 7, 9)


def voxels_of(seed: int = 1, **series: object) -> Voxels:
    values = np.random.default_rng(seed).integers(-1000, 3000, SHAPE).astype(np.int16)
    lattice = source(ct_series(values, **series)).lattice  # type: ignore[arg-type]
    return Voxels(values, lattice, slope=0.5, intercept=-24.0, unit="HU")


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_values_are_numpys(seed: int) -> None:
    voxels, drawn = voxels_of(seed, spacing=(2.5, 0.7, 0.3)), labels(SHAPE, seed)
    for value, found in statistics_of(drawn, voxels).items():
        inside = voxels.values[drawn == value] * 0.5 - 24.0
        assert found.voxels == inside.size
        expected = (inside.size * 2.5 * 0.7 * 0.3 / 1000, inside.mean(), inside.std(), inside.min(), inside.max())
        told = (found.volume_ml, found.mean, found.sd, found.minimum, found.maximum)
        assert told == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_every_segment_that_is_there_has_some() -> None:
    assert list(statistics_of(labels(SHAPE), voxels_of())) == [1, 2, 4]
    assert statistics_of(np.zeros(SHAPE, np.uint8), voxels_of()) == {}


def test_a_large_value_with_a_small_spread_is_exact() -> None:
    voxels = replace(voxels_of(), values=np.tile([1e9, 1e9 + 1], 189).reshape(SHAPE), slope=1.0, intercept=0.0)
    found = statistics_of(np.ones(SHAPE, np.uint8), voxels)[1]
    assert found.sd == pytest.approx(0.5, rel=1e-6)


def test_a_tilted_gantry_makes_no_voxel_larger() -> None:
    straight = statistics_of(labels(SHAPE), voxels_of())
    tilted = voxels_of(tilt=20.0)
    cosine = float(np.dot(tilted.lattice.along, tilted.lattice.normal))
    assert cosine == pytest.approx(np.cos(np.radians(20.0)))
    for value, found in statistics_of(labels(SHAPE), tilted).items():
        assert found.volume_ml == pytest.approx(straight[value].volume_ml * cosine, rel=1e-9)


def test_uneven_slices_reach_half_way_to_their_neighbours() -> None:
    voxels = voxels_of(positions=[0.0, 1.0, 2.5, 3.5, 4.5, 5.75])
    heights = [1.0, 1.25, 1.25, 1.0, 1.125, 1.25]
    for k, height in enumerate(heights):
        drawn = np.zeros(SHAPE, np.uint8)
        drawn[k, 2, 3] = 1
        assert statistics_of(drawn, voxels)[1].volume_ml == pytest.approx(height / 1000, rel=1e-9)


def test_nothing_is_counted_in_a_gap() -> None:
    voxels = voxels_of(positions=[0.0, 2.0, 4.0, 10.0, 12.0, 14.0])
    assert voxels.lattice.gaps == (2,)
    found = statistics_of(np.ones(SHAPE, np.uint8), voxels)[1]
    assert found.volume_ml == pytest.approx(6 * 2.0 * SHAPE[1] * SHAPE[2] / 1000)


def test_labels_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="one for each voxel"):
        statistics_of(np.zeros((1, 2, 3), np.uint8), voxels_of())
