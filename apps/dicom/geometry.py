"""The size of native pixel data (PS3.3 C.7.6.3, PS3.5 8.1), in exact integers: nothing is allocated here."""

from dataclasses import dataclass
from typing import Final

from apps.dicom.header import Header, first_value

_FLOAT_BITS: Final = {"7FE00008": 32, "7FE00009": 64}
# Photometric interpretations whose chroma is subsampled, and the samples they have per pixel, in halves.
_HALF_SAMPLES: Final = {"YBR_FULL_422": 4, "YBR_PARTIAL_422": 4, "YBR_PARTIAL_420": 3}


@dataclass(frozen=True, slots=True)
class Geometry:
    """How many frames native pixel data has, and the bits of each and of each sample."""

    frames: int
    frame_bits: int
    sample_bits: int


def geometry(header: Header) -> Geometry:
    """Return the geometry that the attributes declare; 0 frames if they don't describe an image."""
    attributes = header.attributes
    rows, columns = header_integer(header, "00280010"), header_integer(header, "00280011")
    sample_bits = next(
        (bits for tag, bits in _FLOAT_BITS.items() if tag in attributes), header_integer(header, "00280100")
    )
    samples = header_integer(header, "00280002") or 1
    halves = _HALF_SAMPLES.get(header.text("00280004"), 2 * samples) if samples == 3 else 2 * samples
    frame_bits = rows * columns * sample_bits * halves // 2
    return Geometry(number_of_frames(header) if frame_bits else 0, frame_bits, sample_bits)


def needed_bytes(header: Header) -> int:
    """Return the size that native pixel data must have at least."""
    size = geometry(header)
    return (size.frames * size.frame_bits + 7) // 8


def number_of_frames(header: Header) -> int:
    """Return Number of Frames (0028,0008), 1 if it is missing or makes no sense."""
    return max(header_integer(header, "00280008"), 1)


def header_integer(header: Header, tag: str) -> int:
    """Return the first value of an attribute as an integer, 0 if it isn't one or is negative."""
    value = first_value(header.attributes, tag)
    return max(value, 0) if isinstance(value, int) else 0
