"""The panoramic: what lies along a dental arch, unrolled.

A column is a place on the arch, a row a height. Each pixel is made of samples through a slab along the arch's normal.
"""

from dataclasses import dataclass
from math import ceil, isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.saying import say
from apps.volumes.curves.arch import FARTHEST, FINEST_SPACING, Arch, Curve, curve
from apps.volumes.curves.unrolling import Floats, Image, unrolled
from apps.volumes.curves.upright import is_upright, unrolled_upright
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling.planes import Projection
from apps.volumes.resampling.reformatting import MOST_PIXELS

COARSEST_SPACING: Final = 10.0
THICKEST: Final = 100.0
# Samples of one image: a second or two of work where the slices are axial, some more elsewhere; and of one row.
MOST_SAMPLES: Final = 1 << 27
MOST_ACROSS: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class Panorama:
    """From `top` down to `bottom` (z of the patient), pixels of `spacing`, through a slab of `thickness` centred on the
    arch; all in millimetres."""

    top: float
    bottom: float
    spacing: float
    thickness: float
    projection: Projection


def panoramic(voxels: Voxels, arch: Arch, panorama: Panorama) -> Image:
    """The panoramic along `arch`: values (rows, columns) in `voxels.unit`.

    Row 0 is the top, to the head; column 0 the first point of the arch, which is the patient's right. Only samples
    where something was imaged count; `voxels.outside` where none was. Raises ValueError, with a sentence for people,
    where arch or panorama are out of bounds.
    """
    line = curve_of(arch, panorama)
    heights = heights_of(panorama)
    offsets = offsets_of(voxels, panorama)
    across = len(line.points) * len(offsets)
    is_large = len(heights) * len(line.points) > MOST_PIXELS or across * len(heights) > MOST_SAMPLES
    if is_large or across > MOST_ACROSS:
        raise ValueError(say("That is too large an image: give it a coarser spacing, or a thinner slab."))
    places = line.points + offsets[:, None, None] * line.normals
    unroll = unrolled_upright if is_upright(voxels.lattice) else unrolled
    return unroll(voxels, places, heights, panorama.projection)


def curve_of(arch: Arch, panorama: Panorama) -> Curve:
    """The curve that the panorama's columns are of; ValueError where arch or panorama are out of bounds."""
    numbers = (panorama.top, panorama.bottom, panorama.spacing, panorama.thickness)
    if not all(isfinite(number) and abs(number) <= FARTHEST for number in numbers):
        raise ValueError(say("The bounds of a panoramic are millimetres of the patient."))
    if not FINEST_SPACING <= panorama.spacing <= COARSEST_SPACING:
        raise ValueError(say("The spacing is {least} to {most} mm.", least=FINEST_SPACING, most=COARSEST_SPACING))
    if not 0 <= panorama.thickness <= THICKEST:
        raise ValueError(say("The thickness is 0 to {most} mm.", most=THICKEST))
    if panorama.top - panorama.bottom < panorama.spacing:
        raise ValueError(say("The top is to be above the bottom."))
    return curve(arch, panorama.spacing)


def heights_of(panorama: Panorama) -> Floats:
    """The z of each row."""
    steps = np.floor((panorama.top - panorama.bottom) / panorama.spacing + 1e-9)
    return panorama.top - np.arange(steps + 1) * panorama.spacing


def offsets_of(voxels: Voxels, panorama: Panorama) -> NDArray[np.float64]:
    """How far outwards each sample is: at most a voxel's smallest side from one to the next."""
    lattice = voxels.lattice
    step = min(lattice.row_spacing, lattice.column_spacing, lattice.slice_spacing)
    count = 1 if panorama.thickness == 0 else ceil(panorama.thickness / step - 1e-9) + 1
    half = panorama.thickness / 2 if count > 1 else 0.0
    return np.linspace(-half, half, count)
