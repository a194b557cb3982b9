"""The bounds within which a DICOM object is read: nothing in a file may make the archive exceed them."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one object may ask for. Bytes, counts and levels; a larger object is refused as unreadable.

    `header_bytes` counts what is turned into DICOM JSON: bulk data and pixel data don't count.
    `elements` counts data elements and sequence items together. A value of more than `inline_bytes`
    bytes of a binary representation, or of more than `value_bytes` bytes of any, becomes bulk data.
    """

    header_bytes: int = 64 * MIB
    depth: int = 32
    elements: int = 500_000
    inflated_bytes: int = 512 * MIB
    frames: int = 1_000_000
    inline_bytes: int = 1024
    value_bytes: int = 4 * MIB
