"""Which of a volume's objects an image was made of: those whose slices it passes through."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from apps.volumes import slices
from apps.volumes.derived.facts import Source
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.resampling.planes import Plane


def crossed(lattice: Lattice, points: ArrayLike) -> range:
    """The slices (k) between the outermost of these points (n, 3; patient millimetres), and the next ones."""
    beside = np.asarray(points, np.float64) - np.asarray(lattice.origin)
    along = beside @ lattice.inverse[0]
    first = int(np.searchsorted(lattice.offsets, along.min() + 1e-6, "right")) - 1
    last = int(np.searchsorted(lattice.offsets, along.max() - 1e-6, "left"))
    return range(min(max(first, 0), lattice.shape[0] - 1), min(last, lattice.shape[0] - 1) + 1)


def corners(plane: Plane, thickness: float = 0.0) -> list[list[float]]:
    """The outermost points (8, 3) of a slab of so many millimetres about a plane."""
    origin, across, down = (np.asarray(each) for each in (plane.origin, plane.across, plane.down))
    normal = np.cross(across, down) * thickness / 2
    width, height = (plane.columns - 1) * plane.column_spacing, (plane.rows - 1) * plane.row_spacing
    ends = [origin + x * width * across + y * height * down for x in (0, 1) for y in (0, 1)]
    return [(end + side * normal).tolist() for end in ends for side in (-1, 1)]


def grouped(images: Iterable[slices.Source]) -> list[Source]:
    """The objects of these slices in their order, with their frames where they have several (10.3)."""
    frames: dict[tuple[str, str], list[int]] = {}
    for image in images:
        frames.setdefault((image.sop_class_uid, image.sop_instance_uid), []).append(image.frame_number)
    return [Source(*names, frames=_named(numbers)) for names, numbers in frames.items()]


def _named(frames: list[int]) -> tuple[int, ...]:
    return () if frames == [1] else tuple(sorted(frames))
