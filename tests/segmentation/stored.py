"""Segmentations of stored volumes: what tests have that begin with what the archive keeps."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset

from apps.accounts.models import Practice
from apps.segmentation.finding import read_all, segmentations, unread
from apps.segmentation.models import Segmentation
from apps.segmentation.objects.facts import Encoding, Facts
from apps.segmentation.objects.writing import write
from apps.segmentation.sources import source_of
from apps.volumes.models import Volume
from tests.segmentation.objects.samples import SEGMENTS
from tests.volumes.stored import store

# By value in `samples.labels`: the numbers in the object, from which the empty third segment is left out.
NUMBERS = {1: 1, 2: 2, 4: 3}


def segmentation_file(folder: Path, volume: Volume, drawn: NDArray[np.uint8], seed: str = "a", **facts: Any) -> Dataset:
    """A segmentation of a stored volume as a data set."""
    encoding = facts.pop("encoding", Encoding.LABELMAP)
    path = folder / f"{seed}.dcm"
    write(path, drawn, SEGMENTS, source_of(volume), Facts(seed, "Lungs and bones", encoding=encoding, **facts))
    return dcmread(path)


def stored_segmentation(
    practice: Practice, folder: Path, volume: Volume, drawn: NDArray[np.uint8], seed: str = "a", **facts: Any
) -> Segmentation:
    """The row of such a segmentation, once it has come."""
    found = segmentation_file(folder, volume, drawn, seed, **facts)
    return came(practice, found)


def came(practice: Practice, found: Dataset) -> Segmentation:
    """Have a segmentation come, and be read."""
    store(practice, [found])
    read_all(unread(segmentations()))
    return Segmentation.objects.get(instance__sop_instance_uid=found.SOPInstanceUID)
