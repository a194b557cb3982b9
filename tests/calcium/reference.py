"""The Agatston score by its definition: slice by slice, lesion by lesion, in loops.

Written apart from the code that it is compared with; the benchmark takes it for its reference too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


@dataclass(frozen=True)
class Looped:
    agatston: float
    volume: float
    mass: float


def looped(
    hounsfield: NDArray[np.float64],
    wanted: NDArray[np.bool_],
    spacing: tuple[float, float, float],
    *,
    limits: tuple[float, ...] = (130, 200, 300, 400),
    calibration: float = 1.0,
) -> Looped:
    """Of voxels [k, j, i] in Hounsfield units; `spacing` from slice to slice, row to row, column to column (mm)."""
    weighed, pixels, attenuation = 0, 0, 0.0
    area = spacing[1] * spacing[2]
    for image, part in zip(hounsfield, wanted, strict=True):
        lesions, _ = ndimage.label(part & (image >= limits[0]), np.ones((3, 3)))
        for number, box in enumerate(ndimage.find_objects(lesions), start=1):
            lesion = image[box][lesions[box] == number]
            if lesion.size * area < 1 - 1e-9:
                continue
            peak = lesion.max()
            weighed += lesion.size * sum(1 for limit in limits if peak >= limit)
            pixels += lesion.size
            attenuation += float(lesion.sum())
    voxel = area * spacing[0]
    return Looped(weighed * voxel / 3, pixels * voxel, calibration * attenuation * voxel / 1000)
