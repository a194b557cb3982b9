"""RLE Lossless frames (PS3.5 annex G): one run-length coded segment for each byte of each sample."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from apps.dicom.colour import to_rgb
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.native import align, arrange, decode_native
from apps.saying import say

_HEADER_LENGTH = 64
_MAX_SEGMENTS = 15
# A segment may run over its last row, and be padded to an even length.
_SLACK = 1024


def decode_rle(data: bytes, description: PixelDescription) -> NDArray[Any]:
    """Return an RLE frame as (rows, columns), or (rows, columns, 3) in RGB. Raises Undecodable."""
    if description.bits_allocated == 1:
        (packed,) = _decoded_segments(data, count=1, length=(description.samples + 7) // 8)
        return decode_native(packed.tobytes(), description)
    width = description.bits_allocated // 8
    pixels = description.rows * description.columns
    octets = np.empty((description.samples_per_pixel, pixels, width), np.uint8)
    segments = _decoded_segments(data, description.samples_per_pixel * width, pixels)
    for index, segment in enumerate(segments):
        # The segments of a sample are its bytes, the most significant first (PS3.5 G.2).
        octets[index // width, :, width - 1 - index % width] = segment
    samples = arrange(align(octets.view(f"<u{width}").ravel(), description), description, by_plane=True)
    return to_rgb(samples, description.photometric_interpretation)


def _decoded_segments(data: bytes, count: int, length: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the `count` segments of the frame decoded, `length` bytes each."""
    segments = _segments(data)
    if len(segments) != count:
        raise Undecodable(
            say("The RLE frame has {count} segments; its header needs {count_2}.", count=len(segments), count_2=count)
        )
    for segment in segments:
        decoded = imagecodecs.packbits_decode(segment, out=bytearray(length + _SLACK))
        if len(decoded) < length:
            raise Undecodable(
                say("A segment of the RLE frame has {count} of {length} bytes.", count=len(decoded), length=length)
            )
        yield np.frombuffer(decoded, np.uint8, length)


def _segments(data: bytes) -> list[bytes]:
    """Cut the frame at the offsets of its header (PS3.5 G.5)."""
    count, *offsets = np.frombuffer(data.ljust(_HEADER_LENGTH, b"\0"), "<u4", _HEADER_LENGTH // 4).tolist()
    bounds = [*offsets[:count], len(data)]
    if not 0 < count <= _MAX_SEGMENTS or bounds[0] < _HEADER_LENGTH or bounds != sorted(bounds):
        raise Undecodable(say("The frame is no RLE stream: the offsets of its header are impossible."))
    return [data[start:end] for start, end in pairwise(bounds)]
