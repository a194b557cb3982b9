"""What is to be made of a jaw: the arch that is asked for, or the proposed one, and what is shown along it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.volumes.arches import proposal_of, reach_of
from apps.volumes.curves.arch import FINEST_SPACING, Arch, Curve
from apps.volumes.curves.crossing import COARSEST_SPACING, CrossSections
from apps.volumes.curves.panoramic import Panorama, curve_of
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.models import Volume
from apps.volumes.resampling.planes import Projection, Slab


@dataclass(frozen=True, slots=True)
class Jaw:
    """`is_proposed` where nobody has drawn the arch; `sections` are None where none are wanted."""

    arch: Arch
    is_proposed: bool
    panorama: Panorama
    sections: CrossSections | None

    @property
    def slab(self) -> Slab | None:
        return Slab(self.panorama.thickness, self.panorama.projection) if self.panorama.thickness else None

    @property
    def curve(self) -> Curve:
        """Raises ValueError, with a sentence for people, where the arch is none."""
        return curve_of(self.arch, self.panorama)

    def ends(self) -> NDArray[np.float64]:
        """The outermost points (n, 3) of what the panoramic shows."""
        line = self.curve
        beside = self.panorama.thickness / 2 * line.normals
        sides = np.concatenate([line.points - beside, line.points + beside])
        heights = (self.panorama.top, self.panorama.bottom)
        return np.concatenate([np.column_stack([sides, np.full(len(sides), height)]) for height in heights])


def jaw_of(volume: Volume, lattice: Lattice, asked: dict[str, Any]) -> Jaw:
    """The parameters (`PanoramicParameters`), and what they leave open. For an arch the volume is opened."""
    if "arch" in asked:
        arch = Arch(tuple((x, y) for x, y in asked["arch"]), asked["z"])
        top, bottom = reach_of(lattice, arch.z)
    else:
        proposal = proposal_of(volume)
        arch, top, bottom = proposal.arch, proposal.top, proposal.bottom
    top, bottom = asked.get("top", top), asked.get("bottom", bottom)
    spacing = asked.get("spacing") or _finest(lattice)
    projection = Projection(asked["projection"])
    interval = asked.get("interval")
    sections = CrossSections(interval, asked["width"], top, bottom, spacing) if interval else None
    return Jaw(arch, "arch" not in asked, Panorama(top, bottom, spacing, asked["thickness"], projection), sections)


def _finest(lattice: Lattice) -> float:
    closest = min(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    return min(max(closest, FINEST_SPACING), COARSEST_SPACING)
