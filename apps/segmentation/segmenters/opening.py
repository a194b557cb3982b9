"""The voxels of a volume in a process that knows neither the cache nor the index."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from apps.volumes.geometry.voxels import Voxels
from apps.volumes.geometry.written import from_json


def voxels_of(asked: Mapping[str, Any]) -> Voxels:
    """The voxels `volumes.handing.handed` told of, memory-mapped and read-only. Other keys of `asked` don't matter.

    Raises ValueError where the file holds another array.
    """
    slices, rows, columns = asked["shape"]
    values = np.load(asked["values"], mmap_mode="r", allow_pickle=False)
    if values.shape != (slices, rows, columns):
        raise ValueError("The file holds another array.")
    return Voxels(
        values=values.view(np.ndarray),
        lattice=from_json(asked["lattice"], (slices, rows, columns)),
        slope=asked["slope"],
        intercept=asked["intercept"],
        unit=asked["unit"],
        outside=asked["outside"],
    )
