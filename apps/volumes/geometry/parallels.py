"""Which images of a series lie parallel, and are of one size and unit."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.parts import FRAME_OF_REFERENCE, MATRIX, ORIENTATION, UNIT, Part, normal_of

# Cosines of directions that count as the same, and the share by which pixel spacings may differ.
SAME_DIRECTION: Final = 1e-4
SAME_SPACING: Final = 1e-4
# A series has no more directions: radial ones would be as many as images.
MOST_DIRECTIONS: Final = 64
# By the patient's axis that is nearest to the normal, within 25 degrees.
_PLANES: Final = ("Sagittal", "Coronal", "Axial")
_STRAIGHT: Final = 0.906

Spacing = tuple[float, float]


def parallel(frames: Sequence[Frame]) -> tuple[list[Part], list[Frame]]:
    """The images by direction, matrix, spacing, frame of reference and unit; and those beyond MOST_DIRECTIONS."""
    directions, rest = _by_direction(frames)
    names = _names(directions)
    spacings = _representatives(frame.spacing for frame in frames if frame.spacing)
    parts = list[Part]()
    for name, direction in zip(names, directions, strict=True):
        parts += _alike(name, direction, spacings)
    return parts, rest


def _alike(name: str, direction: list[Frame], spacings: dict[Spacing, Spacing]) -> list[Part]:
    found = defaultdict[tuple[tuple[str, str], ...], list[Frame]](list)
    for frame in direction:
        matrix = f"{frame.rows} x {frame.columns}"
        if frame.spacing:
            matrix += " ({:.6g} mm x {:.6g} mm)".format(*spacings[frame.spacing])
        known = (ORIENTATION, name), (MATRIX, matrix), (FRAME_OF_REFERENCE, frame.frame_of_reference)
        found[(*known, (UNIT, frame.unit))].append(frame)
    return [Part(tuple(part), known) for known, part in found.items()]


def _representatives(spacings: Iterable[Spacing]) -> dict[Spacing, Spacing]:
    """For each spacing the first of those that count as the same: what rounding makes different isn't."""
    found = dict[Spacing, Spacing]()
    last: Spacing | None = None
    for spacing in sorted(set(spacings)):
        if last is None or not np.allclose(spacing, last, rtol=SAME_SPACING, atol=0):
            last = spacing
        found[spacing] = last
    return found


def _by_direction(frames: Sequence[Frame]) -> tuple[list[list[Frame]], list[Frame]]:
    directions = np.array([(*(frame.across or ()), *(frame.down or ())) for frame in frames], dtype=np.float64)
    left, found = np.arange(len(frames)), list[list[Frame]]()
    while left.size and len(found) < MOST_DIRECTIONS:
        near = np.all(np.abs(directions[left] - directions[left[0]]) <= SAME_DIRECTION, axis=1)
        found.append([frames[index] for index in left[near].tolist()])
        left = left[~near]
    return found, [frames[index] for index in left.tolist()]


def _names(directions: list[list[Frame]]) -> list[str]:
    """What each direction is called, the second of a name with its number."""
    seen, names = Counter[str](), list[str]()
    for direction in directions:
        normal = np.abs(normal_of(direction))
        name = _PLANES[int(normal.argmax())] if normal.max() >= _STRAIGHT else "Oblique"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names
