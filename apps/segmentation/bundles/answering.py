"""The labels that a network or a program found, checked and handed back."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.bundles.placing import Labels
from apps.segmentation.objects.segments import MOST_SEGMENTS

LABELS: Final = "labels.npy"


def as_labels(values: NDArray[Any]) -> Labels:
    """Numbers as labels. Raises Unanswerable for what is none: broken, negative, more than 255."""
    if not (values.min() >= 0 and values.max() <= MOST_SEGMENTS):
        raise Unanswerable("no-labels")
    labels = values.astype(np.uint8)
    if not np.array_equal(labels, values):
        raise Unanswerable("no-labels")
    return labels


def answer(asked: dict[str, Any], labels: Labels, told: dict[str, Any]) -> dict[str, Any]:
    """The answer of a segmenter (`segmenters.working.segment`), with those of the labels [k, j, i] that `asked` has a
    name for (`numbers`). Raises Unanswerable where none of these is there."""
    named = _only(labels, asked["numbers"])
    counts = np.bincount(named.ravel(), minlength=MOST_SEGMENTS + 1)
    numbers = [number for number in asked["numbers"] if counts[number]]
    if not numbers:
        raise Unanswerable("nothing-found")
    path = Path(asked["folder"]) / LABELS
    np.save(path, named)
    return {"labels": str(path), "numbers": numbers, "told": told}


def _only(labels: Labels, numbers: list[int]) -> Labels:
    """The labels with these numbers, and nothing where another one is."""
    table = np.zeros(MOST_SEGMENTS + 1, np.uint8)
    table[numbers] = numbers
    return np.asarray(table[labels])
