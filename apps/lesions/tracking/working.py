"""The function that runs in a process of its own: register two volumes, and say which lesion is which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from apps.analysis.apart.refusing import Unanswerable
from apps.lesions.tracking.assigning import Place, assign
from apps.lesions.tracking.registration import register
from apps.segmentation.segmenters.opening import voxels_of
from apps.volumes.geometry.lattice import Lattice, Vector

# Volumes of the same patient that lie on each other agree better than this; heads of different people do not.
LEAST_SIMILARITY: Final = 0.6
# Beyond the outermost voxels' centres, as lesions at the edge are measured.
EDGE_MM: Final = 5.0


def track(asked: Mapping[str, Any], tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Find the lesions of before among those of now.

    `asked` has `baseline` and `followUp` (volumes as `volumes.handing` tells of them), `before` and `now` (places: key,
    point, organ) and `gate` (mm). The answer has `motion`, `pairs` (before, now, distance), `missing` and `outside`
    (keys of before; those outside the follow-up's images can't be found there), `new` (keys of now) and `expected`
    (where each of before was to be expected). Raises Unanswerable where the volumes don't fit on each other.
    """
    follow_up = voxels_of(asked["followUp"])
    motion = register(voxels_of(asked["baseline"]), follow_up, tell)
    if motion.similarity < LEAST_SIMILARITY:
        raise Unanswerable("not-alike", similarity=round(motion.similarity, 2))
    before = [Place.from_json(each) for each in asked["before"]]
    expected = [replace(each, point=motion(each.point)) for each in before]
    now = [Place.from_json(each) for each in asked["now"]]
    return {"motion": motion.to_json(), **_told(expected, now, asked["gate"], follow_up.lattice)}


def _told(expected: Sequence[Place], now: Sequence[Place], gate: float, lattice: Lattice) -> dict[str, Any]:
    pairs = assign(expected, now, gate)
    found, taken = {pair.before for pair in pairs}, {pair.now for pair in pairs}
    lost = [each for each in expected if each.key not in found]
    return {
        "pairs": [{"before": pair.before, "now": pair.now, "distance": pair.distance} for pair in pairs],
        "missing": [each.key for each in lost if is_imaged(lattice, each.point)],
        "outside": [each.key for each in lost if not is_imaged(lattice, each.point)],
        "new": [each.key for each in now if each.key not in taken],
        "expected": {each.key: list(each.point) for each in expected},
    }


def is_imaged(lattice: Lattice, point: Vector) -> bool:
    """Whether a point (LPS, mm) lies in what was imaged, or at its edge."""
    along, down, across = lattice.inverse @ (np.asarray(point) - np.asarray(lattice.origin))
    _, rows, columns = lattice.shape
    ends = (lattice.offsets[-1], (rows - 1) * lattice.row_spacing, (columns - 1) * lattice.column_spacing)
    return all(-EDGE_MM <= at <= end + EDGE_MM for at, end in zip((along, down, across), ends, strict=True))
