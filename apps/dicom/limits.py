"""The bounds within which a DICOM object is read: nothing in a file may make the archive exceed them."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one object may ask for. Bytes, counts and levels; a larger object is refused as unreadable.

    `header_bytes` counts what is turned into DICOM JSON: bulk data and pixel data don't count.
    `elements` counts data elements and sequence items together, and what takes longer to read than an element
    several times. `values` counts numbers; other values take more memory and count several times. `escapes` are
    escape sequences of character sets (PS3.5 6.1.2.5). A value of more than `inline_bytes` bytes of a binary
    representation, or of more than `value_bytes` bytes of any, becomes bulk data.

    The largest RT Structure Sets and segmentations of whole slides fit; what is made to be as costly as it can
    be costs a second or two and 100 to 200 MB.
    """

    header_bytes: int = 32 * MIB
    depth: int = 32
    elements: int = 400_000
    values: int = 3_000_000
    escapes: int = 200_000
    inflated_bytes: int = 512 * MIB
    frames: int = 1_000_000
    inline_bytes: int = 1024
    value_bytes: int = MIB
