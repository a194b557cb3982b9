"""Which pixels a figure holds, and what is to be said of their values.

A pixel is inside where its middle is: of circles and ellipses the outline belongs to them, of polygons their left and
upper edges do (even-odd rule), so that polygons side by side share no pixel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from apps.measurements.content.geometry import Points, points_of
from apps.saying import say

Mask = NDArray[np.bool_]
# So much more than the radius is still the radius: what is stored in a SCOORD has 24 bits (FL).
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the pixels inside: how many, their mean, standard deviation (over n, as OHIF has it) and range."""

    pixels: int
    mean: float
    standard_deviation: float
    minimum: float
    maximum: float


def statistics_of(values: NDArray[Any], mask: Mask) -> Statistics | None:
    """Of the values [row, column] in the mask, those that aren't finite left out; None where there are none."""
    inside = values[mask].astype(np.float64)
    inside = inside[np.isfinite(inside)]
    if not len(inside):
        return None
    spread = float(inside.mean()), float(inside.std()), float(inside.min()), float(inside.max())
    return Statistics(len(inside), *spread)


def polygon(shape: tuple[int, int], points: ArrayLike) -> Mask:
    """The pixels of an image of so many rows and columns in a polygon of (column, row) points, 3 or more."""
    corners = points_of(points, 3)
    following = np.roll(corners, -1, axis=0)
    mask = np.zeros(shape, np.bool_)
    middles = np.arange(shape[1]) + 0.5
    first, last = _span(corners[:, 1], shape[0])
    for row in range(first, last):
        crossed = _crossings(corners, following, row + 0.5)
        mask[row] = np.searchsorted(crossed, middles, "right") % 2 == 1
    return mask


def _span(coordinates: Points, count: int) -> tuple[int, int]:
    """The rows with middles between the lowest and the highest coordinate: the first, and that after the last."""
    low, high = np.floor(np.clip([coordinates.min() - 0.5, coordinates.max() + 0.5], 0, count)).astype(int)
    return int(low), int(high)


def _crossings(one: Points, other: Points, row: float) -> Points:
    """Where edges cross a row, from left to right; an end at the row itself counts as below it."""
    is_crossing = (one[:, 1] <= row) != (other[:, 1] <= row)
    a, b = one[is_crossing], other[is_crossing]
    return np.sort(a[:, 0] + (row - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))


def ellipse(shape: tuple[int, int], points: ArrayLike) -> Mask:
    """Of the ends of two diameters (column, row): the major axis, then the minor. Raises ValueError for a line."""
    a, b, c, d = points_of(points, 4)[:4]
    axes = np.column_stack([b - a, d - c]) / 2
    if abs(np.linalg.det(axes)) <= 0:
        raise ValueError(say("An ellipse has two axes."))
    inverse = np.linalg.inv(axes)

    def is_inside(offsets: Points) -> Mask:
        return ((offsets @ inverse.T) ** 2).sum(axis=-1) <= 1 + _ROUNDING

    return _filled(shape, (a + b) / 2, np.linalg.norm(axes, axis=1), is_inside)


def circle(shape: tuple[int, int], points: ArrayLike, row_spacing: float = 1.0, column_spacing: float = 1.0) -> Mask:
    """Of the centre and a point of the circle (column, row): what is no farther, in millimetres, is inside."""
    centre, rim = points_of(points, 2)[:2]
    spacing = np.array([column_spacing, row_spacing])
    most = float((((rim - centre) * spacing) ** 2).sum())

    def is_inside(offsets: Points) -> Mask:
        return ((offsets * spacing) ** 2).sum(axis=-1) <= most * (1 + _ROUNDING)

    return _filled(shape, centre, np.sqrt(most) / spacing, is_inside)


def _filled(shape: tuple[int, int], centre: Points, reach: Points, is_inside: Callable[[Points], Mask]) -> Mask:
    """The mask of what is inside; only pixels within reach (columns, rows) of the centre are asked."""
    mask = np.zeros(shape, np.bool_)
    left, right = _span(np.array([centre[0] - reach[0], centre[0] + reach[0]]), shape[1])
    top, bottom = _span(np.array([centre[1] - reach[1], centre[1] + reach[1]]), shape[0])
    columns, rows = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
    mask[top:bottom, left:right] = is_inside(np.stack([columns, rows], axis=-1) - centre)
    return mask


def point(shape: tuple[int, int], points: ArrayLike) -> Mask:
    """The one pixel that a (column, row) lies in; none beside the image."""
    column, row = np.floor(points_of(points)[0][:2])
    mask = np.zeros(shape, np.bool_)
    if 0 <= row < shape[0] and 0 <= column < shape[1]:
        mask[int(row), int(column)] = True
    return mask
