"""Lengths, angles, areas and volumes of points in millimetres (or pixels), in a plane or in the patient.

Points are (n, 2) or (n, 3) arrays of finite numbers; `placing` gives them. Each function raises ValueError for points
that make no such figure: too few of them, or all in one place where a direction is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from apps.saying import say

Points = NDArray[np.float64]
# Contours are parallel where their normals are so many radians apart at most, and in one plane so many millimetres.
_PARALLEL: Final = 1e-3
_SAME_PLANE: Final = 1e-3
_MM3_OF_ML: Final = 1000.0
# Of the smallest hull that has an area.
_CORNERS: Final = 3


def points_of(points: ArrayLike, least: int = 1) -> Points:
    """The points as an array, checked: at least so many, with two or three finite coordinates."""
    found = np.asarray(points, np.float64)
    if found.ndim != 2 or found.shape[1] not in (2, 3) or len(found) < least or not np.isfinite(found).all():
        raise ValueError(f"At least {least} points with two or three finite coordinates each are needed.")
    return found


def length(points: ArrayLike) -> float:
    """The way along all points (2 or more)."""
    return float(np.linalg.norm(np.diff(points_of(points, 2), axis=0), axis=1).sum())


def perimeter(points: ArrayLike) -> float:
    """The way once round a polygon (3 points or more; the first may be there again as the last)."""
    found = points_of(points, 3)
    return length(np.vstack([found, found[:1]]))


def angle(points: ArrayLike) -> float:
    """The angle in degrees (0 to 180) at the second of three points."""
    one, vertex, other = points_of(points, 3)[:3]
    return _between(one - vertex, other - vertex)


def cobb_angle(points: ArrayLike) -> float:
    """The acute angle in degrees (0 to 90) between the lines through points 1, 2 and 3, 4, whichever way they run."""
    a, b, c, d = points_of(points, 4)[:4]
    found = _between(b - a, d - c)
    return min(found, 180.0 - found)


def _between(one: Points, other: Points) -> float:
    """By sine and cosine together, which keeps small angles exact where the cosine alone can't."""
    if not one.any() or not other.any():
        raise ValueError(say("Two points in one place have no direction."))
    one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(one - other), np.linalg.norm(one + other))))


def area(points: ArrayLike) -> float:
    """The area of a polygon that doesn't cross itself (shoelace formula), 3 points or more; in space a planar one."""
    return float(np.linalg.norm(_normal(points_of(points, 3))))


def _normal(points: Points) -> Points:
    """The normal of a planar polygon, as long as its area (Newell)."""
    spatial = _spatial(points) - _spatial(points)[0]
    crossed: Points = np.cross(spatial, np.roll(spatial, -1, axis=0)).sum(axis=0) / 2
    return crossed


def _spatial(points: Points) -> Points:
    return points if points.shape[1] == 3 else np.pad(points, ((0, 0), (0, 1)))


def ellipse_area(points: ArrayLike) -> float:
    """Of the four ends of two diameters: those of the major axis, then those of the minor (PS3.3 C.18.6.1.2)."""
    a, b, c, d = points_of(points, 4)[:4]
    # Of any two conjugate diameters: where pixels aren't square, axes of the figure aren't at right angles in the body.
    return float(np.pi / 4 * _area_between(b - a, d - c))


def _area_between(one: Points, other: Points) -> float:
    spatial = _spatial(np.stack([one, other]))
    return float(np.linalg.norm(np.cross(spatial[0], spatial[1])))


def radius(points: ArrayLike) -> float:
    """Of a circle by its centre and a point of it."""
    return length(points_of(points, 2)[:2])


def circle_area(points: ArrayLike) -> float:
    return float(np.pi * radius(points) ** 2)


def circle_perimeter(points: ArrayLike) -> float:
    return float(2 * np.pi * radius(points))


@dataclass(frozen=True, slots=True)
class Axes:
    """A long and a short axis: two points (2, 2) each."""

    long: Points
    short: Points


def axes_of_outline(points: ArrayLike) -> Axes:
    """The longest diameter of an outline (n, 2) in a plane, and the longest across it at right angles.

    Both are of its convex hull. Raises ValueError for points that are all in one line.
    """
    hull = _hull(points_of(points, 3))
    if len(hull) < _CORNERS:
        raise ValueError(say("Points in one line are no outline."))
    longest = _farthest(hull)
    return Axes(longest, _across(hull, longest))


def _hull(points: Points) -> Points:
    """The convex hull (monotone chain), counter-clockwise, each corner once."""
    ordered = np.unique(points, axis=0).tolist()
    return np.array(_chain(ordered)[:-1] + _chain(ordered[::-1])[:-1])


def _chain(ordered: Sequence[Sequence[float]]) -> list[Sequence[float]]:
    chain: list[Sequence[float]] = []
    for point in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Sequence[float], b: Sequence[float], c: Sequence[float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _farthest(hull: Points) -> Points:
    """The two corners that are farthest from each other."""
    squares = ((hull[:, None] - hull[None]) ** 2).sum(axis=2)
    return hull[list(np.unravel_index(squares.argmax(), squares.shape))]


def _across(hull: Points, longest: Points) -> Points:
    """The longest chord of a convex hull at right angles to its longest diameter; it begins or ends at a corner."""
    along = (longest[1] - longest[0]) / np.linalg.norm(longest[1] - longest[0])
    turned = (hull - longest[0]) @ np.column_stack([along, [-along[1], along[0]]])
    upper, lower = turned[turned[:, 1] >= -1e-9], turned[turned[:, 1] <= 1e-9]
    upper, lower = upper[upper[:, 0].argsort()], lower[lower[:, 0].argsort()]
    top = np.interp(turned[:, 0], upper[:, 0], upper[:, 1])
    bottom = np.interp(turned[:, 0], lower[:, 0], lower[:, 1])
    at = int((top - bottom).argmax())
    ends = np.array([[turned[at, 0], bottom[at]], [turned[at, 0], top[at]]])
    chord: Points = longest[0] + ends @ np.array([along, [-along[1], along[0]]])
    return chord


def volume_of_contours(contours: Sequence[ArrayLike]) -> float:
    """The volume in millilitres that parallel planar contours (n, 3; patient millimetres) stand for: the sum of area
    times thickness, where a contour reaches half the way to the next plane on each side, the outermost as far outwards
    as inwards. Contours in one plane are added.

    Raises ValueError for contours that aren't parallel, and for those of one plane alone, which have no thickness.
    """
    found = [points_of(each, 3) for each in contours]
    if not found or any(each.shape[1] != 3 for each in found):
        raise ValueError(say("A volume is of contours in the patient."))
    normals = np.array([_normal(each) for each in found])
    places, areas = _planes(found, normals)
    gaps = np.diff(places)
    if not len(gaps):
        raise ValueError(say("Contours in one plane have no volume."))
    thicknesses = (np.append(gaps[:1], gaps) + np.append(gaps, gaps[-1:])) / 2
    return float((areas * thicknesses).sum() / _MM3_OF_ML)


def _planes(contours: Sequence[Points], normals: Points) -> tuple[Points, Points]:
    """Where along their common normal the planes lie, and the area in each."""
    areas = np.linalg.norm(normals, axis=1)
    if not areas.all():
        raise ValueError(say("A contour without an area lies in no plane."))
    directions = normals / areas[:, None]
    along = directions[areas.argmax()]
    if np.linalg.norm(np.cross(directions, along), axis=1).max() > _PARALLEL:
        raise ValueError(say("The contours are not parallel."))
    places = np.array([each.mean(axis=0) @ along for each in contours])
    order = places.argsort()
    starts = np.flatnonzero(np.append(True, np.diff(places[order]) > _SAME_PLANE))
    return places[order][starts], np.add.reduceat(areas[order], starts)
