"""A classical segmenter at work, in the process that `analysis.apart` starts for it."""

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.segmenters.answers import Function, Tell
from apps.segmentation.segmenters.opening import voxels_of
from apps.segmentation.segmenters.options import taken
from apps.segmentation.segmenters.registry import find

LABELS: Final = "labels.npy"


def segment(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Have the `segmenter` of that name segment the volume that was handed (`volumes.handing`) with `options`.

    The answer names the file of `labels` in `folder` (.npy, uint8 [k, j, i] on the volume's own lattice), the `numbers`
    of the segments that are there, and what the segmenter `told`. Raises Unanswerable (`wording` has the words for it),
    and ValueError for a segmenter or options that there aren't.
    """
    segmenter = find(asked["segmenter"])
    if segmenter is None:
        raise ValueError("There is no such segmenter.")
    voxels = voxels_of(asked)
    if segmenter.needs_hu and voxels.unit != "HU":
        raise Unanswerable("no-hounsfield")
    found = function_of(segmenter.function)(voxels, taken(segmenter.options, asked.get("options", {})), tell)
    numbers = [each.number for each in segmenter.segments if np.any(found.labels == each.number)]
    if not numbers:
        raise Unanswerable("nothing-found")
    path = Path(asked["folder"]) / LABELS
    np.save(path, found.labels)
    return {"labels": str(path), "numbers": numbers, "told": found.told}


def function_of(name: str) -> Function:
    """The function (`module:name`) that does the work."""
    module, _, function = name.partition(":")
    found: Function = getattr(importlib.import_module(module), function)
    return found
