"""How far slices are apart, as scores go by it."""

from typing import Final

import numpy as np

from apps.volumes.geometry.lattice import Lattice

# The step from slice to slice of the scanner that the score was made for, in millimetres.
STEP: Final = 3.0


def step_of(lattice: Lattice) -> float:
    """The millimetres from slice to slice along their normal: of a tilted gantry less than along the table."""
    return lattice.slice_spacing * float(np.dot(lattice.along, lattice.normal))
