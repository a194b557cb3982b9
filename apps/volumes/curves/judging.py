"""Whether a curve through what is dense is a jaw's."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.curves.arch import outwards
from apps.volumes.curves.splines import spline_through

Floats = NDArray[np.float64]
# Millimetres from end to end; and how deep the curve is for each of them.
NARROWEST: Final = 28.0
WIDEST: Final = 110.0
SHALLOWEST: Final = 0.45
# How far it turns from end to end, in radians; and how much more than that it may, back and forth.
LEAST_TURN: Final = np.radians(75.0)
MOST_TURN: Final = np.radians(200.0)
WINDING: Final = 2.3
# Each half's share of that: a jaw is much the same on both sides.
LEAST_OF_HALF: Final = 0.3
# How much of it lies on something, and which share of that may where tongue and cheeks are, these millimetres beside.
LEAST_ON: Final = 0.5
MOST_BESIDE: Final = 0.4
NEAR: Final = 4.0
BESIDE: Final = np.arange(9.0, 14.5, 1.0)


def is_jaw(line: Floats, points: Floats, pixel: float) -> bool:
    """Of control points (n, 2), and of where it is dense (m, 2), in pixels this wide; all in millimetres."""
    spline = spline_through(line)
    curve, tangents = spline.at(np.arange(0, spline.length, 1.0))
    return _is_shaped(curve, tangents) and _is_filled(curve, tangents, points, pixel)


def _is_shaped(curve: Floats, tangents: Floats) -> bool:
    chord = curve[-1] - curve[0]
    width = float(np.hypot(*chord))
    if not NARROWEST <= width <= WIDEST:
        return False
    deep = np.abs((curve - curve[0]) @ outwards(chord / width)).max()
    turns = np.diff(np.unwrap(np.arctan2(tangents[:, 1], tangents[:, 0])))
    turned = turns.sum()
    is_bent = LEAST_TURN <= turned <= MOST_TURN and np.abs(turns).sum() <= WINDING * turned
    right, left = (half.sum() for half in np.array_split(turns, 2))
    return bool(is_bent and deep >= SHALLOWEST * width and min(right, left) >= LEAST_OF_HALF * turned)


def _is_filled(curve: Floats, tangents: Floats, points: Floats, pixel: float) -> bool:
    """Whether something lies along the curve, and little beside it."""
    normals = outwards(tangents)
    on = _dense(curve, points, NEAR).mean()
    beside = [np.concatenate([curve + away * normals for away in side]) for side in (-BESIDE, BESIDE)]
    return bool(on >= LEAST_ON and max(_dense(side, points, pixel).mean() for side in beside) <= MOST_BESIDE * on)


def _dense(places: Floats, points: Floats, reach: float) -> NDArray[np.bool_]:
    """Beside which of the places (n, 2) one of the points is, within `reach`."""
    near: NDArray[np.bool_] = np.array([(np.abs(points - place).max(axis=1) <= reach).any() for place in places])
    return near
