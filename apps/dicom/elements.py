"""Data elements written in Explicit VR Little Endian (PS3.5 7.1.2): their heads, and values of an even length."""

from struct import pack
from typing import Final

from apps.dicom.values import LONG_VRS

# The longest value, and the longest of a VR whose length takes two bytes: all are of an even length.
MAX_LENGTH: Final = 0xFFFFFFFE
MAX_SHORT: Final = 0xFFFE
_PADDED_BY_SPACE: Final = frozenset(b"AE AS CS DA DS DT IS LO LT PN SH ST TM UC UR UT".split())


def element(key: str, vr: bytes, value: bytes) -> bytes:
    """Return one element, its value padded; a value too long for its VR becomes UN (PS3.5 6.2.2)."""
    value += padding(vr, len(value))
    return element_head(key, vr, len(value)) + value


def element_head(key: str, vr: bytes, length: int) -> bytes:
    """Return the head of an element; one whose length its VR has no room for is UN (PS3.5 6.2.2)."""
    group, number = int(key[:4], 16), int(key[4:], 16)
    if vr in LONG_VRS or length > MAX_SHORT:
        return pack("<HH2sHI", group, number, vr if vr in LONG_VRS else b"UN", 0, length)
    return pack("<HH2sH", group, number, vr, length)


def padding(vr: bytes, length: int) -> bytes:
    """Return what makes a value of this length even: a space for text, NUL for UIDs and all else (PS3.5 6.2)."""
    return (b" " if vr in _PADDED_BY_SPACE else b"\0") * (length % 2)
