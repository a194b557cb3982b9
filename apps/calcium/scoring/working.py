"""Calcium scored in the process that `analysis.apart` starts for it."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from apps.calcium.scoring.agatston import Labels, Score, at_least, score, total
from apps.calcium.scoring.choosing import Lesion, Region, by_lesions, by_regions
from apps.calcium.scoring.thresholds import Thresholds
from apps.calcium.scoring.vessels import NUMBERS, Vessel
from apps.segmentation.segmenters.opening import voxels_of
from apps.volumes.geometry.voxels import Voxels

COUNTED: Final = "counted.npy"
Tell = Callable[[int, int], None]


def scored(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Score the calcium of a volume that was handed (`volumes.handing`).

    One of `labels` (a .npy file, uint8 [k, j, i]: `vessels.NUMBERS`), `lesions` and `regions` says which is of which
    vessel; `vessels` are those that are looked at, `thresholds` and `calibration` as in `agatston.score`. The answer
    names the file in `folder` of the voxels that `counted`, the `scores` by vessel, and the `total`.
    Raises Unanswerable as `choosing` does.
    """
    voxels = voxels_of(asked)
    thresholds = Thresholds(asked["kvp"], tuple(asked["limits"]), asked["source"])
    tell(1, 4)
    labels = _labels(asked, voxels, thresholds)
    tell(2, 4)
    numbers = {NUMBERS[vessel]: vessel for vessel in map(Vessel, asked["vessels"])}
    found = score(voxels, labels, numbers, thresholds, calibration=asked.get("calibration"))
    tell(3, 4)
    path = Path(asked["folder"]) / COUNTED
    np.save(path, found.counted)
    whole = total(found.scores.values(), voxels.lattice.shape[0])
    scores = {numbers[number].value: _told(each) for number, each in found.scores.items()}
    return {"counted": str(path), "scores": scores, "total": _told(whole)}


def _labels(asked: dict[str, Any], voxels: Voxels, thresholds: Thresholds) -> Labels:
    if "labels" in asked:
        labels: Labels = np.load(asked["labels"], mmap_mode="r", allow_pickle=False)
        return labels
    bright = at_least(voxels, thresholds.lowest)
    if "lesions" in asked:
        lesions = [Lesion(Vessel(each["vessel"]), tuple(each["point"])) for each in asked["lesions"]]
        return by_lesions(bright, voxels.lattice, lesions)
    return by_regions(bright, voxels.lattice, map(_region, asked["regions"]))


def _region(each: dict[str, Any]) -> Region:
    vessel = Vessel(each["vessel"])
    if "radius" in each:
        return Region(vessel, tuple(each["centre"]), radius=each["radius"])
    return Region(vessel, tuple(each["low"]), tuple(each["high"]))


def _told(found: Score) -> dict[str, Any]:
    told = asdict(found) | {"density": found.density, "bySlice": found.by_slice}
    del told["by_slice"]
    return told
