"""The frame index: where frames lie, whatever holds them, and what comes back for a frame number."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from struct import pack, unpack
from typing import Any

import pydicom
import pytest
from numpy import frombuffer, packbits, unpackbits
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.utils import get_expected_length
from pydicom.uid import ExplicitVRBigEndian, JPEG2000Lossless, RLELossless

from apps.dicom.errors import OUT_OF_RESOURCES, Truncated, Unreadable
from apps.dicom.frames import FrameIndex, Kind, index_frames
from apps.dicom.limits import Limits
from apps.dicom.reader import read
from apps.dicom.values import swapped
from tests import dicoms
from tests.dicom.oracle import bundled_files, pydicom_read

FRAMES = [dicoms.jpeg_like(60 + 2 * fill, fill) for fill in range(4)]
H264 = "1.2.840.10008.1.2.4.102"


def index_of(data: bytes, limits: Limits | None = None) -> FrameIndex:
    """Return the index of an object, after a trip through its packed form."""
    limits = limits or Limits()
    return FrameIndex.from_bytes(index_frames(data, read(data, limits), limits).to_bytes())


def frames_of(data: bytes) -> list[bytes]:
    """Return all frames by the index, read from where a deflated object has its bytes too."""
    body = read(data).inflated or data
    index = index_of(data)
    return [index.extract(reader_of(body), number) for number in range(1, index.count + 1)]


def reader_of(body: bytes) -> Callable[[int, int], bytes]:
    return lambda offset, length: body[offset : offset + length]


def with_number_of_frames(data: bytes, number: bytes) -> bytes:
    """Return the object with a Number of Frames of one digit replaced by another of the same length."""
    head = pack("<HH2sH", 0x28, 8, b"IS", 2)
    start = data.index(head) + len(head)
    return data[:start] + number + data[start + 2 :]


class TestEncapsulated:
    @pytest.mark.parametrize("table", ["basic", "extended", "empty"])
    @pytest.mark.parametrize("fragments", [1, 2, 3])
    def test_frames_come_back_whole(self, table: str, fragments: int) -> None:
        data = dicoms.encapsulated(FRAMES, offset_table=table, fragments_per_frame=fragments)
        assert frames_of(data) == FRAMES

    def test_a_frame_of_one_fragment_takes_twelve_bytes(self) -> None:
        index = index_of(dicoms.encapsulated(FRAMES))
        assert index.kind is Kind.SINGLE
        assert len(index.to_bytes()) == 24 + 12 * len(FRAMES)

    def test_spans_are_the_fragments(self) -> None:
        data = dicoms.encapsulated(FRAMES[:2], fragments_per_frame=2)
        spans = index_of(data).spans(2)
        assert len(spans) == 2
        assert b"".join(data[offset : offset + length] for offset, length in spans) == FRAMES[1]

    def test_extended_offset_table_gives_lengths_without_padding(self) -> None:
        frames = [dicoms.jpeg_like(61), dicoms.jpeg_like(63)]
        data = dicoms.encapsulated(frames, offset_table="extended")
        assert frames_of(data.replace(pack("<2Q", 68, 70), pack("<2Q", 67, 69))) == frames
        assert frames_of(dicoms.encapsulated(frames)) == [frame + b"\0" for frame in frames]

    @pytest.mark.parametrize("number", [b"1 ", b"9 "])
    @pytest.mark.parametrize("table", ["basic", "extended", "empty"])
    def test_wrong_number_of_frames(self, number: bytes, table: str) -> None:
        data = with_number_of_frames(dicoms.encapsulated(FRAMES, offset_table=table), number)
        together = table == "empty" and number == b"1 "
        assert frames_of(data) == ([b"".join(FRAMES)] if together else FRAMES)

    def test_number_of_frames_missing(self) -> None:
        assert frames_of(dicoms.encapsulated(FRAMES, offset_table="empty", NumberOfFrames=None)) == FRAMES
        one = dicoms.encapsulated(FRAMES[:1], offset_table="empty", fragments_per_frame=3, NumberOfFrames=None)
        assert frames_of(one) == FRAMES[:1]

    def test_offset_table_that_points_nowhere_is_not_believed(self) -> None:
        data = dicoms.encapsulated(FRAMES)
        start = index_of(data).spans(1)[0][0] - 8 - 4 * len(FRAMES)
        broken = data[:start] + pack("<4I", 0, 3, 5, 7) + data[start + 16 :]
        assert frames_of(broken) == FRAMES

    def test_fragments_without_marks_are_frames(self) -> None:
        frames = [b"\1\2\3\4" * 8, b"\5\6\7\10" * 8]
        data = dicoms.encapsulated(frames, offset_table="empty", transfer_syntax=RLELossless)
        assert frames_of(data) == frames

    def test_jpeg_2000_is_told_by_its_own_mark(self) -> None:
        frames = [b"\xff\x4f\xff\x51" + bytes([fill]) * 60 for fill in range(3)]
        data = dicoms.encapsulated(
            frames, offset_table="empty", fragments_per_frame=2, transfer_syntax=JPEG2000Lossless
        )
        assert frames_of(data) == frames

    def test_video_is_one_stream_whatever_its_number_of_frames(self) -> None:
        data = dicoms.encapsulated(FRAMES, transfer_syntax=H264, NumberOfFrames="250")
        assert index_of(data).kind is Kind.STREAM
        assert frames_of(data) == [b"".join(FRAMES)]

    def test_missing_delimiter_is_tolerated(self) -> None:
        assert frames_of(dicoms.encapsulated(FRAMES)[:-8]) == FRAMES

    @pytest.mark.parametrize("missing", [9, 50, 200])
    def test_missing_fragments_are_noticed(self, missing: int) -> None:
        with pytest.raises(Truncated):
            read(dicoms.encapsulated(FRAMES)[:-missing])

    def test_no_fragments_are_no_frames(self) -> None:
        assert frames_of(dicoms.encapsulated([])) == []

    def test_fragments_are_bounded(self) -> None:
        with pytest.raises(Unreadable, match="more than 3") as refused:
            index_of(dicoms.encapsulated(FRAMES), Limits(frames=3))
        assert refused.value.failure_reason == OUT_OF_RESOURCES


class TestNative:
    @pytest.mark.parametrize("syntax", dicoms.NATIVE_SYNTAXES)
    def test_frames_follow_each_other(self, syntax: str) -> None:
        expected = pydicom.dcmread(BytesIO(dicoms.multi_frame(4))).PixelData
        frames = frames_of(dicoms.multi_frame(4, transfer_syntax=syntax))
        assert frames == [expected[start : start + 320] for start in range(0, 1280, 320)]

    def test_index_takes_24_bytes(self) -> None:
        assert len(index_of(dicoms.multi_frame(200)).to_bytes()) == 24

    def test_words_of_a_big_endian_object_come_in_little_endian(self) -> None:
        pixels = bytes(range(2 * 3 * 2))
        data = dicoms.ct_slice(transfer_syntax=ExplicitVRBigEndian, Rows=2, Columns=3, PixelData=pixels)
        assert unpack("<6H", frames_of(data)[0]) == unpack(">6H", pixels)

    def test_frames_of_odd_length_in_big_endian_words(self) -> None:
        pixels = bytes(range(1, 19))
        data = dicoms.multi_frame(2, transfer_syntax=ExplicitVRBigEndian, Rows=3, Columns=3, PixelData=pixels).replace(
            pack(">HH2s", 0x7FE0, 0x10, b"OB"), pack(">HH2s", 0x7FE0, 0x10, b"OW")
        )
        swapped = bytes(pixels[at ^ 1] for at in range(18))
        assert frames_of(data) == [swapped[:9], swapped[9:]]

    def test_bits_are_shifted_to_start_at_a_byte(self) -> None:
        bits = [(3 * at + at // 7) % 5 % 2 for at in range(75)]
        pixels = bytes(sum(bit << place for place, bit in enumerate(bits[at : at + 8])) for at in range(0, 75, 8))
        data = dicoms.bit_packed(3, PixelData=pixels)
        index = index_of(data)
        assert index.is_bit_packed
        assert [index.bit_offset(number) for number in (1, 2, 3)] == [0, 1, 2]
        found = [[frame[at // 8] >> at % 8 & 1 for at in range(25)] for frame in frames_of(data)]
        assert found == [bits[:25], bits[25:50], bits[50:]]

    def test_subsampled_chroma_takes_less(self) -> None:
        data = dicoms.secondary_capture(PhotometricInterpretation="YBR_FULL_422", PixelData=b"x" * (32 * 48 * 2))
        assert [len(frame) for frame in frames_of(data)] == [32 * 48 * 2]

    def test_fewer_pixels_than_frames_ask_for(self) -> None:
        with pytest.raises(Truncated):
            read(dicoms.multi_frame(3, NumberOfFrames="4", PixelData=b"x" * 960))

    def test_pixels_too_many_are_left_over(self) -> None:
        assert [len(frame) for frame in frames_of(dicoms.multi_frame(2, PixelData=b"x" * 1000))] == [320, 320]

    def test_frames_are_bounded(self) -> None:
        data = dicoms.multi_frame(9)
        with pytest.raises(Unreadable, match="more than 8 frames"):
            index_frames(data, read(data), Limits(frames=8))

    @pytest.mark.parametrize("missing", ["Rows", "Columns"])
    def test_image_without_a_size_has_no_frames(self, missing: str) -> None:
        absent: dict[str, Any] = {missing: None}
        assert frames_of(dicoms.ct_slice(PixelData=b"x" * 8, **absent)) == []

    def test_native_pixels_in_a_compressed_syntax_are_refused(self) -> None:
        data = dicoms.ct_slice().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")
        with pytest.raises(Unreadable, match="not encapsulated"):
            index_of(data)

    def test_encapsulated_pixels_in_a_native_syntax_are_refused(self) -> None:
        data = dicoms.encapsulated(FRAMES, transfer_syntax=RLELossless)
        with pytest.raises(Unreadable, match="encapsulated"):
            index_of(data.replace(b"1.2.840.10008.1.2.5\0", b"1.2.840.10008.1.2.1\0"))


class TestFrameNumbers:
    @pytest.mark.parametrize("number", [-1, 0, 4, 2**40])
    def test_frames_are_counted_from_one(self, number: int) -> None:
        with pytest.raises(IndexError):
            index_of(dicoms.multi_frame(3)).spans(number)

    def test_object_without_pixels_has_none(self) -> None:
        index = index_of(dicoms.encapsulated_pdf())
        assert (index.kind, index.count) == (Kind.NONE, 0)

    def test_index_of_another_version_is_not_guessed_at(self) -> None:
        with pytest.raises(ValueError, match="version 9"):
            FrameIndex.from_bytes(b"\x09" + bytes(23))


# Not comparable: pixel data that is cut off, and a Number of Frames that is no number.
SKIPPED = {"MR_truncated.dcm", "no_meta.dcm", "emri_small_jpeg_2k_lossless_too_short.dcm", "badVR.dcm"}
IMAGES = [
    path
    for path in bundled_files()
    if path.suffix == ".dcm" and path.name not in SKIPPED and "PixelData" in pydicom_read(path.read_bytes())
]


@pytest.mark.parametrize("path", IMAGES, ids=[path.name for path in IMAGES])
def test_frames_are_those_that_pydicom_finds(path: Path) -> None:
    data = path.read_bytes()
    dataset = pydicom_read(data)
    count = int(dataset.get("NumberOfFrames") or 1)
    if dataset["PixelData"].is_undefined_length:
        expected = [get_frame(dataset.PixelData, number, number_of_frames=count) for number in range(count)]
    else:
        expected = native_frames(dataset, count)
    assert frames_of(data) == expected


def native_frames(dataset: Dataset, count: int) -> list[bytes]:
    """Return the frames of native pixel data by pydicom's arithmetic, in little endian."""
    if "Rows" not in dataset:
        return []
    is_swapped = not dataset.original_encoding[1] and dataset["PixelData"].VR == "OW"
    pixels = swapped(dataset.PixelData, max(dataset.BitsAllocated // 8, 2) if is_swapped else 1)
    if dataset.BitsAllocated == 1:
        size = dataset.Rows * dataset.Columns
        bits = unpackbits(frombuffer(pixels, dtype="u1"), bitorder="little")[: size * count]
        return [packbits(frame, bitorder="little").tobytes() for frame in bits.reshape(count, size)]
    size = get_expected_length(dataset) // count
    return [pixels[start : start + size] for start in range(0, size * count, size)]
