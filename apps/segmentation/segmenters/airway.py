"""The airways of a CT."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from apps.segmentation.segmenters.answers import Found, Mask, Tell
from apps.segmentation.segmenters.breathing import Air, air_of
from apps.segmentation.segmenters.grids import Coarse, below, coarse
from apps.segmentation.segmenters.refining import refined
from apps.segmentation.segmenters.shapes import dilated, of_numbers, pieces
from apps.volumes.geometry.voxels import Voxels

AIRWAY: Final = 1
# Millimetres of a block that they are followed in, and of a bronchus' wall. What counts as lung beside them, mL.
BLOCK: Final = 1.5
WALL: Final = 1.5
LUNG: Final = 50.0
_STEPS: Final = 3


def segment(voxels: Voxels, options: Mapping[str, Any], tell: Tell) -> Found:
    """Label the air in trachea and bronchi, 1, of a CT in HU: followed down from the windpipe as long as it doesn't
    leak into the lung; its border, but for that to the lung, is where the value is `threshold`.
    """
    image = coarse(voxels, BLOCK)
    tell(1, _STEPS)
    air = air_of(image, options["threshold"])
    tell(2, _STEPS)
    labels = np.zeros(voxels.lattice.shape, np.uint8)
    barred = _lungs(air, image) & ~air.airway
    refined(air.airway, image, labels, AIRWAY, lambda k: below(voxels, options["threshold"], k), barred)
    return Found(labels)


def _lungs(air: Air, image: Coarse) -> Mask:
    """The lungs with their surface: what is no airway already doesn't become one there."""
    numbers, sizes = pieces(air.inner & ~dilated(air.airway, WALL, image.spacing))
    return dilated(of_numbers(numbers, sizes * image.block_ml >= LUNG), WALL, image.spacing)
