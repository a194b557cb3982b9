"""RLE Lossless frames (PS3.5 annex G): one run-length coded segment for each byte of each sample."""

from itertools import pairwise
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from apps.dicom.colour import to_rgb
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.native import align, arrange, decode_native

_HEADER_LENGTH = 64
_MAX_SEGMENTS = 15
# A segment may run over its last row, and be padded to an even length.
_SLACK = 1024


def decode_rle(data: bytes, description: PixelDescription) -> NDArray[Any]:
    """Return an RLE frame as (rows, columns), or (rows, columns, 3) in RGB. Raises Undecodable."""
    if description.bits_allocated == 1:
        packed = _planes(data, count=1, length=(description.samples + 7) // 8)
        return decode_native(packed.tobytes(), description)
    width = description.bits_allocated // 8
    pixels = description.rows * description.columns
    planes = _planes(data, description.samples_per_pixel * width, pixels)
    # The segments of a sample are its bytes, the most significant first (PS3.5 G.2).
    octets = planes.reshape(description.samples_per_pixel, width, pixels)[:, ::-1].transpose(0, 2, 1)
    words = np.ascontiguousarray(octets).view(f"<u{width}").ravel()
    samples = arrange(align(words, description), description, by_plane=True)
    return to_rgb(samples, description.photometric_interpretation)


def _planes(data: bytes, count: int, length: int) -> NDArray[np.uint8]:
    """Return the `count` segments of the frame decoded, `length` bytes each, as (count, length)."""
    segments = _segments(data)
    if len(segments) != count:
        raise Undecodable(f"The RLE frame has {len(segments)} segments; its header needs {count}.")
    planes = np.empty((count, length), np.uint8)
    for plane, segment in zip(planes, segments, strict=True):
        decoded = imagecodecs.packbits_decode(segment, out=bytearray(length + _SLACK))
        if len(decoded) < length:
            raise Undecodable(f"A segment of the RLE frame has {len(decoded)} of {length} bytes.")
        plane[:] = np.frombuffer(decoded, np.uint8, length)
    return planes


def _segments(data: bytes) -> list[bytes]:
    """Cut the frame at the offsets of its header (PS3.5 G.5)."""
    count, *offsets = np.frombuffer(data.ljust(_HEADER_LENGTH, b"\0"), "<u4", _HEADER_LENGTH // 4).tolist()
    bounds = [*offsets[:count], len(data)]
    if not 0 < count <= _MAX_SEGMENTS or bounds[0] < _HEADER_LENGTH or bounds != sorted(bounds):
        raise Undecodable("The frame is no RLE stream: the offsets of its header are impossible.")
    return [data[start:end] for start, end in pairwise(bounds)]
