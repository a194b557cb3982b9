"""Segmentations read back, our own and others', and laid over volumes."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.objects.colours import from_cielab, to_cielab
from apps.segmentation.objects.facts import Encoding, Facts
from apps.segmentation.objects.masks import check_place, labels_of, masks_of
from apps.segmentation.objects.placing import Pixels
from apps.segmentation.objects.reading import Contents, contents_of, source_instances_of
from apps.segmentation.objects.segments import Colour
from apps.segmentation.objects.sources import Source
from apps.segmentation.objects.writing import write
from tests.segmentation.objects.samples import SEGMENTS, labels, source
from tests.volumes.series import ct_series, enhanced_ct

SHAPE = (5, 11, 13)
VALUES = np.zeros(SHAPE, np.int16)
# The folder of sample files, where there is one.
SAMPLES = Path(os.environ.get("FOVEA_TEST_SAMPLES", "/nowhere")) / "seg"
SAGITTAL = ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


def opened(found: Dataset) -> tuple[Contents, Pixels]:
    """As the archive would: the header in DICOM JSON, and the frames by their number."""
    frames = found.pixel_array.reshape(-1, found.Rows, found.Columns)
    header = found.to_json_dict(bulk_data_threshold=1000, bulk_data_element_handler=lambda _: "bulk")
    return contents_of(header), lambda number: frames[number - 1]


def written(folder: Path, over: Source, encoding: Encoding, drawn: NDArray[np.uint8]) -> tuple[Contents, Pixels]:
    write(folder / "seg.dcm", drawn, SEGMENTS, over, Facts("a run", "Lungs", encoding=encoding))
    return opened(dcmread(folder / "seg.dcm"))


def expected(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The labels by their numbers in the object, where segment 3 is left out."""
    return np.where(drawn == 4, 3, drawn).astype(np.uint8)


@pytest.mark.parametrize("encoding", [Encoding.LABELMAP, Encoding.BINARY])
@pytest.mark.parametrize(
    "objects",
    [
        ct_series(VALUES),
        ct_series(VALUES, tilt=20.0, shuffled=True),
        ct_series(VALUES, positions=[0.0, 2.0, 4.1, 9.0, 11.0]),
        ct_series(VALUES, orientation=SAGITTAL, spacing=(3.0, 0.7, 1 / 3)),
        [enhanced_ct(VALUES, shuffled=True)],
    ],
    ids=["straight", "tilted", "uneven", "sagittal", "enhanced"],
)
def test_our_own_come_back_exactly(tmp_path: Path, objects: list[Dataset], encoding: Encoding) -> None:
    over, drawn = source(objects), labels(SHAPE)
    contents, pixels = written(tmp_path, over, encoding, drawn)
    assert np.array_equal(labels_of(contents, over, pixels), expected(drawn))
    assert contents.source_series_uid == over.header["0020000E"]["Value"][0]


def test_segments_come_back_as_they_were(tmp_path: Path) -> None:
    contents, _ = written(tmp_path, source(ct_series(VALUES)), Encoding.LABELMAP, labels(SHAPE))
    first, second, third = contents.segments
    assert first == replace(SEGMENTS[0], tracking_uid=first.tracking_uid, tracking_identifier="Left lung")
    assert second == replace(SEGMENTS[1], tracking_identifier="Bone")
    assert third == replace(SEGMENTS[3], number=3, tracking_uid=third.tracking_uid, tracking_identifier="By hand")


@given(colour=st.tuples(*[st.integers(0, 255)] * 3))
def test_colours_come_back(colour: Colour) -> None:
    assert from_cielab(to_cielab(colour)) == colour


def test_white_and_black_are_those_of_the_standard() -> None:
    assert to_cielab((255, 255, 255)) == [65535, 32896, 32896]
    assert to_cielab((0, 0, 0)) == [0, 32896, 32896]


def by_highdicom(pixels: NDArray[Any], kind: str, **more: Any) -> Dataset:
    """A segmentation that highdicom made over `ct_series(VALUES)`."""
    algorithm = highdicom.AlgorithmIdentificationSequence(
        name="net", version="2", family=codes.cid7162.ArtificialIntelligence
    )
    described = [
        highdicom.seg.SegmentDescription(
            number, f"segment {number}", codes.cid7150.Tissue, codes.SCT.Bone, "AUTOMATIC", algorithm
        )
        for number in (1, 2)
    ]
    return highdicom.seg.Segmentation(
        ct_series(VALUES), pixels, kind, described, "2.25.5", 1, "2.25.6", 1, "M", "MM", "1", "D", **more
    )


def test_highdicoms_label_map_is_read() -> None:
    """It describes the background too, as segment 0."""
    drawn = np.clip(labels(SHAPE), 0, 2)
    contents, pixels = opened(by_highdicom(drawn, "LABELMAP"))
    assert [segment.number for segment in contents.segments] == [1, 2]
    assert contents.segments[0].algorithm is not None
    assert contents.segments[0].algorithm.version == "2"
    assert np.array_equal(labels_of(contents, source(ct_series(VALUES)), pixels), drawn)


def test_fractional_ones_count_from_half() -> None:
    shares = np.zeros((*SHAPE, 2))
    shares[1, 2, 3:6, 0] = 0.4, 0.6, 1.0
    shares[2, 2, 3:6, 1] = 1.0
    contents, pixels = opened(by_highdicom(shares, "FRACTIONAL"))
    found = labels_of(contents, source(ct_series(VALUES)), pixels)
    assert found[1, 2, 3:6].tolist() == [0, 1, 1]
    assert found[2, 2, 3:6].tolist() == [2, 2, 2]
    assert np.count_nonzero(found) == 5


def test_overlapping_segments_are_given_one_by_one() -> None:
    both = np.zeros((*SHAPE, 2), np.uint8)
    both[1, 2:5, 3:6, 0] = 1
    both[1, 4:8, 3:6, 1] = 1
    contents, pixels = opened(by_highdicom(both, "BINARY"))
    over = source(ct_series(VALUES))
    found = dict(masks_of(contents, over, pixels))
    assert [segment.number for segment in found] == [1, 2]
    for mask, n in zip(found.values(), (0, 1), strict=True):
        assert np.array_equal(mask, both[..., n] == 1)
    with pytest.raises(Unanswerable, match="overlap"):
        labels_of(contents, over, pixels)


def test_a_segmentation_of_a_finer_matrix_is_sampled(tmp_path: Path) -> None:
    """Its pixels lie where they lie: the same box, drawn on twice as fine a matrix."""
    fine = source(ct_series(np.zeros((5, 22, 26), np.int16), spacing=(2.0, 0.5, 0.5), origin=(-20.25, -30.25, 40.0)))
    drawn = np.zeros((5, 22, 26), np.uint8)
    drawn[1:4, 6:12, 8:20] = 1
    contents, pixels = written(tmp_path, fine, Encoding.BINARY, drawn)
    found = labels_of(contents, source(ct_series(VALUES)), pixels)
    wanted = np.zeros(SHAPE, np.uint8)
    wanted[1:4, 3:6, 4:10] = 1
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("encoding", [Encoding.LABELMAP, Encoding.BINARY])
def test_a_segmentation_of_another_direction_is_sampled(tmp_path: Path, encoding: Encoding) -> None:
    """Sagittal slices, whose millimetres are those of the axial ones."""
    sagittal = source(
        ct_series(
            np.zeros((13, 9, 11), np.int16), orientation=SAGITTAL, spacing=(1.0, 1.0, 1.0), origin=(-8.0, -30.0, 48.0)
        )
    )
    points = np.array([sagittal.lattice.point(k, j, i) for k, j, i in np.ndindex(13, 9, 11)])
    inside = np.all((points > (-17.5, -27.5, 41.5)) & (points < (-11.5, -22.5, 46.5)), axis=1)
    contents, pixels = written(tmp_path, sagittal, encoding, inside.reshape(13, 9, 11).astype(np.uint8))
    found = labels_of(contents, source(ct_series(VALUES)), pixels)
    wanted = np.zeros(SHAPE, np.uint8)
    wanted[1:4, 3:8, 3:9] = 1
    assert np.array_equal(found, wanted)


def test_one_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    far = source(ct_series(VALUES, origin=(500.0, 500.0, 900.0)))
    for encoding in (Encoding.LABELMAP, Encoding.BINARY):
        contents, pixels = written(tmp_path, far, encoding, labels(SHAPE))
        with pytest.raises(Unanswerable, match="elsewhere"):
            labels_of(contents, source(ct_series(VALUES)), pixels)
    check_place(contents, contents.frame_of_reference_uid)
    with pytest.raises(Unanswerable, match="elsewhere"):
        check_place(contents, "2.25.99")


def test_a_label_maps_background_is_what_it_says(tmp_path: Path) -> None:
    """Pixel Padding Value, which need not be 0."""
    over, drawn = source(ct_series(VALUES)), labels(SHAPE)
    write(tmp_path / "seg.dcm", drawn, SEGMENTS, over, Facts("s", "x", encoding=Encoding.LABELMAP_NATIVE))
    found = dcmread(tmp_path / "seg.dcm")
    values = found.pixel_array
    found.PixelData = np.where(values == 0, 9, values).astype(np.uint8).tobytes() + b"\0" * (values.size % 2)
    found.PixelPaddingValue = 9
    contents, pixels = opened(found)
    assert contents.background == 9
    assert np.array_equal(labels_of(contents, over, pixels), expected(drawn))


def test_numbers_beyond_eight_bits_have_no_labels_but_masks(tmp_path: Path) -> None:
    over, drawn = source(ct_series(VALUES)), labels(SHAPE)
    write(tmp_path / "seg.dcm", drawn, SEGMENTS, over, Facts("s", "x", encoding=Encoding.BINARY))
    found = dcmread(tmp_path / "seg.dcm")
    found.SegmentSequence[2].SegmentNumber = 300
    for groups in found.PerFrameFunctionalGroupsSequence:
        item = groups.SegmentIdentificationSequence[0]
        item.ReferencedSegmentNumber = {3: 300}.get(item.ReferencedSegmentNumber, item.ReferencedSegmentNumber)
    contents, pixels = opened(found)
    with pytest.raises(Unanswerable, match="many-segments"):
        labels_of(contents, over, pixels)
    masks = {segment.number: mask for segment, mask in masks_of(contents, over, pixels)}
    assert np.array_equal(masks[300], drawn == 4)


def test_the_images_it_lies_over_are_told(tmp_path: Path) -> None:
    over = source(ct_series(VALUES))
    write(tmp_path / "seg.dcm", labels(SHAPE), SEGMENTS, over, Facts("s", "x"))
    header = dcmread(tmp_path / "seg.dcm").to_json_dict()
    assert source_instances_of(header, 3) == [image.sop_instance_uid for image in over.images[:3]]
    del header["00081115"]
    assert set(source_instances_of(header, 99)) == {image.sop_instance_uid for image in over.images[1:-1]}


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"00620002": {"vr": "SQ", "Value": [{}, None, 7, {"00620004": {"vr": "US", "Value": ["x"]}}]}},
        {"00280008": {"vr": "IS", "Value": [-(10**9)]}, "00620001": {"vr": "CS", "Value": ["FRACTIONAL"]}},
        {"52009230": {"vr": "SQ", "Value": [None, 3, {"0062000A": {"vr": "SQ", "Value": [None]}}]}},
        {
            "00620002": {
                "vr": "SQ",
                "Value": [{"00620004": {"vr": "US", "Value": [n]}, "0062000D": {"vr": "US", "Value": [1e308] * 3}}
                          for n in range(3000)],
            }
        },
    ],
    ids=["nothing", "no segments", "no frames", "no groups", "too many segments"],
)  # fmt: skip
def test_garbage_is_nothing(header: dict[str, Any]) -> None:
    contents = contents_of(header)
    assert len(contents.segments) < 1000
    assert len(contents.frames) <= 50_000
    with pytest.raises(Unanswerable):
        labels_of(contents, source(ct_series(VALUES)), lambda _: VALUES[0])


@pytest.mark.skipif(not SAMPLES.exists(), reason="no samples here")
def test_dcmqis_liver_is_read() -> None:
    folder = SAMPLES / "dcmqi-liver-ct"
    over = source([dcmread(folder / f"0{n}.dcm") for n in (1, 2, 3)])
    found = dcmread(folder / "partial_overlaps.dcm")
    contents, pixels = opened(found)
    masks = {segment.number: mask for segment, mask in masks_of(contents, over, pixels)}
    planes = highdicom.seg.Segmentation.from_dataset(found)
    uids = [image.sop_instance_uid for image in over.images]
    truth = planes.get_pixels_by_source_instance(
        uids, ignore_spatial_locations=True, assert_missing_frames_are_empty=True
    )
    for number in planes.segment_numbers:
        assert np.array_equal(masks[number], truth[..., number - 1] == 1)
