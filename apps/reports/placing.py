"""Where the figures of structured reports lie in one frame of an image."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from apps.dicom.attributes import integer
from apps.measurements.content.groups import Coordinates
from apps.measurements.content.placing import in_image
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.reading import frames_of

Point = tuple[float, float]

# Millimetres that a place in the patient may be off an image, beside half of the slice's thickness.
TOLERANCE: Final = 0.5
# Bodies (SCOORD3D) have no outline in an image.
_BODIES: Final = ("ELLIPSOID",)


def sides_of(header: Mapping[str, Any], size: tuple[int, int]) -> tuple[int, int]:
    """The columns and rows that figures count in; `size` where the header has none that could be."""
    columns, rows = integer(header, "00280011") or 0, integer(header, "00280010") or 0
    return (columns, rows) if columns > 0 and rows > 0 else size


def in_frame(coordinates: Coordinates, frame: int, header: Mapping[str, Any], transfer_syntax: str = "") -> list[Point]:
    """The points (column, row) of a figure in this frame of the image with this header; none where it lies elsewhere.

    A figure of no frame is of the first. One in the patient is of the frames through whose slice all its points go.
    """
    if not coordinates.is_in_patient:
        is_here = max(coordinates.frame_number, 1) == frame
        return [(point[0], point[1]) for point in coordinates.points] if is_here else []
    frames = frames_of(header, 0, transfer_syntax=transfer_syntax)
    if coordinates.graphic_type in _BODIES or not 0 < frame <= len(frames):
        return []
    return _through(coordinates.points, frames[frame - 1])


def _through(points: Sequence[Sequence[float]], frame: Frame) -> list[Point]:
    placed = in_image(points, frame)
    if placed is None or frame.position is None or frame.across is None or frame.down is None:
        return []
    away = (np.asarray(points, np.float64) - frame.position) @ np.cross(frame.across, frame.down)
    if np.abs(away).max() > (frame.thickness or 0.0) / 2 + TOLERANCE:
        return []
    return [(float(x), float(y)) for x, y in placed]
