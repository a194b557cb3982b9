"""Which frames a segmentation has, and the functional groups that say what each is (PS3.3 C.7.6.16, A.51.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag
from pydicom.valuerep import DSfloat

from apps.analysis.uids import uid
from apps.dicom.elements import element
from apps.segmentation.objects.codes import DERIVATION, SOURCE, coded_item, sequence
from apps.segmentation.objects.facts import Facts
from apps.segmentation.objects.sources import Source, SourceImage

_POSITION, _PLANE_POSITION = Tag("ImagePositionPatient"), Tag("PlanePositionSequence")
_SEGMENT, _SEGMENT_IDENTIFICATION = Tag("ReferencedSegmentNumber"), Tag("SegmentIdentificationSequence")
_ORGANIZATION: Final = "dimensions"


@dataclass(frozen=True, slots=True)
class Place:
    """What a frame is of: slice `k` of the source; and the number of one segment, which is `value` in the labels, or 0
    where it holds all labels of the slice."""

    k: int
    segment: int = 0
    value: int = 0


def add_groups(made: Dataset, source: Source, places: Sequence[Place], facts: Facts) -> None:
    """Multi-frame Functional Groups and Multi-frame Dimension (C.7.6.16, C.7.6.17), but for `groups_of`."""
    is_by_segment = any(place.segment for place in places)
    made.NumberOfFrames = len(places)
    made.SharedFunctionalGroupsSequence = Items([_shared(source)])
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


def groups_of(source: Source, places: Sequence[Place]) -> bytes:
    """Per-Frame Functional Groups Sequence (5200,9230) in Explicit VR Little Endian: it may have thousands of items."""
    ranks = {k: rank for rank, k in enumerate(sorted({place.k for place in places}), start=1)}
    derivation = sequence("00089215", coded_item(DERIVATION))
    own = (_own(source, place, ranks[place.k], derivation) for place in places)
    return sequence("52009230", *own)


def _own(source: Source, place: Place, rank: int, derivation: bytes) -> bytes:
    """The groups of a frame: the image that it lies over, pixel for pixel (C.7.6.16.2.6), its place, its segment."""
    image = source.images[place.k]
    reference = _reference(image, is_multiframe=source.is_multiframe)
    indices = [place.segment, rank] if place.segment else [rank]
    position = "\\".join(str(ds(each)) for each in image.position).encode()
    groups = sequence("00089124", sequence("00082112", reference) + derivation)
    groups += sequence("00209111", element("00209157", b"UL", pack(f"<{len(indices)}I", *indices)))
    groups += sequence("00209113", element("00200032", b"DS", position))
    if place.segment:
        groups += sequence("0062000A", element("0062000B", b"US", pack("<H", place.segment)))
    return groups


def _reference(image: SourceImage, *, is_multiframe: bool) -> bytes:
    found = element("00081150", b"UI", image.sop_class_uid.encode())
    found += element("00081155", b"UI", image.sop_instance_uid.encode())
    if is_multiframe:
        found += element("00081160", b"IS", str(image.frame_number).encode())
    return found + element("0028135A", b"CS", b"YES") + sequence("0040A170", coded_item(SOURCE))
