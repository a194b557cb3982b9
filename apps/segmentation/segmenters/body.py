"""The patient's body in a CT."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from apps.segmentation.segmenters.answers import Found, Tell
from apps.segmentation.segmenters.grids import below, coarse
from apps.segmentation.segmenters.refining import refined
from apps.segmentation.segmenters.skin import body_of
from apps.volumes.geometry.voxels import Voxels

BODY: Final = 1
# Millimetres of a block.
BLOCK: Final = 1.5
# Of the largest piece, what another one has at least: arms and legs do, tables don't.
SHARE: Final = 0.1
_STEPS: Final = 3


def segment(voxels: Voxels, options: Mapping[str, Any], tell: Tell) -> Found:
    """Label all below the skin, 1, of a CT in HU: what `threshold` or more is, and its cavities, without the table."""
    image = coarse(voxels, BLOCK)
    tell(1, _STEPS)
    body = body_of(image, options["threshold"], SHARE)
    tell(2, _STEPS)
    labels = np.zeros(voxels.lattice.shape, np.uint8)
    refined(body, image, labels, BODY, lambda k: ~below(voxels, options["threshold"], k))
    return Found(labels)
