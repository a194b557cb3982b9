"""Candidates for calcified plaque: all that Agatston's score could count, and no bone."""

from dataclasses import replace

import numpy as np
import pytest

from tests.segmentation.phantoms import ARTERIES, Phantom, heart_with_calcium
from tests.segmentation.segmenters.running import found_by


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return heart_with_calcium()


def test_every_plaque_is_a_candidate_and_bone_is_none(phantom: Phantom) -> None:
    found = found_by("calcium-candidates", phantom.voxels)
    for name in ARTERIES:
        assert found.labels[phantom.truth[name]].all(), name
    assert not (found.labels & phantom.truth["bone"]).any()
    assert found.told == {"pieces": sum(len(pieces) for _, pieces in ARTERIES.values())}
    assert (phantom.voxels.values[found.labels == 1] - 1024 >= 130).all()


def test_pixels_that_touch_at_a_corner_are_one_and_count_by_their_area(phantom: Phantom) -> None:
    values = np.full((4, 8, 8), 1064, np.int16)
    values[1, 2, 2] = values[1, 3, 3] = 1154  # 2 mm² in two pixels of 1 mm²
    values[2, 6, 6] = 1154  # 1 mm² alone
    lattice = replace(phantom.voxels.lattice, shape=values.shape, row_spacing=1.0, column_spacing=1.0)
    voxels = replace(phantom.voxels, values=values, lattice=replace(lattice, offsets=lattice.offsets[:4]))
    assert np.argwhere(found_by("calcium-candidates", voxels, area=1.5).labels).tolist() == [[1, 2, 2], [1, 3, 3]]
    assert found_by("calcium-candidates", voxels).told == {"pieces": 2}
    assert not found_by("calcium-candidates", voxels, threshold=131.0).labels.any()
