"""The dental arch as a person draws it: control points in an axial plane, and the curve through them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.saying import say
from apps.volumes.curves.splines import Spline, spline_through

FEWEST_POINTS: Final = 3
MOST_POINTS: Final = 40
# No jaw is longer; it bounds what comes of a curve.
LONGEST: Final = 400.0
# Nearer to each other, two points are one: the curve would loop between them.
NEAREST: Final = 1.0
# Of patient coordinates: beyond it, they're nobody's.
FARTHEST: Final = 10_000.0
FINEST_SPACING: Final = 0.05


@dataclass(frozen=True, slots=True)
class Arch:
    """Control points (x, y) and the height z of their axial plane, in millimetres of the patient (LPS).

    The points go from the patient's right to the left, 3 to 40 of them.
    """

    points: tuple[tuple[float, float], ...]
    z: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (n, 2) at even steps along the arch, each with its unit tangent (to the patient's left, at the front) and
    its unit normal, which points outwards, from the tongue to the cheek. Millimetres; `z` is the arch's. `spline` is
    the curve itself, `length` millimetres long, of which the last point may fall short by less than a step."""

    points: NDArray[np.float64]
    tangents: NDArray[np.float64]
    normals: NDArray[np.float64]
    spacing: float
    length: float
    z: float
    spline: Spline


def curve(arch: Arch, spacing: float) -> Curve:
    """The cubic spline through the arch's points, in steps of `spacing` millimetres from its first point on.

    Raises ValueError, with a sentence for the person who drew it, where no curve is to be had of the points.
    """
    spline = spline_of(arch)
    if not FINEST_SPACING <= spacing <= LONGEST:
        raise ValueError(say("The spacing is {least} to {most} mm.", least=FINEST_SPACING, most=LONGEST))
    steps = np.arange(0, spline.length + 1e-9, spacing)
    points, tangents = spline.at(steps)
    return Curve(points, tangents, outwards(tangents), spacing, spline.length, arch.z, spline)


def outwards(tangents: NDArray[np.float64]) -> NDArray[np.float64]:
    """The normals to unit tangents (..., 2) that point to the cheek: going to the left, that is to the front."""
    return np.stack([tangents[..., 1], -tangents[..., 0]], axis=-1)


def spline_of(arch: Arch) -> Spline:
    """The curve itself, looked at first: ValueError says what is wrong with the points."""
    if not FEWEST_POINTS <= len(arch.points) <= MOST_POINTS:
        raise ValueError(say("An arch has {least} to {most} points.", least=FEWEST_POINTS, most=MOST_POINTS))
    points = np.array(arch.points, dtype=np.float64)
    if not (np.isfinite(points).all() and np.abs([*points.ravel(), arch.z]).max() <= FARTHEST):
        raise ValueError(say("The points of an arch are millimetres of the patient."))
    if np.linalg.norm(np.diff(points, axis=0), axis=1).min() < NEAREST:
        raise ValueError(say("Two points of the arch are closer than {distance} mm.", distance=NEAREST))
    if points[0, 0] >= points[-1, 0]:
        raise ValueError(say("The points of an arch go from the patient's right to the left."))
    spline = spline_through(points)
    if spline.length > LONGEST:
        raise ValueError(say("The arch is longer than {most} mm.", most=LONGEST))
    if _crosses_itself(spline.at(np.linspace(0, spline.length, 200))[0]):
        raise ValueError(say("The arch crosses itself."))
    return spline


def _crosses_itself(points: NDArray[np.float64]) -> bool:
    """Whether two stretches of a polyline that aren't neighbours meet."""
    starts, ends = points[:-1], points[1:]
    beside = _side(starts[:, None], ends[:, None], starts[None]) * _side(starts[:, None], ends[:, None], ends[None])
    first, second = np.triu_indices(len(starts), 2)
    return bool(((beside[first, second] < 0) & (beside[second, first] < 0)).any())


def _side(start: NDArray[np.float64], end: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """On which side of a line a point lies, by sign."""
    along, to = end - start, point - start
    side: NDArray[np.float64] = along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0]
    return side
