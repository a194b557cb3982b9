"""Vessels with contrast agent: tubes of two voxels and more in radius, at any angle, in any voxels, and no bone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from apps.analysis.apart.refusing import Unanswerable
from apps.volumes.geometry.lattice import Lattice
from tests.segmentation.phantoms import Mask, Phantom, centred, dice, tubes
from tests.segmentation.segmenters.running import found_by

NAMES = ("thin", "middle", "thick")
SIDE = (64, 64, 64)
LATTICES: dict[str, Lattice] = {
    "axial": centred(SIDE, (1.0, 1.0, 1.0)),
    "turned": centred(SIDE, (1.0, 1.0, 1.0), rotation=(20, -15, 30)),
    "tilted gantry": centred(SIDE, (1.0, 1.0, 1.0), tilt=18.0),
    "sagittal": centred(SIDE, (1.0, 1.0, 1.0), rotation=(0, 90, 0)),
    "fine pixels": centred((48, 104, 104), (1.2, 0.6, 0.6)),
    "fine slices": centred((104, 64, 64), (0.6, 1.0, 1.0)),
    "small": centred(SIDE, (0.4, 0.4, 0.4)),
    "uneven": centred((56, 64, 64), (1.0, 1.0, 1.0), offsets=np.cumsum([0, *([0.8, 1.2] * 27), 1.0])),
}


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return tubes(bone=True)


def about(phantom: Phantom, name: str) -> Mask:
    """Where no other vessel lies, and none within two voxels."""
    others = np.logical_or.reduce([phantom.truth[other] for other in NAMES if other != name])
    grown = others.copy()
    for axis in range(3):
        for step in (-2, -1, 1, 2):
            grown |= np.roll(others, step, axis)
    return np.asarray(~grown)


@pytest.mark.parametrize("lattice", LATTICES.values(), ids=LATTICES)
def test_tubes_are_found_with_their_borders(lattice: Lattice) -> None:
    phantom = tubes(lattice)
    labels = found_by("vessels", phantom.voxels, smallest=0.01).labels
    assert dice(labels == 1, phantom.truth["vessels"]) >= 0.98
    for name in NAMES:
        where = about(phantom, name)
        assert dice((labels == 1) & where, phantom.truth[name] & where) >= 0.95, name


def test_bone_is_left_out(phantom: Phantom) -> None:
    found = found_by("vessels", phantom.voxels)
    assert dice(found.labels == 1, phantom.truth["vessels"]) >= 0.97
    assert np.count_nonzero(found.labels[phantom.truth["bone"]]) < 0.01 * np.count_nonzero(phantom.truth["bone"])
    assert found.told["lumen"] == pytest.approx(340, abs=20)
    assert found.told["around"] == pytest.approx(40, abs=5)
    assert found.told["threshold"] == pytest.approx(190, abs=15)


def test_points_choose_vessels(phantom: Phantom) -> None:
    def chosen(points: list[list[float]], **options: Any) -> Mask:
        return np.asarray(found_by("vessels", phantom.voxels, seeds=points, **options).labels == 1)

    # In the middle of the thin one; beside the wave; and outside the volume.
    thin = [-16.0, 0.0, 0.0]
    found = chosen([thin, [1e3, 0.0, 0.0]])
    assert dice(found, phantom.truth["thin"]) >= 0.95
    assert np.count_nonzero(found & phantom.truth["thick"]) == 0
    with pytest.raises(Unanswerable, match="no-seed"):
        chosen([[-30.0, -30.0, -30.0]])


def test_a_threshold_and_the_smallest_piece_may_be_given(phantom: Phantom) -> None:
    wide = found_by("vessels", phantom.voxels, threshold=110.0)
    assert wide.told["threshold"] == 110.0
    assert np.count_nonzero(wide.labels) > 1.05 * np.count_nonzero(phantom.truth["vessels"])
    large = found_by("vessels", phantom.voxels, smallest=2.0).labels
    assert large[phantom.truth["thick"]].any()
    assert not (large & phantom.truth["thin"]).any()


def test_without_contrast_nothing_is_made_up(phantom: Phantom) -> None:
    flat = np.minimum(phantom.voxels.values, 1024 + 110).astype(np.int16)
    with pytest.raises(Unanswerable, match="no-contrast"):
        found_by("vessels", replace(phantom.voxels, values=flat))
