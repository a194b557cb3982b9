"""Which frames a segmentation has, and the functional groups that say what each is (PS3.3 C.7.6.16, A.51.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag
from pydicom.valuerep import DSfloat

from apps.analysis.uids import uid
from apps.segmentation.objects.codes import DERIVATION, SOURCE, coded
from apps.segmentation.objects.facts import Facts
from apps.segmentation.objects.sources import Source, SourceImage

_POSITION, _PLANE_POSITION = Tag("ImagePositionPatient"), Tag("PlanePositionSequence")
_SEGMENT, _SEGMENT_IDENTIFICATION = Tag("ReferencedSegmentNumber"), Tag("SegmentIdentificationSequence")
_ORGANIZATION: Final = "dimensions"


@dataclass(frozen=True, slots=True)
class Place:
    """What a frame is of: slice `k` of the source, and one segment's number; 0 where it holds labels."""

    k: int
    segment: int = 0


def add_groups(made: Dataset, source: Source, places: Sequence[Place], facts: Facts) -> None:
    """Multi-frame Functional Groups and Multi-frame Dimension (C.7.6.16, C.7.6.17)."""
    is_by_segment = any(place.segment for place in places)
    made.NumberOfFrames = len(places)
    made.SharedFunctionalGroupsSequence = Items([_shared(source)])
    made.PerFrameFunctionalGroupsSequence = Items(_own(source, places))
    organization = Dataset()
    organization.DimensionOrganizationUID = uid(facts.seed, _ORGANIZATION)
    made.DimensionOrganizationSequence = Items([organization])
    by_segment = [_dimension(facts, _SEGMENT, _SEGMENT_IDENTIFICATION, "Segment")] if is_by_segment else []
    by_position = _dimension(facts, _POSITION, _PLANE_POSITION, "Image Position (Patient)")
    made.DimensionIndexSequence = Items([*by_segment, by_position])


def ds(number: float) -> DSfloat:
    """A Decimal String, as exact as its 16 characters are."""
    return DSfloat(float(number), auto_format=True)


def _dimension(facts: Facts, pointer: int, group: int, label: str) -> Dataset:
    item = Dataset()
    item.DimensionOrganizationUID = uid(facts.seed, _ORGANIZATION)
    item.DimensionIndexPointer, item.FunctionalGroupPointer = pointer, group
    item.DimensionDescriptionLabel = label
    return item


def _shared(source: Source) -> Dataset:
    """What holds for all frames: orientation, the pixels' size; the slices' distance only where there is one."""
    lattice, groups, measures, orientation = source.lattice, Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [ds(lattice.row_spacing), ds(lattice.column_spacing)]
    upright = sum(a * b for a, b in zip(lattice.along, lattice.normal, strict=True))
    measures.SliceThickness = ds(source.thickness or lattice.slice_spacing * upright)
    if lattice.is_even and not lattice.gaps:
        measures.SpacingBetweenSlices = ds(lattice.slice_spacing * upright)
    orientation.ImageOrientationPatient = [ds(each) for each in (*lattice.across, *lattice.down)]
    groups.PixelMeasuresSequence = Items([measures])
    groups.PlaneOrientationSequence = Items([orientation])
    return groups


def _own(source: Source, places: Sequence[Place]) -> Iterator[Dataset]:
    """The groups of each frame."""
    ranks = {k: rank for rank, k in enumerate(sorted({place.k for place in places}), start=1)}
    for place in places:
        groups, content, position = Dataset(), Dataset(), Dataset()
        image = source.images[place.k]
        groups.DerivationImageSequence = Items([_derivation(image, is_multiframe=source.is_multiframe)])
        content.DimensionIndexValues = [*([place.segment] if place.segment else []), ranks[place.k]]
        groups.FrameContentSequence = Items([content])
        position.ImagePositionPatient = [ds(each) for each in image.position]
        groups.PlanePositionSequence = Items([position])
        if place.segment:
            segment = Dataset()
            segment.ReferencedSegmentNumber = place.segment
            groups.SegmentIdentificationSequence = Items([segment])
        yield groups


def _derivation(image: SourceImage, *, is_multiframe: bool) -> Dataset:
    """Derivation Image (C.7.6.16.2.6): the very image that the frame lies over, pixel for pixel."""
    reference, item = Dataset(), Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = image.sop_class_uid, image.sop_instance_uid
    if is_multiframe:
        reference.ReferencedFrameNumber = image.frame_number
    reference.SpatialLocationsPreserved = "YES"
    reference.PurposeOfReferenceCodeSequence = coded(SOURCE)
    item.SourceImageSequence = Items([reference])
    item.DerivationCodeSequence = coded(DERIVATION)
    return item
