"""The arch with which a panoramic begins: the one that is seen in the volume, else a usual one amid it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from apps.volumes.cache import opened
from apps.volumes.curves.arch import Arch
from apps.volumes.curves.proposing import propose
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.models import Volume

MOST_REMEMBERED: Final = 64
# Half a jaw's width and a jaw's depth in millimetres, and which part of the volume they are at most.
HALF_WIDTH: Final = 27.0
DEPTH: Final = 45.0
SHARE: Final = 0.35
# However small a volume is, the points of an arch lie apart.
SMALLEST: Final = 6.0
CONTROL_POINTS: Final = 7
# Millimetres above and below the arch that a panoramic shows of a volume that goes farther.
REACH: Final = 45.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """An arch, whether it was seen in the volume, and from which z (`top`, LPS) down to which a panoramic goes."""

    arch: Arch
    is_seen: bool
    top: float
    bottom: float


def proposal_of(volume: Volume) -> Proposal:
    """The arch to begin with: worked out once, and remembered."""
    return _proposal(volume, volume.inputs)


def usual_arch(lattice: Lattice) -> Arch:
    """A parabola of an adult's size amid a volume, from the patient's right to the left, open to the back."""
    low, high = lattice.corners.min(axis=0), lattice.corners.max(axis=0)
    middle, extent = (low + high) / 2, high - low
    half = max(min(HALF_WIDTH, SHARE * extent[0]), SMALLEST)
    depth = max(min(DEPTH, SHARE * 2 * extent[1]), SMALLEST)
    steps = np.linspace(-1.0, 1.0, CONTROL_POINTS)
    points = [(float(middle[0] + half * step), float(middle[1] + depth * (step**2 - 0.5))) for step in steps]
    return Arch(tuple(points), float(middle[2]))


def reach_of(lattice: Lattice, z: float) -> tuple[float, float]:
    """The z from which, and down to which, a panoramic shows an arch at this height: what there is, within REACH."""
    low, high = float(lattice.corners[:, 2].min()), float(lattice.corners[:, 2].max())
    return min(high, z + REACH), max(low, z - REACH)


# What it is made of tells a volume from what its row was before: it is a key here, and nothing else.
@lru_cache(maxsize=MOST_REMEMBERED)
def _proposal(volume: Volume, inputs: str) -> Proposal:
    voxels = opened(volume)
    seen = propose(voxels)
    arch = seen or usual_arch(voxels.lattice)
    return Proposal(arch, seen is not None, *reach_of(voxels.lattice, arch.z))
