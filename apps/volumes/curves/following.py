"""A curve moved into the middle of what lies along it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.curves.arch import outwards
from apps.volumes.curves.splines import spline_through

Floats = NDArray[np.float64]
# Millimetres: how far beside the curve something still belongs to it, each time less: the first time it may lie on one
# of the jaw's two plates, and has to see the other. And how finely the curve is looked at.
REACHES: Final = (12.0, 10.0, 8.0)
FINE: Final = 1.0
# How curved the way to the middle may be: enough for what an arch has that a parabola hasn't.
DEGREE: Final = 4


def followed(line: Floats, points: Floats, weights: Floats) -> Floats:
    """The control points `line` (n, 2), moved along their normals to the middle of the weighted points (m, 2) about the
    curve, and spaced evenly from the first place where there are any to the last."""
    for reach in REACHES:
        spline = spline_through(line)
        steps = np.arange(0, spline.length, FINE)
        along, away = _beside(*spline.at(steps), points)
        is_near = np.abs(away) < reach
        if is_near.sum() <= DEGREE + 1:
            break
        along, away = along[is_near] * FINE, away[is_near]
        ends = np.linspace(along.min(), along.max(), len(line))
        moves = np.polynomial.Polynomial.fit(along, away, DEGREE, w=np.sqrt(weights[is_near]))(ends)
        where, tangents = spline.at(ends)
        line = where + moves[:, None] * outwards(tangents)
    return line


def extended(line: Floats, beyond: float, low: Floats, high: Floats) -> Floats:
    """The control points, and one more at each end, `beyond` millimetres straight on, if that lies within the box."""
    spline = spline_through(line)
    points, tangents = spline.at(np.array([0.0, spline.length]))
    first, last = points[0] - beyond * tangents[0], points[1] + beyond * tangents[1]
    before, after = ([end] if ((end >= low) & (end <= high)).all() else [] for end in (first, last))
    return np.array([*before, *line, *after])


def _beside(curve: Floats, tangents: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Which point of the curve (k, 2) is nearest to each of the points, and how far outwards of it they are."""
    apart = np.linalg.norm(points[:, None] - curve[None], axis=2)
    nearest = apart.argmin(axis=1)
    away = ((points - curve[nearest]) * outwards(tangents)[nearest]).sum(axis=1)
    return nearest.astype(np.float64), away
