"""Segmentations as the runs of analyses make them: labels in a file become a DICOM object in the run's folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from apps.analysis.apart.refusing import Unanswerable
from apps.analysis.kinds import Run
from apps.core.errors import Conflict
from apps.measurements.content.groups import SegmentReference
from apps.saying import Sentence, say
from apps.segmentation.objects import writing
from apps.segmentation.objects.facts import Encoding, Facts
from apps.segmentation.objects.segments import Segment
from apps.segmentation.sources import source_of
from apps.volumes.models import Volume


@dataclass(frozen=True, slots=True)
class SegFile:
    """The object that was made. `written` has, by its value in the labels, each segment as it is in the object (its
    number may be another there); `left_out` are the segments of which nothing was in the labels.
    """

    path: Path
    facts: Facts
    source_series_uid: str
    written: dict[int, Segment]
    left_out: tuple[Segment, ...]

    @property
    def series_instance_uid(self) -> str:
        return self.facts.series_instance_uid

    @property
    def sop_class_uid(self) -> str:
        return self.facts.sop_class_uid

    @property
    def sop_instance_uid(self) -> str:
        return self.facts.sop_instance_uid

    def reference(self, value: int) -> SegmentReference:
        """The segment that has this value in the labels, for a report. KeyError where it was left out."""
        number = self.written[value].number
        return SegmentReference(self.sop_class_uid, self.sop_instance_uid, number, self.source_series_uid)


def seg_files(
    run: Run,
    volume: Volume,
    labels_path: Path,
    segments: Sequence[Segment],
    *,
    role: str,
    description: str,
    encoding: Encoding = Encoding.LABELMAP,
) -> SegFile:
    """The labels of the .npy file (uint8 [k, j, i] on the volume's own lattice, 0 where nothing is) as an object.

    `role` tells it from other objects of the run, `description` is its Series Description. Raises Conflict where
    all segments are empty or they are too much for an object, NotFound where images of the volume are gone.
    """
    labels = np.load(labels_path, mmap_mode="r", allow_pickle=False)
    facts = Facts(f"{run.seed}/{role}", description, encoding=encoding, comments="Unverified.")
    path = run.folder / f"{role}.dcm"
    try:
        written = writing.write(path, labels, segments, source_of(volume), facts)
    except Unanswerable as why:
        raise Conflict(words(why)) from why
    return SegFile(path, facts, volume.series.series_instance_uid, written.segments, written.left_out)


def words(why: Unanswerable) -> Sentence:
    """Why no segmentation can be written, for people."""
    if why.reason == "nothing-found":
        return say("Nothing was found in this volume that would be a segment.")
    return say(
        "The segmentation has {frames} frames of {megabytes} MiB together, which is more than one object may hold. "
        "As a label map it is smaller.",
        frames=why.values["frames"],
        megabytes=why.values["megabytes"],
    )
