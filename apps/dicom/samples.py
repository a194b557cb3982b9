"""Samples between transfer syntaxes: a frame's values in the colour space asked for, and native frames of them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.dicom.codecs import decode_jpeg, inflate_frame, is_colour_transformed, is_ybr
from apps.dicom.codestream import jpeg_header
from apps.dicom.colour import YBR_SPACES, to_rgb
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.native import is_422, native_length, native_samples
from apps.dicom.pixels import decode_frame, run_decoder
from apps.dicom.representation import JPEG_XL, LOSSY_JPEG, RLE
from apps.dicom.syntax import NATIVE
from apps.saying import say

_ENCAPSULATED = "1.2.840.10008.1.2.1.98"
_DEFLATED_FRAME = "1.2.840.10008.1.2.8.1"


def native_frame(data: bytes, description: PixelDescription, source: str, form: PixelDescription) -> bytes:
    """Return a frame that is stored in `source` as a native little-endian one of `form` (PS3.5 8.1.1, 8.2).

    `data` of native sources are little endian already. Single bits are packed from the lowest, with zeros behind the
    last. Raises Undecodable.
    """
    if source in (*NATIVE, _ENCAPSULATED, _DEFLATED_FRAME):
        data = inflate_frame(data, description) if source == _DEFLATED_FRAME else data
        if _is_same(form, description):
            return _checked(data, native_length(description))
        source = next(iter(NATIVE))
    if source == RLE or source in NATIVE:
        # Bits beside those of the pixel, such as an old overlay's, are kept.
        description, form = _whole_words(description), _whole_words(form)
    return packed(values(data, description, source, form.photometric_interpretation), form)


def values(data: bytes, description: PixelDescription, source: str, space: str) -> NDArray[Any]:
    """Return a frame's values: (rows, columns), or (rows, columns, 3) in `space`, chrominance in full.

    The values are those of the stored pixels, shifted to bit 0 and of the header's sign. Raises Undecodable.
    """
    if description.samples_per_pixel == 1:
        return decode_frame(data, description, source)
    found = description.photometric_interpretation
    if source in NATIVE:
        return _in_space(native_samples(data, description), found, space)
    if source in JPEG_XL:
        return _in_space(decode_frame(data, description, source), "RGB", space)
    if source in LOSSY_JPEG and space in YBR_SPACES:
        return run_decoder(_decode_jpeg_in_ybr, data, description, source)
    if source in LOSSY_JPEG:
        return decode_frame(data, description, source)
    # Named RGB, samples stay as their decoder gives them.
    samples = decode_frame(data, replace(description, photometric_interpretation="RGB"), source)
    return _in_space(samples, "RGB" if is_colour_transformed(data, source) else found, space)


def packed(samples: NDArray[Any], form: PixelDescription) -> bytes:
    """Return values as a native little-endian frame of `form`. Raises Undecodable where they don't fit into it."""
    if form.float_kind is not None:
        raise Undecodable(say("Floating point pixels are only known uncompressed."))
    if form.bits_allocated == 1:
        return np.packbits(samples.astype(np.uint8).ravel(), bitorder="little").tobytes()
    width = form.bits_allocated // 8
    if samples.dtype.itemsize > width and samples.max(initial=0) >> form.bits_allocated:
        raise Undecodable(
            say(
                "The compressed frame has more bits than the header allocates ({bits_allocated}).",
                bits_allocated=form.bits_allocated,
            )
        )
    words = samples.astype(f"<{'i' if form.is_signed else 'u'}{width}").view(f"<u{width}")
    shift = form.high_bit + 1 - form.bits_stored
    return _arranged(words << words.dtype.type(shift) if shift else words, form).tobytes()


def _arranged(words: NDArray[Any], form: PixelDescription) -> NDArray[Any]:
    """Put samples into the order of a native frame: shared chrominance, by plane, or pixel by pixel."""
    if words.ndim == 2:
        return words
    if is_422(form):
        return _shared_chrominance(words)
    return words.transpose(2, 0, 1) if form.planar_configuration == 1 else words


def _shared_chrominance(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return (rows, columns, 3) as Y1 Y2 Cb Cr for each pair, the chrominance being the pair's mean."""
    pairs = pixels.reshape(-1, 2, 3)
    shared = np.empty((len(pairs), 4), pixels.dtype)
    shared[:, :2] = pairs[:, :, 0]
    shared[:, 2:] = (pairs[:, :, 1:].sum(axis=1, dtype=np.uint32) + 1) // 2
    return shared


def _decode_jpeg_in_ybr(data: bytes, description: PixelDescription) -> NDArray[Any]:
    """Decode a lossy colour JPEG into luminance and chrominance, which most hold as they are."""
    header = jpeg_header(data)
    rgb_or_ybr = replace(description, photometric_interpretation="YBR_FULL")
    if header.is_lossless or not is_ybr(header, rgb_or_ybr):
        return _in_space(decode_jpeg(data, description), "RGB", "YBR_FULL")
    return decode_jpeg(data, description, to_space="YCBCR")


def _in_space(samples: NDArray[Any], found: str, space: str) -> NDArray[Any]:
    """Return colours found in one space in another; what JPEG 2000 and JPEG XL transform has become RGB."""
    if (found in YBR_SPACES) == (space in YBR_SPACES):
        return samples
    if found in YBR_SPACES:
        return to_rgb(samples, found)
    if samples.dtype != np.uint8:
        raise Undecodable(say("YBR colours are only supported with 8 bits a sample."))
    return np.asarray(Image.fromarray(np.ascontiguousarray(samples), "RGB").convert("YCbCr"))


def _whole_words(form: PixelDescription) -> PixelDescription:
    bits = form.bits_allocated
    return replace(form, bits_stored=bits, high_bit=bits - 1, pixel_representation=0)


def _is_same(form: PixelDescription, description: PixelDescription) -> bool:
    return (
        form.photometric_interpretation == description.photometric_interpretation
        and form.planar_configuration == description.planar_configuration
    )


def _checked(data: bytes, length: int) -> bytes:
    if len(data) < length:
        raise Undecodable(
            say("The frame has {count} bytes; its header needs {length}.", count=len(data), length=length)
        )
    return data[:length]
