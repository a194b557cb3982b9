"""Native (uncompressed) frames as arrays of samples (PS3.5 8.1.1, 8.2)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.dicom.colour import to_rgb, upsample_422
from apps.dicom.description import PixelDescription, Undecodable
from apps.saying import say


def native_length(description: PixelDescription) -> int:
    """Return how many bytes a native frame takes; one of single bits is padded to a whole byte."""
    samples = description.samples
    if is_422(description):
        samples = samples // 3 * 2
    return (samples * description.bits_allocated + 7) // 8


def is_422(description: PixelDescription) -> bool:
    """Whether a native frame shares each chrominance between two pixels (PS3.3 C.7.6.3.1.2)."""
    return description.photometric_interpretation == "YBR_FULL_422" and description.columns % 2 == 0


def decode_native(data: bytes, description: PixelDescription, *, big_endian: bool = False) -> NDArray[Any]:
    """Return a native frame as (rows, columns), or (rows, columns, 3) in RGB.

    `data` may be longer than the frame (a padding byte). Raises Undecodable when it is shorter.
    """
    samples = native_samples(data, description, big_endian=big_endian)
    return to_rgb(samples, description.photometric_interpretation)


def native_samples(data: bytes, description: PixelDescription, *, big_endian: bool = False) -> NDArray[Any]:
    """Return a native frame in its own colour space, shared chrominance given to each pixel. Raises Undecodable."""
    length = native_length(description)
    if len(data) < length:
        raise Undecodable(
            say("The frame has {count} bytes; its header needs {length}.", count=len(data), length=length)
        )
    stored = _stored_words(data, length, description, big_endian)
    if description.float_kind is not None:
        return stored.reshape(description.rows, description.columns)
    if is_422(description):
        return upsample_422(stored, description.rows, description.columns)
    return arrange(align(stored, description), description, description.planar_configuration == 1)


def _stored_words(data: bytes, length: int, description: PixelDescription, big_endian: bool) -> NDArray[Any]:
    """Return the frame as a flat array of words in the machine's order: unsigned, or floating point."""
    if description.bits_allocated == 1:
        packed = np.frombuffer(data, np.uint8, length)
        return np.unpackbits(packed, bitorder="little", count=description.samples)
    if description.bits_allocated == 8:
        return _octets(data, length, big_endian and description.pixel_vr == "OW")
    kind = "u" if description.float_kind is None else "f"
    dtype = np.dtype(f"{'>' if big_endian else '<'}{kind}{description.bits_allocated // 8}")
    return np.frombuffer(data, dtype, length // dtype.itemsize).astype(dtype.newbyteorder("="), copy=False)


def _octets(data: bytes, length: int, is_swapped: bool) -> NDArray[np.uint8]:
    if not is_swapped:
        return np.frombuffer(data, np.uint8, length)
    padded = np.frombuffer(data[: length + length % 2].ljust(length + length % 2, b"\0"), np.uint16)
    return padded.byteswap().view(np.uint8)[:length]


def align(words: NDArray[Any], description: PixelDescription) -> NDArray[Any]:
    """Return stored words with the pixel's bits alone: shifted to bit 0, others cleared, sign extended."""
    shift = description.high_bit + 1 - description.bits_stored
    return extend(words >> shift if shift else words, description)


def extend(values: NDArray[Any], description: PixelDescription) -> NDArray[Any]:
    """Return unsigned words as values of `bits_stored` bits, signed if the header says so."""
    width = values.dtype.itemsize * 8
    spare = width - description.bits_stored
    if spare <= 0 or description.bits_allocated == 1:
        return values.view(f"i{values.dtype.itemsize}") if description.is_signed else values
    if description.is_signed:
        return (values << spare).view(f"i{values.dtype.itemsize}") >> spare
    return values & values.dtype.type((1 << description.bits_stored) - 1)


def arrange(values: NDArray[Any], description: PixelDescription, by_plane: bool) -> NDArray[Any]:
    """Return flat samples as (rows, columns) or (rows, columns, 3); see Planar Configuration (0028,0006)."""
    rows, columns = description.rows, description.columns
    if description.samples_per_pixel == 1:
        return values.reshape(rows, columns)
    if by_plane:
        return np.ascontiguousarray(values.reshape(3, rows, columns).transpose(1, 2, 0))
    return values.reshape(rows, columns, 3)
