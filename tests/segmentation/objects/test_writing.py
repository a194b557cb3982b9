"""Segmentations as they are written: read by pydicom and highdicom, and judged by dciodvfy."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.objects import writing
from apps.segmentation.objects.facts import LABEL_MAP, SEGMENTATION, Encoding, Facts
from apps.segmentation.objects.segments import Segment
from apps.segmentation.objects.sources import Source
from apps.segmentation.objects.writing import write
from tests.segmentation.objects.samples import SEGMENTS, labels, source
from tests.video.objects.validator import errors
from tests.volumes.series import ct_series, enhanced_ct

SHAPE = (5, 11, 13)
VALUES = np.zeros(SHAPE, np.int16)
# By their value in the labels: the numbers in the object, where segment 3 is left out.
NUMBERS = {1: 1, 2: 2, 4: 3}
FACTS = Facts("a run", "Lungs and bones")
# dciodvfy of 2022 doesn't know label maps (Supplement 243, 2024): it is shown them as objects of the older class, where
# each frame is of one segment.
UNKNOWN_TO_IT = (
    "^Error - Unrecognized enumerated value <LABELMAP>",
    "^Error - Missing attribute Type 1 Required Element=<SegmentIdentificationSequence>",
)


@pytest.fixture(scope="module")
def over() -> Source:
    return source(ct_series(VALUES))


def written(path: Path, over: Source, encoding: Encoding, **facts: Any) -> Dataset:
    write(path, labels(SHAPE), SEGMENTS, over, replace(FACTS, encoding=encoding, **facts))
    return dcmread(path)


def shown(found: Dataset) -> dict[int, dict[str, Any]]:
    """The pixels of each segment by the image that they lie over, as pydicom reads them."""
    frames = found.pixel_array.reshape(-1, *found.pixel_array.shape[-2:])
    planes: dict[int, dict[str, Any]] = {number: {} for number in NUMBERS.values()}
    for frame, groups in zip(frames, found.PerFrameFunctionalGroupsSequence, strict=True):
        uid = groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        if found.SegmentationType == "BINARY":
            number = groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber
            planes[number][uid] = frame == 1
        else:
            planes |= {number: {**each, uid: frame == number} for number, each in planes.items()}
    return planes


@pytest.mark.parametrize("encoding", list(Encoding))
def test_labels_come_back_exactly(tmp_path: Path, over: Source, encoding: Encoding) -> None:
    found = written(tmp_path / "seg.dcm", over, encoding)
    planes, drawn = shown(found), labels(SHAPE)
    for value, number in NUMBERS.items():
        for k, image in enumerate(over.images):
            there = planes[number].get(image.sop_instance_uid, np.zeros(SHAPE[1:], np.bool_))
            assert np.array_equal(there, drawn[k] == value)


@pytest.mark.parametrize("encoding", [Encoding.LABELMAP, Encoding.BINARY])
def test_highdicom_reads_them_exactly(tmp_path: Path, over: Source, encoding: Encoding) -> None:
    path, drawn = tmp_path / "seg.dcm", labels(SHAPE)
    write(path, drawn, SEGMENTS, over, replace(FACTS, encoding=encoding))
    found = highdicom.seg.segread(path)
    uids = [image.sop_instance_uid for image in over.images]
    pixels = found.get_pixels_by_source_instance(uids, combine_segments=True, assert_missing_frames_are_empty=True)
    expected = np.select([drawn == value for value in NUMBERS], list(NUMBERS.values()), 0)
    assert np.array_equal(pixels, expected)
    volume = found.get_volume(combine_segments=True)
    assert np.allclose(volume.spacing, (2.0, 1.0, 1.0))
    assert np.array_equal(np.unique(volume.array), [0, 1, 2, 3])


@pytest.mark.parametrize(
    "objects",
    [
        ct_series(VALUES, tilt=20.0),
        ct_series(VALUES, positions=[0.0, 2.0, 4.1, 9.0, 11.0]),
        ct_series(VALUES, frame_of_reference=None),
        [enhanced_ct(VALUES)],
        ct_series(VALUES, orientation=((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)), spacing=(3.0, 0.7, 1 / 3)),
        ct_series(VALUES, modality="MR", Laterality="L", BodyPartExamined="KNEE", LossyImageCompression="00"),
    ],
    ids=["tilted", "uneven", "no frame of reference", "enhanced", "sagittal", "MR of a knee"],
)
def test_frames_lie_where_their_images_lie(tmp_path: Path, objects: list[Dataset]) -> None:
    over = source(objects)
    found = written(tmp_path / "seg.dcm", over, Encoding.BINARY)
    assert errors(tmp_path / "seg.dcm") == []
    places = {(image.sop_instance_uid, image.frame_number): image.position for image in over.images}
    for groups in found.PerFrameFunctionalGroupsSequence:
        reference = groups.DerivationImageSequence[0].SourceImageSequence[0]
        place = places[reference.ReferencedSOPInstanceUID, reference.get("ReferencedFrameNumber", 1)]
        assert groups.PlanePositionSequence[0].ImagePositionPatient == pytest.approx(place, abs=1e-9)
    measures = found.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert ("SpacingBetweenSlices" in measures) == over.lattice.is_even
    assert found.FrameOfReferenceUID


def test_dciodvfy_finds_no_error(tmp_path: Path, over: Source) -> None:
    written(tmp_path / "binary.dcm", over, Encoding.BINARY)
    assert errors(tmp_path / "binary.dcm") == []
    found = written(tmp_path / "labels.dcm", over, Encoding.LABELMAP_NATIVE)
    found.SOPClassUID = found.file_meta.MediaStorageSOPClassUID = UID(SEGMENTATION)
    found.save_as(tmp_path / "as-before.dcm")
    assert errors(tmp_path / "as-before.dcm", *UNKNOWN_TO_IT) == []


def test_the_same_run_gives_the_same_bytes(tmp_path: Path, over: Source) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, labels(SHAPE), SEGMENTS, over, FACTS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    write(tmp_path / "c", labels(SHAPE), SEGMENTS, over, replace(FACTS, seed="another"))
    assert dcmread(tmp_path / "a").SOPInstanceUID != dcmread(tmp_path / "c").SOPInstanceUID


def test_what_it_says_of_itself(tmp_path: Path, over: Source) -> None:
    found = written(tmp_path / "seg.dcm", over, Encoding.LABELMAP, comments="Unverified.")
    assert found.SOPClassUID == LABEL_MAP
    assert found.PatientID == "P1"
    assert found.Modality == "SEG"
    assert found.ContentDescription == "Unverified. Lungs and bones"
    assert "not a certified medical device" in found.ImageComments
    assert found.ImageComments.startswith("Unverified.")
    assert found.ReferencedSeriesSequence[0].SeriesInstanceUID == over.header["0020000E"]["Value"][0]
    assert len(found.ReferencedSeriesSequence[0].ReferencedInstanceSequence) == SHAPE[0]
    assert [item.SegmentNumber for item in found.SegmentSequence] == [1, 2, 3]
    first, second, third = found.SegmentSequence
    assert first.SegmentAlgorithmType == "AUTOMATIC"
    assert first.SegmentationAlgorithmIdentificationSequence[0].AlgorithmVersion == "1"
    assert first.TrackingUID.startswith("2.25.")
    assert second.TrackingUID == "2.25.1"
    assert third.SegmentAlgorithmType == "MANUAL"
    assert "SegmentAlgorithmName" not in third


def test_empty_segments_are_left_out(tmp_path: Path, over: Source) -> None:
    made = write(tmp_path / "seg.dcm", labels(SHAPE), SEGMENTS, over, FACTS)
    assert {value: segment.number for value, segment in made.segments.items()} == NUMBERS
    assert [segment.label for segment in made.left_out] == ["Nothing"]
    with pytest.raises(Unanswerable, match="nothing-found"):
        write(tmp_path / "seg.dcm", np.zeros(SHAPE, np.uint8), SEGMENTS, over, FACTS)


def test_what_is_no_labels_of_these_segments_is_refused(tmp_path: Path, over: Source) -> None:
    with pytest.raises(ValueError, match=r"no segment: \[4\]"):
        write(tmp_path / "seg.dcm", labels(SHAPE), SEGMENTS[:3], over, FACTS)
    with pytest.raises(ValueError, match="8 bits"):
        write(tmp_path / "seg.dcm", labels((5, 11, 12)), SEGMENTS, over, FACTS)
    twice: list[Segment] = [*SEGMENTS, SEGMENTS[0]]
    with pytest.raises(ValueError, match="a number each"):
        write(tmp_path / "seg.dcm", labels(SHAPE), twice, over, FACTS)


def test_more_than_an_object_may_hold_is_refused(tmp_path: Path, over: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_FRAMES", 8)
    write(tmp_path / "seg.dcm", labels(SHAPE), SEGMENTS, over, FACTS)
    with pytest.raises(Unanswerable, match="too-large"):
        write(tmp_path / "seg.dcm", labels(SHAPE), SEGMENTS, over, replace(FACTS, encoding=Encoding.BINARY))


def test_flags_of_the_source_travel(tmp_path: Path) -> None:
    over = source(ct_series(VALUES, positions=[0.0, 2.0, 4.0, 9.0, 11.0]))
    found = written(tmp_path / "seg.dcm", over, Encoding.LABELMAP)
    assert "Not quantifiable:" in found.ImageComments
