"""Images of a series that belong together, and what they are told apart by."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry import groups
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.frames import Frame

# Slices nearer to each other than this share of the usual step, or these millimetres, lie in the same place.
SAME_PLACE_SHARE: Final = 0.01
SAME_PLACE_MM: Final = 0.001
# Beside what `groups` has.
ORIENTATION, MATRIX, FRAME_OF_REFERENCE, UNIT = "Orientation", "Matrix", "Frame of Reference", "Rescale Type"
INSTANCE: Final = "Instance"
_FLAGS: Final = {
    ORIENTATION: Flag.MIXED_ORIENTATIONS,
    MATRIX: Flag.MIXED_MATRICES,
    groups.KERNEL: Flag.MIXED_KERNELS,
    groups.TEMPORAL_POSITION: Flag.TEMPORAL_POSITIONS,
    groups.CARDIAC_PHASE: Flag.TEMPORAL_POSITIONS,
    groups.TRIGGER_TIME: Flag.TEMPORAL_POSITIONS,
    groups.ACQUISITION_TIME: Flag.TEMPORAL_POSITIONS,
}


@dataclass(frozen=True)
class Part:
    """Images that belong together so far: what they have in common, and what is to be known of how they were split."""

    frames: tuple[Frame, ...]
    known: tuple[tuple[str, str], ...] = ()
    flags: frozenset[Flag] = frozenset()

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Which of the ascending places along the normal each image lies in."""
        return places_of(distances(self.frames))


def flag_of(what: str) -> Flag:
    """What is to be known of stacks that were told apart by this."""
    return _FLAGS.get(what, Flag.OTHER_STACKS)


def normal_of(frames: Sequence[Frame]) -> NDArray[np.float64]:
    """The unit normal across x down of parallel images."""
    normal = np.cross(np.array(frames[0].across), np.array(frames[0].down))
    return np.asarray(normal / np.linalg.norm(normal), dtype=np.float64)


def distances(frames: Sequence[Frame]) -> NDArray[np.float64]:
    """Millimetres along the normal, of each image's position."""
    return np.array([frame.position for frame in frames], dtype=np.float64) @ normal_of(frames)


def places_of(along: NDArray[np.float64]) -> NDArray[np.int64]:
    """For distances in any order: the number of the place of each, from 0, where near ones are the same place."""
    order = np.argsort(along, kind="stable")
    steps = np.diff(along[order])
    real = steps[steps > SAME_PLACE_MM]
    nearest = max(SAME_PLACE_MM, SAME_PLACE_SHARE * float(np.median(real))) if real.size else SAME_PLACE_MM
    places = np.empty(len(along), dtype=np.int64)
    places[order] = np.concatenate([[0], np.cumsum(steps > nearest)])
    return places
