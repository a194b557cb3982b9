"""Regions that were found in few large voxels, given the true borders of the volume's own ones."""

from collections.abc import Callable

import numpy as np

from apps.segmentation.segmenters.answers import Labels, Mask
from apps.segmentation.segmenters.grids import Coarse, slice_of
from apps.segmentation.segmenters.shapes import dilated, eroded

# Which voxels of slice k are of the kind that the region is.
Fits = Callable[[int], Mask]


def refined(region: Mask, image: Coarse, labels: Labels, number: int, fits: Fits, barred: Mask | None = None) -> None:
    """Write `number` into `labels` (all of the volume's voxels) where the region (blocks of `image`) truly is.

    What lies a block or more below the region's surface is in it as a whole; about the surface, to a block's width on
    either side, those voxels are which `fits` says, none of the blocks `barred`. Other labels stay.
    """
    step = max(image.spacing)
    deep = eroded(region, step, image.spacing)
    near = dilated(region, step, image.spacing)
    if barred is not None:
        near &= ~barred
        deep &= ~barred
    blocks = near.astype(np.uint8) + (near & deep)
    for k in range(len(labels)):
        plane = blocks[k // image.factors[0]]
        if plane.any():
            _settle(labels[k], slice_of(blocks, image.factors, labels.shape, k), fits(k), number)


def _settle(labels: Labels, blocks: Labels, fitting: Mask, number: int) -> None:
    inside = (blocks == 2) | ((blocks == 1) & fitting)
    labels[inside & (labels == 0)] = number
