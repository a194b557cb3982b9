"""Encoders of frames, all reversible, one for each transfer syntax that images are given in (PS3.5 A.4).

Each takes the values of a frame as `samples.values` gives them, and the form that its header will describe.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import imagecodecs
import jpeg_ls
import numpy as np
from numpy.typing import NDArray
from rle.utils import encode_pixel_data

from apps.dicom.description import PixelDescription
from apps.dicom.representation import HTJ2K, JPEG_2000, JPEG_LOSSLESS, JPEG_LS

Encoder: TypeAlias = Callable[[NDArray[Any], PixelDescription], bytes]

_FIRST_ORDER_PREDICTION = 1
_BY_SAMPLE = 2


def encode_rle(native: bytes, form: PixelDescription) -> bytes:
    """Return a native little-endian frame, its samples interleaved, in RLE Lossless (PS3.5 annex G)."""
    encoded: bytes = encode_pixel_data(
        native,
        rows=form.rows,
        columns=form.columns,
        samples_per_pixel=form.samples_per_pixel,
        bits_allocated=form.bits_allocated,
        number_of_frames=1,
        planar_configuration=0,
        byteorder="<",
    )
    return encoded


def encode_jpeg_ls(values: NDArray[Any], form: PixelDescription) -> bytes:
    """Return a frame in JPEG-LS, lossless, its precision being Bits Stored (PS3.5 A.4.3)."""
    words = _unsigned(values, form)
    interleave = _BY_SAMPLE if form.samples_per_pixel > 1 else 0
    try:
        return bytes(
            jpeg_ls.encode_buffer(
                words.tobytes(), form.rows, form.columns, form.samples_per_pixel, form.bits_stored, 0, interleave
            )
        )
    except RuntimeError:
        # That one has no room for streams that come out longer than the pixels: tiny images, and noise.
        return bytes(imagecodecs.jpegls_encode(words, out=2 * words.nbytes + 1024))


def encode_jpeg_lossless(values: NDArray[Any], form: PixelDescription) -> bytes:
    """Return a frame in JPEG Lossless, first-order prediction (PS3.5 A.4.1, process 14 selection value 1)."""
    space = "RGB" if form.samples_per_pixel > 1 else None
    encoded = imagecodecs.jpeg8_encode(
        _unsigned(values, form),
        lossless=True,
        predictor=_FIRST_ORDER_PREDICTION,
        bitspersample=form.bits_stored,
        colorspace=space,
        outcolorspace=space,
    )
    return bytes(encoded)


def encode_jpeg_2000(values: NDArray[Any], form: PixelDescription) -> bytes:
    """Return a frame in reversible JPEG 2000, its sign and precision those of the header (PS3.5 A.4.4)."""
    encoded = imagecodecs.jpeg2k_encode(
        _narrowed(values, form),
        level=0,
        codecformat="j2k",
        reversible=True,
        bitspersample=form.bits_stored,
        mct=form.photometric_interpretation == "YBR_RCT",
        numthreads=1,
    )
    return bytes(encoded)


def encode_htj2k(values: NDArray[Any], form: PixelDescription) -> bytes:
    """Return a frame in reversible High-Throughput JPEG 2000 (PS3.5 A.4.4)."""
    is_transformed = form.photometric_interpretation == "YBR_RCT"
    encoded = imagecodecs.htj2k_encode(_narrowed(values, form), reversible=True, rgb=is_transformed)
    return bytes(encoded)


def _unsigned(values: NDArray[Any], form: PixelDescription) -> NDArray[Any]:
    """Return the bits of the values without those of a sign that was extended, in the smallest words."""
    words = values.astype(np.int16 if form.is_signed else np.uint16).view(np.uint16) & np.uint16(
        (1 << form.bits_stored) - 1
    )
    return np.ascontiguousarray(words.astype(np.uint8) if form.bits_stored <= 8 else words)


def _narrowed(values: NDArray[Any], form: PixelDescription) -> NDArray[Any]:
    """Return the values in the smallest words of their sign that hold Bits Stored."""
    width = 1 if form.bits_stored <= 8 else 2
    return np.ascontiguousarray(values.astype(f"{'i' if form.is_signed else 'u'}{width}"))


ENCODERS: dict[str, Encoder] = {
    JPEG_LS: encode_jpeg_ls,
    JPEG_LOSSLESS: encode_jpeg_lossless,
    JPEG_2000: encode_jpeg_2000,
    HTJ2K: encode_htj2k,
}
