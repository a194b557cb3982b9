"""Volumes that nobody expects: tiny, flat, noisy, full of what is no number. Each is segmented, or refused in words."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.segmenters import registry, wording
from apps.segmentation.segmenters.answers import Labels
from apps.volumes.geometry.voxels import Voxels
from tests.segmentation.phantoms import centred
from tests.segmentation.segmenters.running import found_by

SHAPES = ((2, 1, 1), (2, 2, 3), (3, 17, 1), (12, 9, 11))


def volumes() -> dict[str, Voxels]:
    """Of each shape: flat ones, noise of all values, a bright voxel, and floating-point ones that are no numbers."""
    found: dict[str, Voxels] = {}
    for shape in SHAPES:
        lattice = centred(shape, (2.0, 0.9, 0.9), rotation=(10, 20, 30), tilt=12.0)
        bright = np.full(shape, -1000, np.int16)
        bright[0, 0, 0] = 3000
        values: dict[str, NDArray[Any]] = {
            "noise": np.random.default_rng(4).integers(-1024, 3000, shape).astype(np.int16),
            "bright": bright,
            "nothing": np.full(shape, np.nan, np.float32),
            "extremes": np.random.default_rng(5).choice(np.array([-32768, 32767], np.int16), shape),
        }
        found |= {f"{name} {shape}": Voxels(each, lattice, unit="HU", outside=-1000.0) for name, each in values.items()}
    return found


@pytest.mark.parametrize("name", [each.name for each in registry.every()])
def test_odd_volumes_are_segmented_or_refused(name: str) -> None:
    segmenter = registry.find(name)
    assert segmenter is not None
    numbers = {0, *(segment.number for segment in segmenter.segments)}
    for what, voxels in volumes().items():
        labels, reason = segmented(name, voxels)
        assert reason is None or wording.refusal(reason), what
        assert labels.shape == voxels.lattice.shape, what
        assert labels.dtype == np.uint8, what
        assert set(np.unique(labels).tolist()) <= numbers, what


def segmented(name: str, voxels: Voxels) -> tuple[Labels, str | None]:
    """The labels, or the reason why there are none."""
    try:
        return found_by(name, voxels).labels, None
    except Unanswerable as why:
        return np.zeros(voxels.lattice.shape, np.uint8), why.reason
