"""Coded concepts in derived images: how they were derived, and of what (PS3.16 CID 7202, 7203, 7005)."""

from collections.abc import Sequence as Several
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from apps.volumes.derived.facts import Source
from apps.volumes.resampling.planes import Projection

MPR: Final = ("113072", "Multiplanar reformatting")
CURVED: Final = ("113073", "Curved multiplanar reformatting")
RENDERING: Final = ("113074", "Volume rendering")
SEGMENTATION: Final = ("113076", "Segmentation")
_PROJECTIONS: Final = {
    Projection.MAXIMUM: ("113078", "Maximum intensity projection"),
    Projection.MINIMUM: ("113079", "Minimum intensity projection"),
    Projection.MEAN: ("113049", "Pixel by pixel mean"),
}
_SOURCE: Final = ("121322", "Source image for image processing operation")
_PROCESSING: Final = ("109102", "Processing Equipment")


def derivation(kind: tuple[str, str], projection: Projection | None) -> Sequence:
    """Derivation Code Sequence (0008,9215)."""
    return coded(kind, *([_PROJECTIONS[projection]] if projection else []))


def coded(*codes: tuple[str, str]) -> Sequence:
    """A Code Sequence of DICOM's own codes."""
    return Sequence(_code(*code) for code in codes)


def sources(named: Several[Source]) -> Sequence:
    """Source Image Sequence (0008,2112)."""
    return Sequence(_reference(source) for source in named)


def processing(name: str, version: str, contribution: str) -> Dataset:
    """An item of Contributing Equipment Sequence (0018,A001): this software."""
    made = Dataset()
    made.PurposeOfReferenceCodeSequence = coded(_PROCESSING)
    made.Manufacturer, made.ManufacturerModelName, made.SoftwareVersions = name, name, version
    made.ContributionDescription = contribution
    return made


def _code(value: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, "DCM", meaning
    return made


def _reference(source: Source) -> Dataset:
    made = Dataset()
    made.ReferencedSOPClassUID, made.ReferencedSOPInstanceUID = source.sop_class_uid, source.sop_instance_uid
    if source.frames:
        made.ReferencedFrameNumber = list(source.frames)
    made.PurposeOfReferenceCodeSequence = coded(_SOURCE)
    return made
