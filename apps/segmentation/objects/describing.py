"""Segments as items of Segment Sequence (PS3.3 C.8.20.2, C.8.20.4)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from apps.analysis.uids import uid
from apps.segmentation.objects.codes import coded
from apps.segmentation.objects.colours import to_cielab
from apps.segmentation.objects.segments import Algorithm, Segment

_LONGEST: Final = 64


def described(segment: Segment) -> Dataset:
    """The item of a segment. Whoever drew it by hand is in the object's header."""
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel = segment.number, segment.label[:_LONGEST]
    item.SegmentedPropertyCategoryCodeSequence = coded(segment.category)
    item.SegmentedPropertyTypeCodeSequence = coded(segment.type)
    if segment.modifier:
        item.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = coded(segment.modifier)
    if segment.anatomy:
        item.AnatomicRegionSequence = coded(segment.anatomy)
    _made_by(item, segment.algorithm)
    item.RecommendedDisplayCIELabValue = to_cielab(segment.colour)
    item.TrackingID = segment.tracking_identifier or segment.label
    item.TrackingUID = segment.tracking_uid
    return item


def tracked(segment: Segment, seed: str) -> str:
    """Its Tracking UID, or one that follows from the run: so that it is known again when somebody has edited it."""
    return segment.tracking_uid or uid(seed, f"segment {segment.number}")


def _made_by(item: Dataset, algorithm: Algorithm | None) -> None:
    if algorithm is None:
        item.SegmentAlgorithmType = "MANUAL"
        return
    item.SegmentAlgorithmType = "AUTOMATIC" if algorithm.is_automatic else "SEMIAUTOMATIC"
    item.SegmentAlgorithmName = f"{algorithm.name} {algorithm.version}".strip()[:_LONGEST]
    if algorithm.family:
        item.SegmentationAlgorithmIdentificationSequence = Sequence([_identified(algorithm)])


def _identified(algorithm: Algorithm) -> Dataset:
    """Algorithm Identification (PS3.3 10.16)."""
    item = Dataset()
    item.AlgorithmFamilyCodeSequence = coded(algorithm.family)
    item.AlgorithmName, item.AlgorithmVersion = algorithm.name[:_LONGEST], algorithm.version[:_LONGEST]
    return item
