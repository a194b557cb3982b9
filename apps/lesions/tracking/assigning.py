"""Which of today's lesions is which of before: as near as possible all together, and none too far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from apps.volumes.geometry.lattice import Vector

MOST_LESIONS: Final = 500
# Beside any distance between two places in a body.
_NEVER: Final = 1e6


@dataclass(frozen=True, slots=True)
class Place:
    """A lesion by any name, where its middle lies (LPS, mm), and the organ it is in, empty where that isn't known."""

    key: str
    point: Vector
    organ: str = ""

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        x, y, z = map(float, told["point"])
        return cls(str(told["key"]), (x, y, z), str(told.get("organ", "")))


@dataclass(frozen=True, slots=True)
class Pair:
    """The same lesion before and now; `distance` (mm) is how far it is from where it was to be expected."""

    before: str
    now: str
    distance: float


def assign(before: Sequence[Place], now: Sequence[Place], gate: float) -> list[Pair]:
    """The pairs, in the order of `before`, whose points are those of today's study already.

    As many as possible within `gate` millimetres, and then the nearest all together (the Hungarian method). Lesions of
    different organs are never the same. Raises ValueError for more than MOST_LESIONS.
    """
    from scipy.optimize import linear_sum_assignment

    if max(len(before), len(now)) > MOST_LESIONS:
        raise ValueError("These are too many lesions.")
    if not (before and now):
        return []
    between = np.array([[_between(one, other) for other in now] for one in before])
    rows, columns = linear_sum_assignment(np.where(between <= gate, between, _NEVER))
    found = zip(rows.tolist(), columns.tolist(), strict=True)
    return [Pair(before[i].key, now[j].key, float(between[i, j])) for i, j in found if between[i, j] <= gate]


def _between(one: Place, other: Place) -> float:
    is_elsewhere = one.organ and other.organ and one.organ != other.organ
    return _NEVER if is_elsewhere else float(np.linalg.norm(np.subtract(one.point, other.point)))
