"""Parabolas that open to the back, looked for among points of which many lie elsewhere."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# How far the head may be turned to a side, in steps that the tolerance bridges.
TURNS: Final = np.radians(np.arange(-36.0, 37.0, 9.0))
# Tried for each of them.
TRIES: Final = 40
# Of y = bend * x²: the radius at the apex is then 4.5 to 22 mm.
STRAIGHTEST: Final = 1 / 45
TIGHTEST: Final = 1 / 9
# Half a tooth and some.
TOLERANCE: Final = 5.0
# As many points say as much as all.
MOST_POINTS: Final = 500
# Millimetres along the arch that count as covered where something lies, and how far it is looked at to each side.
STRETCH: Final = 4.0
HALF_LENGTH: Final = 80.0
WIDEST_BREAK: Final = 7
# An arch covers at least so much to each side of its apex, and takes at least this share of what there is.
SHORTEST_SIDE: Final = 24.0
SHORTEST: Final = 70.0
LEAST_SHARE: Final = 0.6
# Within the arch is the tongue: for this many millimetres behind it, there is at most so much of what the arch has.
TONGUE: Final = 12.0
MOST_WITHIN: Final = 0.35


@dataclass(frozen=True, slots=True)
class Horseshoe:
    """y' = apex_y + bend * (x' - apex_x)² in axes turned by `turn` radians about z; covered from `begin` to `end`, in
    millimetres along it from its apex. `score` is greater the more lies along it, and the less elsewhere."""

    turn: float
    apex: tuple[float, float]
    bend: float
    begin: float
    end: float
    score: float

    def points(self, distances: Floats) -> Floats:
        """Where it is (n, 2) at distances along it from its apex."""
        x = np.linspace(-HALF_LENGTH, HALF_LENGTH, 1601)
        along = np.interp(distances, _length(self.bend, x), x)
        beside = np.stack([along, self.bend * along**2], axis=-1) + self.apex
        return beside @ _turned(self.turn).T


def horseshoe(points: Floats, weights: Floats, random: np.random.Generator) -> Horseshoe | None:
    """The parabola along which most of the weight of `points` (n, 2; mm) lies; None where none is like a jaw."""
    points, weights = _thinned(points, weights)
    if len(points) < 30:
        return None
    tried = [_best(points, weights, turn, random) for turn in TURNS.tolist()]
    return max((each for each in tried if each is not None), key=lambda each: each.score, default=None)


def _thinned(points: Floats, weights: Floats) -> tuple[Floats, Floats]:
    step = max(len(points) // MOST_POINTS, 1)
    return points[::step], weights[::step] * step


def _turned(turn: float) -> Floats:
    cosine, sine = np.cos(turn), np.sin(turn)
    return np.array([[cosine, -sine], [sine, cosine]])


def _length(bend: float, x: Floats) -> Floats:
    slope = 2 * bend * x
    length: Floats = (slope * np.sqrt(1 + slope**2) + np.arcsinh(slope)) / (4 * bend)
    return length


def _best(points: Floats, weights: Floats, turn: float, random: np.random.Generator) -> Horseshoe | None:
    """The best parabola whose axis is turned so."""
    turned = points @ _turned(turn)
    bends, apexes = _through(turned[_triples(turned[:, 0], random)])
    if not len(bends):
        return None
    beside = turned[None] - apexes[:, None]
    rise = beside[..., 1] - bends[:, None] * beside[..., 0] ** 2
    away = np.abs(rise) / np.sqrt(1 + (2 * bends[:, None] * beside[..., 0]) ** 2)
    taken = np.where(away < TOLERANCE, weights, 0).sum(axis=1)
    first = int(taken.argmax())
    share = float(taken[first] / weights.sum())
    within = weights[(rise[first] > 0) & (away[first] >= TOLERANCE) & (away[first] < TONGUE)].sum()
    begin, end = _covered(_length(bends[first], beside[first, :, 0][away[first] < TOLERANCE]))
    is_long = min(-begin, end) >= SHORTEST_SIDE and end - begin >= SHORTEST
    if not is_long or share < LEAST_SHARE or within > MOST_WITHIN * taken[first]:
        return None
    score = share * float(taken[first]) * (end - begin)
    x, y = apexes[first].tolist()
    return Horseshoe(turn, (x, y), float(bends[first]), begin, end, score)


def _triples(x: Floats, random: np.random.Generator) -> NDArray[np.intp]:
    """Indices (TRIES, 3) of points at the right, in the middle and at the left."""
    order, third = np.argsort(x, kind="stable"), len(x) // 3
    return np.stack([order[random.integers(part * third, (part + 1) * third, TRIES)] for part in range(3)], axis=1)


def _through(triples: Floats) -> tuple[Floats, Floats]:
    """The bends (m) and the apexes (m, 2) of the parabolas, bent as jaws are, through each three points (n, 3, 2)."""
    (x0, x1, x2), (y0, y1, y2) = np.moveaxis(triples, 0, -1).transpose(1, 0, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
        bends = (second - first) / (x2 - x0)
        x = (x0 + x1) / 2 - first / (2 * bends)
        apexes = np.stack([x, y0 - bends * (x0 - x) ** 2], axis=-1)
    is_jaw = (bends >= STRAIGHTEST) & (bends <= TIGHTEST) & np.isfinite(apexes).all(axis=-1)
    return bends[is_jaw], apexes[is_jaw]


def _covered(along: Floats) -> tuple[float, float]:
    """From where to where something lies without a wide break, about the apex."""
    edges = np.arange(-HALF_LENGTH, HALF_LENGTH + STRETCH, STRETCH)
    is_there = np.histogram(along, edges)[0] > 0
    right, left = np.split(is_there, 2)
    return -_unbroken(right[::-1]) * STRETCH, _unbroken(left) * STRETCH


def _unbroken(is_there: NDArray[np.bool_]) -> int:
    """How many stretches it is to the first break that is wider than some missing teeth."""
    padded = np.pad(is_there, (0, WIDEST_BREAK))
    return int((np.convolve(~padded, np.ones(WIDEST_BREAK), "valid") == WIDEST_BREAK).argmax())
