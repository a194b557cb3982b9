"""What a segmenter finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.voxels import Voxels

Labels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
# Says how much of how much is done; what it raises ends the work.
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """`labels` [k, j, i] on the volume's own lattice: the number of each voxel's segment, 0 for none. `told` is what
    else is worth knowing, such as a threshold that was found; JSON."""

    labels: Labels
    told: dict[str, Any] = field(default_factory=dict)


Function = Callable[[Voxels, Mapping[str, Any], Tell], Found]
