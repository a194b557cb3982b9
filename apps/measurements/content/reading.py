"""What a report of measurements says, read from its header: TID 1500 of any program, and others' measurement groups.

Coordinates may lie inside a number (TID 300, as OHIF writes them) or beside it in the group (TID 1410, 1411, as
highdicom, dwv and dcmqi do). Nothing a header holds makes this fail or go on for long: what can't be read is left out.
"""

from collections.abc import Iterator
from typing import Final

from apps.dicom.attributes import Attributes, integer, items, number, numbers, text, values
from apps.dicom.sr_tree import NO_CODE, Code, code_of, evidence, is_report
from apps.dicom.uids import is_valid_uid
from apps.measurements.content import concepts
from apps.measurements.content.groups import (
    Coordinates,
    DocumentReference,
    Evaluation,
    Group,
    Point,
    Report,
    SegmentReference,
    Value,
)
from apps.measurements.content.tools import tool_of
from apps.measurements.content.tree import Node, tree_of

# Points of one graphic. The largest contours that people draw have some thousands.
MOST_POINTS: Final = 100_000
# Characters of a label, an identifier, a name or an evaluation; the rest is left out.
LONGEST: Final = 1024
# Of an IS and of a US (PS3.5 6.2): Referenced Frame Number, Referenced Segment Number.
LARGEST: Final = 2**31 - 1
_LAST_SEGMENT: Final = 2**16 - 1
_VERIFIED: Final = "VERIFIED"
_REFERENCED, _SOP_CLASS, _SOP_INSTANCE = "00081199", "00081150", "00081155"
_GRAPHICS: Final = {"SCOORD": 2, "SCOORD3D": 3}
# Where a text stands, and the points that a spline was drawn by, which OHIF keeps beside the region (private codes).
_ASIDE: Final = ("TextPosition", "ControlPoints")
# Codes by which OHIF says that a text was typed, whatever the scheme: CORNERSTONEJS, CST4, 99dcmjs.
_TYPED: Final = ("CORNERSTONEFREETEXT", "CS3DTEXT")
_OF_PIXELS: Final = (concepts.MEAN, concepts.STANDARD_DEVIATION, concepts.MINIMUM, concepts.MAXIMUM)
_OF_GROUP: Final = (
    concepts.TRACKING_IDENTIFIER, concepts.TRACKING_UID, concepts.FINDING, concepts.FINDING_SITE,
    concepts.OLD_FINDING_SITE, concepts.COMMENT, concepts.SHORT_LABEL,
)  # fmt: skip


def report_of(header: Attributes) -> Report | None:
    """What the report says; None for what is no structured report, or has no measurement group (DCM 125007).

    `header` is DICOM JSON. Groups are in the document's order, wherever in it they stand.
    """
    if not is_report(text(header, "00080016")):
        return None
    root = tree_of(header)
    series = {sop: uids[1] for sop, uids in evidence(header).items()}
    groups = tuple(_group(node, series) for node in root.everywhere() if node.is_named(concepts.MEASUREMENT_GROUP))
    if not groups:
        return None
    observer, is_machine_made = _observer(root)
    return Report(
        title=root.name,
        groups=groups,
        observer=observer,
        is_machine_made=is_machine_made,
        is_verified=text(header, "0040A493").upper() == _VERIFIED,
        verified_by=_verifier(header),
    )


def _verifier(header: Attributes) -> str:
    """The last Verifying Observer Name (0040,A075), as it is written: Doe^Jane."""
    return next((text(each, "0040A075") for each in reversed(list(items(header, "0040A073")))), "")


def _observer(root: Node) -> tuple[str, bool]:
    """Who or what observed (TID 1001), and whether it was a device alone. Without a type it is a person (TID 1002)."""
    people = [text(node.attributes, "0040A123") or _text(node) for node in root.named(concepts.PERSON_NAME)]
    devices = [_text(node) for node in root.named(concepts.DEVICE_NAME)]
    types = [code_of(node.attributes, "0040A168").value for node in root.named(concepts.OBSERVER_TYPE)]
    is_device = concepts.DEVICE.value in types and concepts.PERSON.value not in types and not people
    return next(filter(None, devices if is_device else people), ""), is_device


def _group(node: Node, series: dict[str, str]) -> Group:
    identifier, uid = _first(node, concepts.TRACKING_IDENTIFIER), _first(node, concepts.TRACKING_UID)
    finding, sites = _codes(node, concepts.FINDING), _codes(node, concepts.FINDING_SITE, concepts.OLD_FINDING_SITE)
    measured = [_value(each) for each in node.nodes if each.value_type == "NUM"]
    read = [each for each in measured if each is not None]
    return Group(
        tracking_uid=uid if is_valid_uid(uid) else "",
        tracking_identifier=identifier,
        tool=tool_of(identifier),
        label=_label(node, [*finding, *sites]),
        finding=next((each for each in finding if not _is_typed(each)), NO_CODE),
        sites=tuple(each for each in sites if not _is_typed(each)),
        values=tuple(each for each in read if not _is_place(each)),
        evaluations=tuple(_evaluations(node)),
        coordinates=(*_coordinates(node), *(place for each in read if _is_place(each) for place in each.coordinates)),
        segment=_segment(node, series),
    )


def _first(node: Node, concept: Code) -> str:
    return next((_text(each) for each in node.named(concept)), "")


def _text(node: Node) -> str:
    """What a TEXT or a UIDREF says."""
    return text(node.attributes, "0040A124" if node.value_type == "UIDREF" else "0040A160")[:LONGEST]


def _codes(node: Node, *names: Code) -> list[Code]:
    found = (code_of(each.attributes, "0040A168") for each in node.named(*names) if each.value_type == "CODE")
    return [each for each in found if each]


def _is_typed(code: Code) -> bool:
    return code.value in _TYPED


def _label(node: Node, codes: list[Code]) -> str:
    """What a person called it: a comment or a short label, in older objects of OHIF's the meaning of a code."""
    said = [_first(node, concept) for concept in (concepts.COMMENT, concepts.SHORT_LABEL)]
    return next(filter(None, [*said, *(each.meaning for each in codes if _is_typed(each))]), "")


def _value(node: Node) -> Value | None:
    """The number; None where it is missing (PS3.3 C.18.1: the qualifier says why) or not finite."""
    measured = next(items(node.attributes, "0040A300"), None)
    found = None if measured is None else _number(measured)
    if measured is None or found is None:
        return None
    derivation = next(iter(_codes(node, concepts.DERIVATION)), NO_CODE)
    where = tuple(_coordinates(node))
    return Value(node.name, found, _unit(node, measured), derivation, where, _quoted_from(node))


def _quoted_from(node: Node) -> DocumentReference | None:
    """The report that it says to be inferred from (COMPOSITE, C.18.3); the value is that one's."""
    named = (
        each
        for inner in node.nodes
        if (inner.value_type, inner.relationship) == ("COMPOSITE", "INFERRED FROM")
        for each in items(inner.attributes, _REFERENCED)
    )
    found = (DocumentReference(text(each, _SOP_CLASS), text(each, _SOP_INSTANCE)) for each in named)
    return next((each for each in found if is_report(each.sop_class_uid) and each.sop_instance_uid), None)


def _unit(node: Node, measured: Attributes) -> Code:
    """Its unit. Values of pixels that have none are in pixels for OHIF."""
    unit = code_of(measured, "004008EA")
    return concepts.NO_UNIT if unit == concepts.PIXELS and node.is_named(*_OF_PIXELS) else unit


def _number(measured: Attributes) -> float | None:
    """Floating Point Value where there is one, which is what Numeric Value was rounded from."""
    exact = number(measured, "0040A161")
    return number(measured, "0040A30A") if exact is None else exact


def _is_place(value: Value) -> bool:
    """Whether it is the 0 that OHIF writes of a point or an arrow, where only the place is meant."""
    return (value.concept.value, value.unit.value) == (concepts.CENTRE.value, concepts.NO_UNIT.value)


def _coordinates(node: Node) -> Iterator[Coordinates]:
    """Of the regions right below."""
    for each in node.nodes:
        if each.value_type in _GRAPHICS and each.relationship != "HAS CONCEPT MOD" and each.name.value not in _ASIDE:
            found = _graphic(each)
            if found is not None:
                yield found


def _graphic(node: Node) -> Coordinates | None:
    graphic_type = text(node.attributes, "00700023").upper()
    points = _points(node.attributes, _GRAPHICS[node.value_type])
    if not graphic_type or not points:
        return None
    if node.value_type == "SCOORD3D":
        frame_of_reference = text(node.attributes, "30060024")
        found = Coordinates(graphic_type, points, frame_of_reference_uid=frame_of_reference)
        return found if found.is_in_patient else None
    image = next((each for inner in node.nodes for each in items(inner.attributes, _REFERENCED)), {})
    frame = _count(image, "00081160", LARGEST)
    return Coordinates(graphic_type, points, text(image, _SOP_CLASS), text(image, _SOP_INSTANCE), frame)


def _points(graphic: Attributes, dimensions: int) -> tuple[Point, ...]:
    """None where there are too many, or where one is no finite number: the others would be in the wrong place."""
    data = numbers(graphic, "00700022")
    if len(data) != len(values(graphic, "00700022")) or len(data) % dimensions or len(data) > MOST_POINTS * dimensions:
        return ()
    return tuple(tuple(data[start : start + dimensions]) for start in range(0, len(data), dimensions))


def _segment(node: Node, series: dict[str, str]) -> SegmentReference | None:
    """The segment (TID 1411, 1410), and the series that it lies over, by itself or by one of its images."""
    for each in node.named(concepts.REFERENCED_SEGMENT, concepts.REFERENCED_SEGMENTATION_FRAME):
        reference = next(items(each.attributes, _REFERENCED), {})
        segment = _count(reference, "0062000B", _LAST_SEGMENT)
        if segment and is_valid_uid(text(reference, _SOP_INSTANCE)):
            source = _first(node, concepts.SOURCE_SERIES) or _series_of_images(node, series)
            return SegmentReference(text(reference, _SOP_CLASS), text(reference, _SOP_INSTANCE), segment, source)
    return None


def _count(item: Attributes, tag: str, most: int) -> int:
    """A number that counts from 1; 0 where it is missing or none."""
    found = integer(item, tag) or 0
    return found if 0 < found <= most else 0


def _series_of_images(node: Node, series: dict[str, str]) -> str:
    named = node.named(concepts.SOURCE_IMAGE_FOR_SEGMENTATION)
    images = (text(each, _SOP_INSTANCE) for image in named for each in items(image.attributes, _REFERENCED))
    return next((series[image] for image in images if image in series), "")


def _evaluations(node: Node) -> Iterator[Evaluation]:
    """What the group says in codes and words besides."""
    for each in node.nodes:
        if each.relationship != "CONTAINS" or each.is_named(*_OF_GROUP):
            continue
        if each.value_type == "CODE" and (code := code_of(each.attributes, "0040A168")):
            yield Evaluation(each.name, code=code)
        elif each.value_type == "TEXT" and (said := _text(each)):
            yield Evaluation(each.name, text=said)
