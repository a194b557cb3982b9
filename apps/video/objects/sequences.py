"""Coded concepts and references as items of sequences (PS3.3 8.8, 10.3)."""

from collections.abc import Iterable
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from apps.video.objects.metadata import Code, Reference

_IS_SOURCE: Final = Code("121322", "DCM", "Source image for image processing operation")  # CID 7202
_IS_PART: Final = Code("121313", "DCM", "Other partial views")  # CID 7201


def coded(*codes: Code) -> Sequence:
    """A Code Sequence: value, scheme and meaning of each."""
    return Sequence(_code(each) for each in codes)


def referenced(references: Iterable[Reference]) -> Sequence:
    return Sequence(_reference(each) for each in references)


def item(**attributes: object) -> Dataset:
    """An item with these attributes, by their keywords; what is empty is left out."""
    made = Dataset()
    for keyword, value in attributes.items():
        if value not in ("", None, ()):
            setattr(made, keyword, value)
    return made


def _code(code: Code) -> Dataset:
    return item(CodeValue=code.value, CodingSchemeDesignator=code.scheme, CodeMeaning=code.meaning)


def _reference(reference: Reference) -> Dataset:
    made = item(ReferencedSOPClassUID=reference.sop_class_uid, ReferencedSOPInstanceUID=reference.sop_instance_uid)
    if reference.frames:
        made.ReferencedFrameNumber = list(reference.frames)
    made.PurposeOfReferenceCodeSequence = coded(reference.purpose or (_IS_SOURCE if reference.is_source else _IS_PART))
    return made
