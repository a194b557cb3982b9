"""The scores beside what they must be, and beside loops that follow the definition."""

from dataclasses import replace

import numpy as np
import pytest

from apps.calcium.scoring.agatston import Score, score, total
from apps.calcium.scoring.thresholds import Thresholds
from apps.volumes.geometry.voxels import Voxels
from tests.calcium.hearts import TISSUE, box, rods, rods_truth, speckled, voxels
from tests.calcium.reference import looped

THRESHOLDS = Thresholds()


def scored(of: Voxels, **more: float) -> Score:
    """The score of all there is."""
    return score(of, np.ones(of.values.shape, np.uint8), [1], THRESHOLDS, **more).scores[1]


def test_a_box_is_exact() -> None:
    found = scored(box(), calibration=0.8)
    assert found.agatston == 175
    assert found.volume == 5 * 5 * 21
    assert found.mass == pytest.approx(0.8 * 150 * 525 / 1000, rel=1e-12)
    assert (found.density, found.lesions, found.peak) == (1, 1, 150)


def test_rods_are_within_a_percent() -> None:
    assert scored(rods(3.0)).agatston == pytest.approx(rods_truth(), rel=0.01)


def test_the_step_does_not_matter() -> None:
    found = [scored(rods(step)).agatston for step in (3.0, 2.5, 1.5)]
    assert max(found) / min(found) - 1 <= 0.001


def test_a_tilted_gantry_scores_by_the_distance_of_the_slices() -> None:
    assert scored(rods(3.0, tilt=20)).agatston == pytest.approx(scored(rods(3.0)).agatston * np.cos(np.radians(20)))


@pytest.mark.parametrize("seed", range(4))
def test_loops_find_the_same(seed: int) -> None:
    of = speckled(seed)
    labels = np.random.default_rng(seed).integers(0, 4, (*of.values.shape[:1], 1, 1)).astype(np.uint8)
    labels = np.ascontiguousarray(np.broadcast_to(labels, of.values.shape))
    found = score(of, labels, range(1, 4), THRESHOLDS, calibration=0.75)
    hounsfield = of.values.astype(np.float64) - 1024
    for number in range(1, 4):
        expected = looped(hounsfield, labels == number, (2.5, 0.4, 0.4), calibration=0.75)
        each = found.scores[number]
        assert (each.agatston, each.volume) == (expected.agatston, expected.volume)
        assert each.mass == pytest.approx(expected.mass, rel=1e-12)
        counted = np.count_nonzero(found.counted == number) * 2.5 * 0.4 * 0.4
        assert counted == pytest.approx(each.volume)


def test_pixels_that_touch_by_a_corner_are_one_lesion() -> None:
    values = np.full((3, 8, 8), TISSUE, np.int16)
    values[1, 2, 2], values[1, 3, 3] = 140, 420
    of = voxels(values, (3.0, 0.8, 0.8))
    # Alone neither would have its square millimetre; together the brighter one decides.
    assert scored(of).agatston == pytest.approx(2 * 0.64 * 4)


def test_what_is_smaller_than_a_square_millimetre_does_not_count() -> None:
    values = np.full((3, 8, 8), TISSUE, np.int16)
    values[1, 2, 2:5] = 300
    assert scored(voxels(values, (3.0, 0.5, 0.5))).agatston == 0
    values[1, 2, 5] = 300
    assert scored(voxels(values, (3.0, 0.5, 0.5))).agatston == 3


@pytest.mark.parametrize(
    ("peak", "weight"), [(129, 0), (130, 1), (199, 1), (200, 2), (299, 2), (300, 3), (399, 3), (400, 4), (3000, 4)]
)
def test_weights(peak: int, weight: int) -> None:
    values = np.full((3, 8, 8), TISSUE, np.int16)
    values[1, 2:4, 2:4] = 130 if weight else peak
    values[1, 3, 3] = peak
    assert scored(voxels(values, (3.0, 1.0, 1.0))).agatston == 4 * weight


def test_vessels_that_touch_are_scored_apart() -> None:
    of = box()
    labels = np.zeros(of.values.shape, np.uint8)
    labels[:, :, :11], labels[:, :, 11:] = 2, 4
    found = score(of, labels, [2, 3, 4], THRESHOLDS)
    assert {number: each.agatston for number, each in found.scores.items()} == {2: 87.5, 3: 0, 4: 87.5}
    whole = total(found.scores.values(), len(of.values))
    assert (whole.agatston, whole.volume, whole.lesions, whole.peak) == (175, 525, 2, 150)
    assert whole.by_slice == (0, *(25,) * 7, 0)


def test_a_vessel_without_calcium_scores_nothing() -> None:
    of = voxels(np.full((3, 8, 8), TISSUE, np.int16), (3.0, 1.0, 1.0))
    found = scored(of)
    assert (found.agatston, found.volume, found.lesions, found.density, found.peak) == (0, 0, 0, None, None)
    assert total([], 3).agatston == 0


def test_other_limits_for_another_tube_voltage() -> None:
    of = box()
    labels = np.ones(of.values.shape, np.uint8)
    assert score(of, labels, [1], Thresholds(100, (145, 149, 334, 446), "a table")).scores[1].agatston == 350
    assert score(of, labels, [1], Thresholds(80, (177, 271, 408, 544), "a table")).scores[1].agatston == 0


@pytest.mark.parametrize("slope", [1.0, -1.0, 0.5])
def test_rescales(slope: float) -> None:
    of = box()
    stored = np.rint((of.values - 1024.0) / slope)
    rescaled = replace(of, values=stored.astype(np.int16), slope=slope, intercept=0.0)
    as_floats = replace(of, values=(of.values - 1024.0).astype(np.float32), intercept=0.0)
    assert scored(rescaled).agatston == scored(as_floats).agatston == 175


def test_labels_of_another_shape() -> None:
    with pytest.raises(ValueError, match="for each voxel"):
        score(box(), np.ones((2, 2, 2), np.uint8), [1], THRESHOLDS)
