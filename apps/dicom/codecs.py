"""Decoders of compressed frames, one for each family of transfer syntaxes (PS3.5 A.4).

Every decoder checks the size that the stream claims before it decodes. imagecodecs loads a compiled codec
when it is first used, so that importing this module costs nothing.
"""

import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from apps.dicom.codestream import (
    JpegHeader,
    check_scans,
    check_size,
    jpeg_2000_codestream,
    jpeg_2000_header,
    jpeg_header,
)
from apps.dicom.colour import to_rgb
from apps.dicom.description import PixelDescription
from apps.dicom.native import decode_native, extend, native_length
from apps.dicom.rle import decode_rle

_END_OF_IMAGE = b"\xff\xd9"
_MAX_TRAIL = 16

Decoder: TypeAlias = Callable[[bytes, PixelDescription], NDArray[Any]]


def decode_jpeg(data: bytes, description: PixelDescription, *, to_space: str = "RGB") -> NDArray[Any]:
    """Decode any JPEG process: baseline, extended (12 bits), progressive, lossless; YBR becomes RGB.

    `to_space` may be "YCBCR" for a lossy stream that is in it.
    """
    header = jpeg_header(data)
    check_size(header.rows, header.columns, len(header.component_ids), description)
    check_scans(data)
    if description.samples_per_pixel == 1:
        return _integers(imagecodecs.jpeg8_decode(data), description)
    if header.is_lossless:
        # Lossless processes code whatever the header names, and libjpeg leaves them as they are.
        samples = imagecodecs.jpeg8_decode(data, colorspace="RGB", outcolorspace="RGB")
        return to_rgb(samples, description.photometric_interpretation)
    space = "YCBCR" if is_ybr(header, description) else "RGB"
    decoded: NDArray[Any] = imagecodecs.jpeg8_decode(data, colorspace=space, outcolorspace=to_space)
    return decoded


def is_ybr(header: JpegHeader, description: PixelDescription) -> bool:
    """Whether the components of a lossy JPEG are luminance and chrominance.

    The stream's own markers win over the header, which often says RGB for a stream that isn't: an Adobe
    marker, then a JFIF one (always YCbCr), components named "RGB", shared chrominance, then the header.
    """
    if header.adobe_transform is not None:
        return header.adobe_transform != 0
    if header.is_jfif or header.is_subsampled:
        return True
    if bytes(header.component_ids) == b"RGB":
        return False
    return description.photometric_interpretation != "RGB"


def decode_jpeg_ls(data: bytes, description: PixelDescription) -> NDArray[Any]:
    """Decode JPEG-LS, lossless or near-lossless, in any interleave mode."""
    header = jpeg_header(data)
    check_size(header.rows, header.columns, len(header.component_ids), description)
    if not data[-_MAX_TRAIL:].rstrip(b"\0").endswith(_END_OF_IMAGE):
        # A stream that stops without its last marker keeps CharLS counting for ten seconds.
        data += _END_OF_IMAGE
    return _finish(imagecodecs.jpegls_decode(data), description)


def decode_jpeg_2000(data: bytes, description: PixelDescription) -> NDArray[Any]:
    """Decode JPEG 2000 Part 1, lossless or lossy."""
    return _decode_jpeg_2000(imagecodecs.jpeg2k_decode, data, description)


def decode_htj2k(data: bytes, description: PixelDescription) -> NDArray[Any]:
    """Decode reversible High-Throughput JPEG 2000 (ISO 15444-15), twice as fast as OpenJPEG does.

    Not the irreversible one: imagecodecs' OpenJPH wraps values that overshoot instead of clamping them.
    """
    return _decode_jpeg_2000(partial(imagecodecs.htj2k_decode, planar=False), data, description)


def _decode_jpeg_2000(
    decode: Callable[[bytes], NDArray[Any]], data: bytes, description: PixelDescription
) -> NDArray[Any]:
    codestream = jpeg_2000_codestream(data)
    header = jpeg_2000_header(codestream)
    check_size(header.rows, header.columns, header.components, description)
    samples = decode(codestream)
    if header.has_colour_transform and samples.ndim == 3:
        # The decoder has made RGB of it already, whatever the header says.
        return samples
    return _finish(samples, description)


def is_colour_transformed(data: bytes, transfer_syntax_uid: str) -> bool:
    """Whether a frame is JPEG 2000 whose decoder undoes a colour transform, so that RGB comes out of it."""
    if DECODERS.get(transfer_syntax_uid) not in (decode_jpeg_2000, decode_htj2k):
        return False
    return jpeg_2000_header(jpeg_2000_codestream(data)).has_colour_transform


def decode_jpeg_xl(data: bytes, description: PixelDescription) -> NDArray[Any]:
    """Decode JPEG XL, also a recompressed JPEG; colours come as RGB."""
    shape: tuple[int, ...] = (description.rows, description.columns)
    if description.samples_per_pixel == 3:
        shape = (*shape, 3)
    # Given the array to fill, the decoder refuses a stream of another size before it allocates.
    depth = np.uint8 if description.bits_allocated == 8 else np.uint16
    samples = imagecodecs.jpegxl_decode(data, out=np.empty(shape, depth))
    return samples if samples.ndim == 3 else _integers(samples, description)


def decode_deflated_frame(data: bytes, description: PixelDescription) -> NDArray[Any]:
    """Decode Deflated Image Frame Compression (PS3.5 A.4.13): a deflated native frame."""
    return decode_native(inflate_frame(data, description), description)


def inflate_frame(data: bytes, description: PixelDescription) -> bytes:
    """Return the native frame that is deflated in `data`, of no more bytes than the header asks for."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, native_length(description))


def _finish(samples: NDArray[Any], description: PixelDescription) -> NDArray[Any]:
    if samples.ndim == 3:
        return to_rgb(samples, description.photometric_interpretation)
    return _integers(samples, description)


def _integers(samples: NDArray[Any], description: PixelDescription) -> NDArray[Any]:
    """Return decoded values with the sign that the header gives them, whatever the stream says."""
    return extend(samples.view(f"u{samples.dtype.itemsize}"), description)


_JPEG = "1.2.840.10008.1.2.4"
DECODERS: dict[str, Decoder] = {
    **{f"{_JPEG}.{process}": decode_jpeg for process in (*range(50, 67), 70)},
    f"{_JPEG}.80": decode_jpeg_ls,
    f"{_JPEG}.81": decode_jpeg_ls,
    **{f"{_JPEG}.{part}": decode_jpeg_2000 for part in range(90, 94)},
    **{f"{_JPEG}.{kind}": decode_jpeg_xl for kind in range(110, 113)},
    f"{_JPEG}.201": decode_htj2k,
    f"{_JPEG}.202": decode_htj2k,
    f"{_JPEG}.203": decode_jpeg_2000,
    "1.2.840.10008.1.2.5": decode_rle,
    "1.2.840.10008.1.2.1.98": decode_native,
    "1.2.840.10008.1.2.8.1": decode_deflated_frame,
}
VIDEO_SYNTAXES = frozenset(
    f"{_JPEG}.{profile}{fragmentable}" for profile in range(100, 109) for fragmentable in ("", ".1")
)
