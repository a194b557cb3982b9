"""Volumes as a process without Django is given them: the array as a file, what it means and where it lies as JSON."""

from pathlib import Path
from typing import Any

from apps.volumes import cache
from apps.volumes.geometry.written import to_json
from apps.volumes.models import Volume


def handed(volume: Volume, folder: Path, *, tell: cache.Told | None = None) -> dict[str, Any]:
    """What `segmentation.segmenters.opening.voxels_of` opens the volume by, in another process; the array's file lies
    in `folder`. Raises what `cache.opened` raises.
    """
    voxels = cache.opened(volume, tell=tell)
    return {
        "values": str(cache.link_of(volume, folder, tell=tell)),
        "shape": list(voxels.lattice.shape),
        "lattice": to_json(voxels.lattice),
        "slope": voxels.slope,
        "intercept": voxels.intercept,
        "unit": voxels.unit,
        "outside": voxels.outside,
    }
