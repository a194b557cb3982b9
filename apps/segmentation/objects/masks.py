"""A segmentation's labels and masks on the lattice of a volume."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.objects import segments as segments_
from apps.segmentation.objects.placing import Pixels, place
from apps.segmentation.objects.reading import Contents, SegmentFrame
from apps.segmentation.objects.segments import Segment
from apps.segmentation.objects.sources import Source

_NONE: Final = 0


def labels_of(contents: Contents, source: Source, pixels: Pixels) -> NDArray[np.uint8]:
    """Labels [k, j, i] (8 bits) on the source's lattice; a value is a Segment Number, 0 is in no segment.

    `pixels(number)` gives the values (rows, columns) of frame `number`. Raises Unanswerable: `overlap` where segments
    do (`masks_of` gives them one by one), `many-segments` for numbers above 255, `elsewhere` where nothing lies in the
    volume, `too-large`; and what `pixels` does.
    """
    if any(each.number > segments_.MOST_SEGMENTS for each in contents.segments):
        raise Unanswerable("many-segments")
    if contents.is_labelmap:
        return _labels(contents, source, pixels).astype(np.uint8)
    found = np.zeros(source.lattice.shape, np.uint8)
    for segment, mask in masks_of(contents, source, pixels):
        if (found[mask] != _NONE).any():
            raise Unanswerable("overlap")
        found[mask] = segment.number
    return found


def masks_of(contents: Contents, source: Source, pixels: Pixels) -> Iterator[tuple[Segment, NDArray[np.bool_]]]:
    """Each segment that lies in the volume, and where it is [k, j, i]. Raises as `labels_of`, but for overlaps."""
    if contents.is_labelmap:
        labels = _labels(contents, source, pixels)
        there = set(np.unique(labels).tolist())
        yield from ((each, labels == each.number) for each in contents.segments if each.number in there)
        return
    frames = _by_segment(contents)
    is_anywhere = False
    for segment in contents.segments:
        mask = np.zeros(source.lattice.shape, np.bool_)
        count = place(frames[segment.number], source, lambda number: pixels(number) >= contents.least, mask)
        is_anywhere |= count > 0
        if mask.any():
            yield segment, mask
    if not is_anywhere:
        raise Unanswerable("elsewhere")


def _labels(contents: Contents, source: Source, pixels: Pixels) -> NDArray[np.uint16]:
    """Values of a label map that are no segment's count as none."""
    found = np.full(source.lattice.shape, contents.background, np.uint16)
    if not place(contents.frames, source, pixels, found, contents.background):
        raise Unanswerable("elsewhere")
    numbers = np.zeros(1 << 16, np.uint16)
    for segment in contents.segments:
        numbers[segment.number] = segment.number
    numbers[contents.background] = _NONE
    for plane in found:
        plane[:] = numbers[plane]
    return found


def _by_segment(contents: Contents) -> dict[int, list[SegmentFrame]]:
    found: dict[int, list[SegmentFrame]] = defaultdict(list)
    for frame in contents.frames:
        found[frame.segment].append(frame)
    return found


def check_place(contents: Contents, frame_of_reference_uid: str) -> None:
    """Raises Unanswerable `elsewhere` where the volume lies in another frame of reference (PS3.3 C.7.4.1)."""
    own = contents.frame_of_reference_uid
    if own and frame_of_reference_uid and own != frame_of_reference_uid:
        raise Unanswerable("elsewhere")
