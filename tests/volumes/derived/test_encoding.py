"""How values are kept: by the volume's own rescale, or one that spans its values."""

import numpy as np
import pytest

from apps.volumes.derived.encoding import decimal, encoding_of
from apps.volumes.geometry.voxels import Voxels
from tests.volumes.phantoms import lattice_of

LATTICE = lattice_of((3, 4, 5))


def voxels(values: np.ndarray, slope: float = 1.0, intercept: float = 0.0, outside: float = 0.0) -> Voxels:
    return Voxels(values, LATTICE, slope, intercept, "HU", outside)


def test_whole_numbers_keep_their_rescale() -> None:
    kept = encoding_of(voxels(np.zeros((3, 4, 5), np.int16), 2.5, -1000))
    assert (kept.slope, kept.intercept, kept.unit) == (2.5, -1000, "HU")
    image = np.array([[-1000, -997.5, 80917.5]], np.float32)
    assert kept.stored(image).tolist() == [[0, 1, 32767]]


@pytest.mark.parametrize("has_intercept", [True, False])
def test_others_are_off_by_half_a_step_at_most(has_intercept: bool) -> None:
    values = np.random.default_rng(1).normal(3, 2000, (3, 4, 5)).astype(np.float32)
    kept = encoding_of(voxels(values, outside=-9000), has_intercept=has_intercept)
    shown = np.append(values.ravel(), np.float32(-9000))
    again = kept.stored(shown).astype(np.float64) * kept.slope + kept.intercept
    assert np.abs(again - shown).max() <= kept.slope / 2 * (1 + 1e-6)
    assert kept.slope <= 20000 / 65000 * (1 if has_intercept else 2)
    assert has_intercept or kept.intercept == 0


def test_whole_numbers_with_an_intercept_that_may_not_be() -> None:
    values = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    kept = encoding_of(voxels(values, 1.0, 10.0), has_intercept=False)
    assert kept.intercept == 0
    assert kept.slope == pytest.approx(69 / 32767)


def test_nothing_but_one_value() -> None:
    kept = encoding_of(voxels(np.zeros((3, 4, 5), np.float32)))
    assert (kept.slope, kept.stored(np.zeros((1, 1), np.float32)).item()) == (1, 0)


def test_what_is_beyond_gets_the_end() -> None:
    kept = encoding_of(voxels(np.zeros((3, 4, 5), np.int16)))
    assert kept.stored(np.array([[-1e9, 1e9]], np.float32)).tolist() == [[-32768, 32767]]


@pytest.mark.parametrize("number", [1 / 3, -1 / 3 * 1e-7, 123456789.123456789, 0.0])
def test_numbers_that_a_decimal_string_says(number: float) -> None:
    assert decimal(number) == pytest.approx(number, rel=1e-9)
    assert decimal(decimal(number)) == decimal(number)
