"""Cubic splines in the plane, told by how far along them one is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Into how many pieces each span is cut to measure the length along it.
FINENESS: Final = 64


@dataclass(frozen=True, slots=True)
class Spline:
    """A natural cubic spline: through `points` (n, 2) at `knots`, with second derivatives `bends` (n, 2) there.

    `parameters` and `lengths` say how far along the curve it is at which parameter; `length` is all of it.
    """

    knots: Floats
    points: Floats
    bends: Floats
    parameters: Floats
    lengths: Floats

    @property
    def length(self) -> float:
        return float(self.lengths[-1])

    def at(self, distances: Floats) -> tuple[Floats, Floats]:
        """The points and the unit tangents, each (m, 2), at distances along the curve (m)."""
        parameters = np.interp(distances, self.lengths, self.parameters)
        points, derivatives = _evaluated(self.knots, self.points, self.bends, parameters)
        return points, derivatives / np.linalg.norm(derivatives, axis=1, keepdims=True)


def spline_through(points: Floats) -> Spline:
    """The natural cubic spline through distinct points (n, 2), n ≥ 3.

    The knots are spaced by the square root of the chords (centripetal), which keeps it from looping where points are
    unevenly spaced.
    """
    knots = np.concatenate(([0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1)))))
    bends = _bends(knots, points)
    spans = np.interp(np.arange((len(knots) - 1) * FINENESS + 1) / FINENESS, np.arange(len(knots)), knots)
    return Spline(knots, points, bends, spans, _lengths(knots, points, bends, spans))


def _bends(knots: Floats, points: Floats) -> Floats:
    """The second derivatives at the knots: none at the ends."""
    steps = np.diff(knots)
    slopes = np.diff(points, axis=0) / steps[:, None]
    system = np.diag(2 * (steps[:-1] + steps[1:])) + np.diag(steps[1:-1], 1) + np.diag(steps[1:-1], -1)
    inner = np.linalg.solve(system, 6 * np.diff(slopes, axis=0))
    return np.pad(inner, ((1, 1), (0, 0)))


def _evaluated(knots: Floats, points: Floats, bends: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    """Where the spline is at parameters, and its derivatives there."""
    span = np.clip(np.searchsorted(knots, parameters, side="right") - 1, 0, len(knots) - 2)
    step = (knots[span + 1] - knots[span])[:, None]
    after = ((parameters - knots[span])[:, None]) / step
    before = 1 - after
    first, last, first_bend, last_bend = points[span], points[span + 1], bends[span], bends[span + 1]
    bent = (before**3 - before) * first_bend + (after**3 - after) * last_bend
    where = before * first + after * last + bent * step**2 / 6
    turned = (3 * after**2 - 1) * last_bend - (3 * before**2 - 1) * first_bend
    return where, (last - first) / step + turned * step / 6


def _lengths(knots: Floats, points: Floats, bends: Floats, parameters: Floats) -> Floats:
    """How far along the curve it is at each parameter: Simpson's rule over each piece."""
    steps = np.diff(parameters)
    middles = parameters[:-1] + steps / 2
    ends, between = (
        np.linalg.norm(_evaluated(knots, points, bends, some)[1], axis=1) for some in (parameters, middles)
    )
    pieces = steps / 6 * (ends[:-1] + 4 * between + ends[1:])
    return np.concatenate(([0.0], np.cumsum(pieces)))
