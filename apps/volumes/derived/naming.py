"""What derived series are called: Series Description (0008,103E), in English as headers are, at most 64 characters."""

from typing import Final

import numpy as np

from apps.volumes.resampling.planes import Orientation, Plane, Projection, Slab

MOST: Final = 64
# Cosine of the angle within which a plane is called by the patient's axes.
_ALONG: Final = 0.9999
_AXES: Final = {0: Orientation.SAGITTAL, 1: Orientation.CORONAL, 2: Orientation.AXIAL}
_WORDS: Final = {Projection.MAXIMUM: "MIP", Projection.MINIMUM: "MinIP", Projection.MEAN: "mean"}


def plane_name(plane: Plane, slab: Slab | None) -> str:
    """ "Coronal MIP 10 mm", "Oblique"."""
    normal = np.abs(np.cross(plane.across, plane.down))
    axis = int(normal.argmax())
    return _named(_AXES[axis].value if normal[axis] >= _ALONG else "oblique", slab)


def panoramic_name(slab: Slab | None) -> str:
    """ "Panoramic mean 20 mm"."""
    return _named("panoramic", slab)


def of_source(name: str, source: str) -> str:
    """The name, and that of the source series as far as it fits."""
    return f"{name}: {source}"[:MOST].rstrip() if source else name


def _named(what: str, slab: Slab | None) -> str:
    name = f"{_WORDS[slab.projection]} {slab.thickness:g} mm" if slab else ""
    return f"{what.capitalize()} {name}".strip()
