"""Segmenters as tests run them: in this process, by their names."""

from typing import Any

from apps.segmentation.segmenters.answers import Found
from apps.segmentation.segmenters.options import taken
from apps.segmentation.segmenters.registry import find
from apps.segmentation.segmenters.working import function_of
from apps.volumes.geometry.voxels import Voxels


def found_by(name: str, voxels: Voxels, **options: Any) -> Found:
    """What the segmenter finds with these options."""
    segmenter = find(name)
    assert segmenter is not None
    told: list[tuple[int, int]] = []
    found = function_of(segmenter.function)(
        voxels, taken(segmenter.options, options), lambda done, total: told.append((done, total))
    )
    assert told == sorted(told)
    assert all(done < total for done, total in told)
    return found
