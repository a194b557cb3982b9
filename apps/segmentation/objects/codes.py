"""Coded concepts as items of a code sequence (PS3.3 8.8)."""

from struct import pack
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from apps.dicom.elements import element
from apps.dicom.fragments import ITEM
from apps.dicom.sr_tree import Code

# PS3.16 CID 7203 and 7202.
DERIVATION: Final = Code("Segmentation", "113076", "DCM")
SOURCE: Final = Code("Source image for image processing operation", "121322", "DCM")
# Longer values go by another attribute (PS3.3 8.1).
_SHORT: Final = 16
_LONGEST_MEANING: Final = 64


def coded(code: Code) -> Sequence:
    """A code sequence of this one code."""
    item = Dataset()
    if len(code.value) <= _SHORT:
        item.CodeValue = code.value
    else:
        item.LongCodeValue = code.value
    item.CodingSchemeDesignator, item.CodeMeaning = code.scheme, code.meaning[:_LONGEST_MEANING]
    return Sequence([item])


def coded_item(code: Code) -> bytes:
    """The content of such an item in Explicit VR Little Endian, of a code of at most 16 characters."""
    parts = (("00080100", b"SH", code.value), ("00080102", b"SH", code.scheme), ("00080104", b"LO", code.meaning))
    return b"".join(element(tag, vr, value.encode()) for tag, vr, value in parts)


def sequence(tag: str, *items: bytes) -> bytes:
    """A sequence of these items, all of defined length (PS3.5 7.5)."""
    return element(tag, b"SQ", b"".join(ITEM + pack("<I", len(item)) + item for item in items))
