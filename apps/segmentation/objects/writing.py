"""Labels as a DICOM Segmentation (PS3.3 A.51): label map or binary, over the very images that were segmented.

Frames lie where their images lie, whatever the geometry: tilted and uneven ones too. Pure, and nothing in it depends on
when it is made: the same labels are the same object again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence as Items

from apps.analysis.apart.refusing import Unanswerable
from apps.analysis.uids import uid
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, VERSION
from apps.dicom.attributes import text
from apps.segmentation.objects.describing import described, tracked
from apps.segmentation.objects.facts import Encoding, Facts
from apps.segmentation.objects.frames import Place, add_groups, groups_of
from apps.segmentation.objects.pixels import SYNTAXES, Labels, describe_pixels, frames_of, pixel_data
from apps.segmentation.objects.segments import MOST_SEGMENTS, Segment
from apps.segmentation.objects.sources import Source
from apps.volumes.derived import codes, heritage
from apps.volumes.derived.telling import comments

# Of one object: what readers of such objects take (and this one writes within seconds).
MOST_FRAMES: Final = 20_000
MOST_BYTES: Final = 1 << 30
_CONTRIBUTION: Final = "Segmentation. Not a certified medical device."
_FRAME_OF_REFERENCE, _SERIES = "00200052", "0020000E"
# Of the images, and not of what lies over them.
_OF_THE_IMAGES: Final = (
    "ContrastBolusAgent", "ContrastBolusRoute", "WindowCenter", "WindowWidth", "WindowCenterWidthExplanation",
    "AcquisitionNumber", "BurnedInAnnotation", "RecognizableVisualFeatures", "StationName", "ProtocolName",
    "InstitutionalDepartmentName", "PerformingPhysicianName", "OperatorsName", "ImageLaterality",
    "Laterality",
)  # fmt: skip
# Content Date has a value (C.7.6.16); it is the images' own, so that a run gives the same object whenever it runs.
_DATES: Final = ("ContentDate", "AcquisitionDate", "StudyDate")
_NO_DATE, _NO_TIME = "19000101", "000000"


@dataclass(frozen=True, slots=True)
class Written:
    """What is in the object: by its value in the labels the segment as it is written, and the segments without a voxel.

    Segment numbers are 1 to n without gaps, as binary objects need them and viewers expect them (C.8.20.2).
    """

    segments: dict[int, Segment]
    left_out: tuple[Segment, ...]


def write(path: Path, labels: Labels, segments: Sequence[Segment], source: Source, facts: Facts) -> Written:
    """Write the file (PS3.10) of `labels` [k, j, i] on the source's lattice, 0 where nothing is.

    Segments without a voxel are left out. Raises Unanswerable `nothing-found` where all are, `too-large` for more than
    an object may hold; ValueError for labels that are of no segment, or not on the lattice.
    """
    found = _found(labels, segments, source)
    written = _renumbered(segments, found, facts.seed)
    if not written.segments:
        raise Unanswerable("nothing-found")
    places = _places(found, written.segments, facts.encoding)
    _check_size(len(places), labels, facts.encoding)
    shape = (labels.shape[1], labels.shape[2])
    made = _dataset(written.segments, source, facts, places)
    describe_pixels(made, shape, facts.encoding)
    frames = frames_of(labels, places, _numbers(written.segments))
    with path.open("wb") as file:
        dcmwrite(file, made, enforce_file_format=True)
        # The last two elements, by themselves: they are thousands of items, and all the pixels.
        file.write(groups_of(source, places))
        file.writelines(pixel_data(frames, shape, len(places), facts.encoding))
    return written


def _found(labels: Labels, segments: Sequence[Segment], source: Source) -> NDArray[np.bool_]:
    """(slices, 256): whether a value is in a slice."""
    if labels.dtype != np.uint8 or labels.shape != source.lattice.shape:
        raise ValueError("Labels are of 8 bits, one for each voxel.")
    found = np.zeros((labels.shape[0], 256), dtype=np.bool_)
    for k, plane in enumerate(labels):
        found[k] = np.bincount(plane.ravel(), minlength=256) > 0 if plane.any() else False
    found[:, 0] = False
    unknown = set(np.flatnonzero(found.any(axis=0)).tolist()) - {segment.number for segment in segments}
    if unknown:
        raise ValueError(f"There are labels of no segment: {sorted(unknown)[:8]}")
    return found


def _renumbered(segments: Sequence[Segment], found: NDArray[np.bool_], seed: str) -> Written:
    is_there: NDArray[np.bool_] = np.asarray(found.any(axis=0))
    present = sorted((each for each in segments if is_there[each.number]), key=lambda segment: segment.number)
    numbered = {
        each.number: replace(each, number=number, tracking_uid=tracked(each, seed))
        for number, each in enumerate(present, start=1)
    }
    if len(numbered) < len(present) or len(present) > MOST_SEGMENTS:
        raise ValueError("Segments have a number each.")
    return Written(numbered, tuple(each for each in segments if not is_there[each.number]))


def _places(found: NDArray[np.bool_], segments: Mapping[int, Segment], encoding: Encoding) -> list[Place]:
    """The frames: slices with something in them, of binary objects once for each segment in them."""
    if encoding.is_labelmap:
        return [Place(k) for k in np.flatnonzero(found.any(axis=1)).tolist()]
    return [
        Place(k, each.number, value)
        for value, each in segments.items()
        for k in np.flatnonzero(found[:, value]).tolist()
    ]


def _check_size(frames: int, labels: Labels, encoding: Encoding) -> None:
    pixels = labels.shape[1] * labels.shape[2]
    size = frames * pixels if encoding.is_labelmap else frames * pixels // 8
    if frames > MOST_FRAMES or size > MOST_BYTES:
        raise Unanswerable("too-large", frames=frames, megabytes=size >> 20)


def _numbers(segments: Mapping[int, Segment]) -> Labels:
    numbers = np.zeros(256, np.uint8)
    for value, segment in segments.items():
        numbers[value] = segment.number
    return numbers


def _dataset(segments: Mapping[int, Segment], source: Source, facts: Facts, places: Sequence[Place]) -> Dataset:
    """All but the pixels."""
    made = heritage.inherited(source.header, "")
    for keyword in _OF_THE_IMAGES:
        made.pop(keyword, None)
    _named(made, facts)
    _equipment(made)
    _referenced(made, source)
    made.SegmentSequence = Items([described(segment) for segment in segments.values()])
    made.ImageComments = " ".join(filter(None, (facts.comments, comments(source.flags))))
    if made.get("LossyImageCompression") != "01":
        made.LossyImageCompression = "00"
    add_groups(made, source, places, facts)
    made.file_meta = _meta(facts)
    return made


def _named(made: Dataset, facts: Facts) -> None:
    """What it is and what it is called (C.7.3.1, C.8.20.1, C.12.1, 10.9)."""
    made.SOPClassUID, made.SOPInstanceUID = facts.sop_class_uid, facts.sop_instance_uid
    made.SeriesInstanceUID, made.Modality, made.InstanceNumber = facts.series_instance_uid, "SEG", 1
    made.SeriesNumber = made.SeriesNumber or 1
    made.SeriesDescription, made.ImageType = facts.description[:64], ["DERIVED", "PRIMARY"]
    made.ContentLabel, made.ContentCreatorName = facts.label[:16], ""
    made.ContentDescription = f"{'Unverified. ' if facts.is_unverified else ''}{facts.description}"[:64]
    made.ContentDate = next((str(made[each].value) for each in _DATES if made.get(each)), _NO_DATE)
    made.ContentTime = made.get("ContentTime") or made.get("StudyTime") or _NO_TIME


def _equipment(made: Dataset) -> None:
    """Enhanced General Equipment (C.7.5.2): this software, of which there is no number of a piece."""
    made.Manufacturer, made.ManufacturerModelName, made.SoftwareVersions = "Fovea", "Fovea", VERSION
    made.DeviceSerialNumber = IMPLEMENTATION_CLASS_UID
    made.ContributingEquipmentSequence = Items([codes.processing("Fovea", VERSION, _CONTRIBUTION)])


def _referenced(made: Dataset, source: Source) -> None:
    """Common Instance Reference and Frame of Reference (C.12.2, C.7.4.1): of the images, all of them."""
    series_uid = text(source.header, _SERIES)
    objects = dict.fromkeys((image.sop_class_uid, image.sop_instance_uid) for image in source.images)
    series = Dataset()
    series.SeriesInstanceUID = series_uid
    series.ReferencedInstanceSequence = Items(_references(objects))
    made.ReferencedSeriesSequence = Items([series])
    if not text(source.header, _FRAME_OF_REFERENCE):
        # As derived images say it: they lie in the same place, wherever that is.
        made.FrameOfReferenceUID = uid(series_uid, "frame of reference")
    if "PositionReferenceIndicator" not in made:
        made.PositionReferenceIndicator = ""


def _references(objects: Mapping[tuple[str, str], None]) -> Iterator[Dataset]:
    for sop_class_uid, sop_instance_uid in objects:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class_uid, sop_instance_uid
        yield item


def _meta(facts: Facts) -> FileMetaDataset:
    meta: Any = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = facts.sop_class_uid, facts.sop_instance_uid
    meta.TransferSyntaxUID, meta.ImplementationClassUID = SYNTAXES[facts.encoding], IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    found: FileMetaDataset = meta
    return found
