"""Content items (PS3.3 C.17.3) as data sets: codes, texts, numbers, regions and references."""

import math
from collections.abc import Iterable
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.valuerep import DSfloat

from apps.dicom.sr_tree import Code
from apps.measurements.content.groups import Coordinates, DocumentReference
from apps.measurements.writing.documents import reference

CONTAINS: Final = "CONTAINS"
INFERRED_FROM: Final = "INFERRED FROM"
SELECTED_FROM: Final = "SELECTED FROM"
HAS_CONCEPT_MOD: Final = "HAS CONCEPT MOD"
HAS_OBS_CONTEXT: Final = "HAS OBS CONTEXT"
# What Code Value (SH) and Code Meaning (LO) hold; a longer code goes into Long Code Value.
_LONGEST_CODE: Final = 16
_LONGEST_MEANING: Final = 64
# Of each graphic type: the least and the most points (C.18.6.1.2, C.18.9.1.2); 0 for any number.
_IN_IMAGE: Final = {"POINT": (1, 1), "MULTIPOINT": (1, 0), "POLYLINE": (2, 0), "CIRCLE": (2, 2), "ELLIPSE": (4, 4)}
_IN_PATIENT: Final = {
    "POINT": (1, 1), "MULTIPOINT": (1, 0), "POLYLINE": (2, 0), "POLYGON": (4, 0), "ELLIPSE": (4, 4),
    "ELLIPSOID": (6, 6),
}  # fmt: skip


def coded(code: Code) -> Sequence:
    """A Code Sequence with this code (8.8). Raises ValueError for one without value or scheme."""
    if not code.value or not code.scheme:
        raise ValueError(f"A code has a value and a scheme: {code}")
    made = Dataset()
    if len(code.value) <= _LONGEST_CODE:
        made.CodeValue = code.value
    else:
        made.LongCodeValue = code.value
    made.CodingSchemeDesignator, made.CodeMeaning = code.scheme, code.said[:_LONGEST_MEANING]
    return Sequence([made])


def item(value_type: str, relationship: str, name: Code | None = None, below: Iterable[Dataset] = ()) -> Dataset:
    """A content item, with those below it."""
    made = Dataset()
    made.RelationshipType, made.ValueType = relationship, value_type
    if name is not None:
        made.ConceptNameCodeSequence = coded(name)
    if held := list(below):
        made.ContentSequence = Sequence(held)
    return made


def container(name: Code, below: Iterable[Dataset], template: str = "") -> Dataset:
    """A CONTAINER, and the template (PS3.16) that it follows."""
    made = item("CONTAINER", CONTAINS, name, below)
    made.ContinuityOfContent = "SEPARATE"
    if template:
        made.ContentTemplateSequence = template_of(template)
    return made


def template_of(identifier: str) -> Sequence:
    """Content Template Sequence (C.18.8)."""
    made = Dataset()
    made.MappingResource, made.TemplateIdentifier = "DCMR", identifier
    return Sequence([made])


def code_item(relationship: str, name: Code, code: Code) -> Dataset:
    made = item("CODE", relationship, name)
    made.ConceptCodeSequence = coded(code)
    return made


def text_item(relationship: str, name: Code, text: str) -> Dataset:
    made = item("TEXT", relationship, name)
    made.TextValue = text
    return made


def uid_item(relationship: str, name: Code, uid: str) -> Dataset:
    made = item("UIDREF", relationship, name)
    made.UID = uid
    return made


def name_item(relationship: str, name: Code, person: str) -> Dataset:
    made = item("PNAME", relationship, name)
    made.PersonName = person
    return made


def number_item(name: Code, value: float, unit: Code, below: Iterable[Dataset]) -> Dataset:
    """A NUM (C.18.1). Where 16 characters don't hold the number, Floating Point Value says it exactly.

    Raises ValueError for what is no finite number.
    """
    if not math.isfinite(value):
        raise ValueError("A measured value is a finite number.")
    measured = Dataset()
    measured.NumericValue = DSfloat(float(value), auto_format=True)
    if float(str(measured.NumericValue)) != value:
        measured.FloatingPointValue = float(value)
    measured.MeasurementUnitsCodeSequence = coded(unit)
    made = item("NUM", CONTAINS, name, below)
    made.MeasuredValueSequence = Sequence([measured])
    return made


def image_item(
    relationship: str, name: Code | None, sop_class_uid: str, sop_instance_uid: str, *, frame: int = 0, segment: int = 0
) -> Dataset:
    """An IMAGE (C.18.4): the object, one of its frames or one of its segments, from 1; 0 for all of it."""
    named = reference(sop_class_uid, sop_instance_uid)
    if frame:
        named.ReferencedFrameNumber = frame
    if segment:
        named.ReferencedSegmentNumber = segment
    made = item("IMAGE", relationship, name)
    made.ReferencedSOPSequence = Sequence([named])
    return made


def document_item(relationship: str, name: Code | None, document: DocumentReference) -> Dataset:
    """A COMPOSITE (C.18.3): another document."""
    made = item("COMPOSITE", relationship, name)
    made.ReferencedSOPSequence = Sequence([reference(document.sop_class_uid, document.sop_instance_uid)])
    return made


def region_item(relationship: str, name: Code | None, place: Coordinates) -> Dataset:
    """A SCOORD with its image, or a SCOORD3D (C.18.6, C.18.9). Raises ValueError where type and points don't fit."""
    _check(place)
    if place.is_in_patient:
        made = item("SCOORD3D", relationship, name)
        made.ReferencedFrameOfReferenceUID = place.frame_of_reference_uid
    else:
        image = (place.sop_class_uid, place.sop_instance_uid)
        made = item("SCOORD", relationship, name, [image_item(SELECTED_FROM, None, *image, frame=place.frame_number)])
    made.GraphicType = place.graphic_type
    made.GraphicData = [float(number) for point in place.points for number in point]
    return made


def _check(place: Coordinates) -> None:
    bounds = (_IN_PATIENT if place.is_in_patient else _IN_IMAGE).get(place.graphic_type)
    dimensions = 3 if place.is_in_patient else 2
    if bounds is None or not _is_between(len(place.points), *bounds):
        raise ValueError(f"{place.graphic_type} of {len(place.points)} points")
    if not all(len(point) == dimensions and all(map(math.isfinite, point)) for point in place.points):
        raise ValueError(f"Points have {dimensions} finite coordinates.")


def _is_between(count: int, least: int, most: int) -> bool:
    return least <= count and (not most or count <= most)
