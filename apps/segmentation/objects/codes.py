"""Coded concepts as items of a code sequence (PS3.3 8.8)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

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
