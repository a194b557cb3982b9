"""What a report of measurements says (PS3.16 TID 1500): groups, each about one thing, with values and where it is."""

from dataclasses import dataclass

from apps.dicom.sr_tree import NO_CODE, Code

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where something is: in an image (SCOORD, PS3.3 C.18.6) or in the patient (SCOORD3D, C.18.9).

    `graphic_type` is POINT, MULTIPOINT, POLYLINE, CIRCLE, ELLIPSE, POLYGON or ELLIPSOID. `points` are (column, row) of
    an image, where (0, 0) is the upper left corner of the first pixel and (0.5, 0.5) its centre, or (x, y, z) in
    millimetres of the patient (LPS) when `frame_of_reference_uid` is given. `frame_number` counts from 1; 0 where the
    image has one frame.
    """

    graphic_type: str
    points: tuple[Point, ...]
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    frame_number: int = 0
    frame_of_reference_uid: str = ""

    @property
    def is_in_patient(self) -> bool:
        return bool(self.frame_of_reference_uid)


@dataclass(frozen=True, slots=True)
class SegmentReference:
    """A segment of a segmentation that a group is about (TID 1411), and the series of the images it lies over."""

    sop_class_uid: str
    sop_instance_uid: str
    segment_number: int
    source_series_uid: str = ""


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """A structured report that a value was taken over from."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Value:
    """A number (TID 300): what was measured, how much, in which unit (UCUM), worked out how, and along what.

    One that is `quoted_from` another report was measured there: it is not counted again.
    """

    concept: Code
    value: float
    unit: Code
    derivation: Code = NO_CODE
    coordinates: tuple[Coordinates, ...] = ()
    quoted_from: DocumentReference | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A qualitative statement: its concept, and a code or a text."""

    concept: Code
    code: Code = NO_CODE
    text: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Measurements of one thing (TID 1410, 1411, 1501).

    `tool` is the name of the tool that OHIF would draw it with (Length, Bidirectional, …), empty for others'.
    `coordinates` are those of the group itself; values may have their own. `label` is what a person called it.
    """

    tracking_uid: str
    tracking_identifier: str = ""
    tool: str = ""
    label: str = ""
    finding: Code = NO_CODE
    sites: tuple[Code, ...] = ()
    values: tuple[Value, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    coordinates: tuple[Coordinates, ...] = ()
    segment: SegmentReference | None = None

    def coordinates_of(self, value: Value) -> tuple[Coordinates, ...]:
        """Where a value of the group was measured: its own coordinates, else the group's, else those of the first value
        that has some, since many programs write the region of several numbers once."""
        if value.coordinates or self.coordinates:
            return value.coordinates or self.coordinates
        return next((each.coordinates for each in self.values if each.coordinates), ())


@dataclass(frozen=True, slots=True)
class Report:
    """A report of measurements. `observer` is the person or the device that measured; a device is a machine."""

    title: Code
    groups: tuple[Group, ...]
    observer: str = ""
    is_machine_made: bool = False
    is_verified: bool = False
    verified_by: str = ""

    @property
    def is_quotation(self) -> bool:
        """Whether all its values were measured in other reports."""
        values = [value for group in self.groups for value in group.values]
        return bool(values) and all(value.quoted_from for value in values)
