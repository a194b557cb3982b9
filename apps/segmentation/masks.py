"""A stored segmentation, whoever made it, on the voxels of a volume."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.apart.refusing import Unanswerable
from apps.core.errors import Conflict
from apps.dicom.attributes import text
from apps.saying import Sentence, say
from apps.segmentation.models import Segmentation
from apps.segmentation.objects import masks
from apps.segmentation.objects.reading import Contents, contents_of
from apps.segmentation.objects.segments import Segment
from apps.segmentation.objects.sources import Source
from apps.segmentation.pixels import Stored
from apps.segmentation.sources import source_of
from apps.volumes.models import Volume

_FRAME_OF_REFERENCE: Final = "00200052"
_REASONS: Final = {
    "elsewhere": say("The segmentation lies over other images: nothing of it is in this volume."),
    "overlap": say("Segments of this segmentation overlap, so that a voxel has no label of its own."),
    "many-segments": say("The segmentation has segment numbers above 255."),
    "too-large": say("The segmentation is too large to be laid over images of another matrix."),
}


def labels_of(row: Segmentation, volume: Volume) -> tuple[NDArray[np.uint8], list[Segment]]:
    """Labels [k, j, i] of 8 bits on the volume's own lattice, 0 for none, and the segments whose numbers they are.

    What has other pixels than the volume is sampled, fractions count from half. Raises Conflict where segments overlap
    (`masks_of` gives them one by one), where nothing of it lies in the volume, and for numbers above 255; NotFound
    where either is gone, NotAcceptable for what can't be decoded.
    """
    contents, source, stored = _opened(row, volume)
    with _in_words():
        return masks.labels_of(contents, source, stored.frame), list(contents.segments)


def masks_of(row: Segmentation, volume: Volume) -> Iterator[tuple[Segment, NDArray[np.bool_]]]:
    """Each segment of which something lies in the volume, and where [k, j, i]. Raises as `labels_of`."""
    contents, source, stored = _opened(row, volume)
    with _in_words():
        yield from masks.masks_of(contents, source, stored.frame)


def _opened(row: Segmentation, volume: Volume) -> tuple[Contents, Source, Stored]:
    stored, source = Stored(row), source_of(volume)
    contents = contents_of(stored.header)
    with _in_words():
        masks.check_place(contents, text(source.header, _FRAME_OF_REFERENCE))
    return contents, source, stored


@contextmanager
def _in_words() -> Iterator[None]:
    """Raises Conflict for what has no answer."""
    try:
        yield
    except Unanswerable as why:
        raise Conflict(_reason(why)) from why


def _reason(why: Unanswerable) -> Sentence:
    return _REASONS[why.reason]
