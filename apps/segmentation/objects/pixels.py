"""The pixels of a segmentation: labels of 8 bits, compressed or not, or one bit for each pixel of a segment."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from apps.dicom.description import PixelDescription
from apps.dicom.elements import element_head
from apps.dicom.encapsulation import Bulk, encapsulated, offset_tables
from apps.dicom.encoders import encode_jpeg_ls, encode_rle
from apps.dicom.fragments import UNDEFINED
from apps.segmentation.objects.facts import Encoding
from apps.segmentation.objects.frames import Place

Labels = NDArray[np.uint8]
# So many frames of one bit a pixel are whole bytes together, however many pixels a frame has (PS3.5 8.1.1).
_WHOLE: Final = 8
SYNTAXES: Final = {
    Encoding.LABELMAP: JPEGLSLossless,
    Encoding.LABELMAP_RLE: RLELossless,
    Encoding.LABELMAP_NATIVE: ExplicitVRLittleEndian,
    Encoding.BINARY: ExplicitVRLittleEndian,
}


def describe_pixels(made: Dataset, shape: tuple[int, int], encoding: Encoding) -> None:
    """Image Pixel (C.7.6.3), and of Segmentation Image (C.8.20.2) what says how the pixels are to be read."""
    bits = 8 if encoding.is_labelmap else 1
    made.Rows, made.Columns = shape
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PixelRepresentation = 1, "MONOCHROME2", 0
    made.BitsAllocated, made.BitsStored, made.HighBit = bits, bits, bits - 1
    made.SegmentationType = "LABELMAP" if encoding.is_labelmap else "BINARY"
    made.SegmentsOverlap = "NO"
    if encoding.is_labelmap:
        # Which value is in no segment (C.8.20.2).
        made.PixelPaddingValue = 0
        made["PixelPaddingValue"].VR = "US"


def pixel_data(frames: Iterator[Labels], shape: tuple[int, int], count: int, encoding: Encoding) -> Iterator[bytes]:
    """Pixel Data (7FE0,0010) of `count` frames, piece by piece: the whole element in Explicit VR Little Endian."""
    if SYNTAXES[encoding].is_encapsulated:
        yield element_head("7FE00010", b"OB", UNDEFINED)
        yield from _compressed(frames, shape, encoding)
        return
    pixels = shape[0] * shape[1] * count
    size = pixels if encoding.is_labelmap else -(-pixels // 8)
    yield element_head("7FE00010", b"OB", size + size % 2)
    yield from (frame.tobytes() for frame in frames) if encoding.is_labelmap else _packed(frames)
    yield bytes(size % 2)


def frames_of(labels: Labels, places: Sequence[Place], numbers: Labels) -> Iterator[Labels]:
    """The pixels of each frame: labels by their numbers in the object, or 1 where its segment is.

    `numbers` (256) gives each value of `labels` [k, j, i] its segment's number, 0 for what is in none.
    """
    is_same = bool(np.array_equal(numbers[np.nonzero(numbers)], np.flatnonzero(numbers)))
    for place in places:
        plane = np.ascontiguousarray(labels[place.k])
        if place.segment:
            yield (plane == place.value).view(np.uint8)
        else:
            yield plane if is_same else np.take(numbers, plane)


def _compressed(frames: Iterator[Labels], shape: tuple[int, int], encoding: Encoding) -> Iterator[bytes]:
    form = _form(shape)
    if encoding is Encoding.LABELMAP_RLE:
        compressed = [Bulk.of_bytes(encode_rle(frame.tobytes(), form)) for frame in frames]
    else:
        compressed = [Bulk.of_bytes(encode_jpeg_ls(frame, form)) for frame in frames]
    return encapsulated(compressed, offset_tables(compressed, extended=False).basic)


def _form(shape: tuple[int, int]) -> PixelDescription:
    return PixelDescription(
        rows=shape[0], columns=shape[1], samples_per_pixel=1, photometric_interpretation="MONOCHROME2",
        bits_allocated=8, bits_stored=8, high_bit=7, pixel_representation=0, planar_configuration=0, number_of_frames=1,
    )  # fmt: skip


def _packed(frames: Iterator[Labels]) -> Iterator[bytes]:
    """Bits, the first pixel in the lowest one, and no gap between frames (PS3.5 8.1.1, annex D)."""
    waiting: list[Labels] = []
    for frame in frames:
        waiting.append(frame)
        if len(waiting) == _WHOLE or frame.size % 8 == 0:
            yield np.packbits(np.concatenate(waiting, axis=None), bitorder="little").tobytes()
            waiting = []
    if waiting:
        yield np.packbits(np.concatenate(waiting, axis=None), bitorder="little").tobytes()
