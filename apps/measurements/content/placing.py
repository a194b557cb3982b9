"""Points of an image and points of the patient (PS3.3 C.7.6.2.1.1).

Points of an image are (column, row), where (0, 0) is the upper left corner of the first pixel and (0.5, 0.5) its middle
(C.18.6.1.2), at which Image Position lies. Points of the patient are millimetres (LPS).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from apps.measurements.content.calibration import Spacing
from apps.measurements.content.geometry import Points
from apps.volumes.geometry.frames import Frame


class _Plane(NamedTuple):
    """`steps` (2, 3) are the ways in the patient from column to column and from row to row."""

    position: Points
    steps: Points


def in_plane(points: ArrayLike, spacing: Spacing) -> Points:
    """The points (n, 2) in millimetres across and down the image, or in pixels where no millimetres are known."""
    return np.asarray(points, np.float64) * (spacing.column, spacing.row)


def in_patient(points: ArrayLike, frame: Frame) -> Points | None:
    """The points (n, 2) of an image in the patient (n, 3); None where the image lies nowhere."""
    plane = _plane(frame)
    if plane is None:
        return None
    placed: Points = plane.position + (np.asarray(points, np.float64) - 0.5) @ plane.steps
    return placed


def in_image(points: ArrayLike, frame: Frame) -> Points | None:
    """The points (n, 3) of the patient in an image (n, 2), along its normal; None where the image lies nowhere."""
    plane = _plane(frame)
    if plane is None:
        return None
    beside = np.asarray(points, np.float64) - plane.position
    # Across and down are at right angles, so that each way counts for itself.
    found: Points = beside @ (plane.steps / (plane.steps**2).sum(axis=1, keepdims=True)).T + 0.5
    return found


def _plane(frame: Frame) -> _Plane | None:
    if frame.position is None or frame.across is None or frame.down is None or frame.spacing is None:
        return None
    row, column = frame.spacing
    steps = np.array([np.asarray(frame.across) * column, np.asarray(frame.down) * row])
    return _Plane(np.asarray(frame.position, np.float64), steps)
