"""Teeth, bone and metal of a cone beam, whatever its grey values mean."""

from dataclasses import replace

import numpy as np
import pytest

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.segmenters.greys import Greys, greys_of
from apps.volumes.geometry.voxels import Voxels
from tests.segmentation.phantoms import Mask, dice
from tests.segmentation.segmenters.running import found_by
from tests.volumes.jaws import jaw_voxels

LIMITS = {1: (300.0, 1350.0), 2: (1350.0, 2850.0), 3: (2850.0, 1e9)}
SPACING = 0.8


@pytest.fixture(scope="module")
def jaws() -> Voxels:
    return replace(jaw_voxels(SPACING), unit="HU")


@pytest.fixture(scope="module")
def truth() -> dict[int, Mask]:
    clean = jaw_voxels(SPACING, noise=0.0, streaks=0.0).values
    return {number: (clean > low) & (clean <= high) for number, (low, high) in LIMITS.items()}


def agreement(voxels: Voxels, truth: dict[int, Mask]) -> dict[int, float]:
    labels = found_by("teeth", voxels).labels
    return {number: dice(labels == number, mask) for number, mask in truth.items()}


def test_teeth_are_told_from_bone_and_metal(jaws: Voxels, truth: dict[int, Mask]) -> None:
    found = agreement(jaws, truth)
    assert found[1] >= 0.95
    assert found[2] >= 0.9
    assert found[3] >= 0.8


def test_grey_values_without_a_unit_are_compared_with_air_and_tissue(jaws: Voxels, truth: dict[int, Mask]) -> None:
    voxels = replace(jaws, values=(jaws.values + 1700) * 2, unit="US")
    greys = greys_of(voxels)
    assert greys is not None
    assert greys.value_of(300.0) == pytest.approx(4000.0, abs=40)
    assert agreement(voxels, truth)[2] >= 0.9


def test_a_ct_is_taken_at_its_word(jaws: Voxels) -> None:
    assert greys_of(jaws) == Greys()
    nothing_but_tissue = Voxels(np.full((4, 8, 8), 40, np.int16), jaw_voxels(8.0).lattice, unit="HU")
    assert greys_of(nothing_but_tissue) == Greys()


def test_what_cannot_be_compared_is_refused() -> None:
    flat = Voxels(np.full((4, 8, 8), 7, np.int16), jaw_voxels(8.0).lattice)
    with pytest.raises(Unanswerable, match="no-greys"):
        found_by("teeth", flat)
