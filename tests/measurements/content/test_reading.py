"""Reports of several programs, and what nobody would send."""

import copy
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.dicom.attributes import Attributes
from apps.dicom.reader import read
from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts, reading, tree
from apps.measurements.content.groups import Group, Report, Value
from apps.measurements.content.reading import report_of
from apps.measurements.content.tools import identifier_of, tool_of
from tests import dicoms, documents
from tests.measurements import measured

# A report that OHIF 3.13.2 saved, with all of its tools, of a patient made in code.
OHIF: dict[str, Any] = json.loads((Path(__file__).parent / "ohif.json").read_text())
SAMPLES = Path(os.environ.get("FOVEA_TEST_SAMPLES", "/nowhere")) / "sr"


def read_report(file: bytes) -> Report:
    found = report_of(read(file).attributes)
    assert found is not None
    return found


def ohif() -> dict[str, Group]:
    found = report_of(OHIF)
    assert found is not None
    return {group.tool: group for group in found.groups}


def told(group: Group) -> list[tuple[str, float, str]]:
    return [(each.concept.meaning, each.value, each.unit.value) for each in group.values]


def test_each_tool_of_ohif() -> None:
    found = ohif()
    assert list(found) == [
        "Length", "Bidirectional", "Angle", "CobbAngle", "EllipticalROI", "CircleROI", "RectangleROI",
        "PlanarFreehandROI", "Probe", "ArrowAnnotate", "SplineROI", "LivewireContour",
    ]  # fmt: skip
    graphics = {
        tool: [(place.graphic_type, len(place.points)) for place in group.coordinates_of(value)]
        for tool, group in found.items()
        for value in group.values
    }
    assert graphics["Length"] == [("POLYLINE", 2)]
    assert graphics["Angle"] == graphics["CobbAngle"] == [("POLYLINE", 4)]
    assert graphics["EllipticalROI"] == [("ELLIPSE", 4)]
    assert graphics["CircleROI"] == [("CIRCLE", 2)]
    assert graphics["RectangleROI"] == [("POLYLINE", 5)]
    # The points by which a spline was drawn are none of its outline.
    assert len(graphics["SplineROI"]) == len(graphics["LivewireContour"]) == 1
    assert {len(group.tracking_uid) > 0 for group in found.values()} == {True}


def test_the_values_of_ohif_are_as_written() -> None:
    found = ohif()
    for tool, number in (("Length", 0), ("Bidirectional", 1), ("CircleROI", 4)):
        group = content_of(OHIF, tool)
        nums = [each for each in group if each["0040A040"]["Value"] == ["NUM"]]
        written = nums[number]["0040A300"]["Value"][0]["0040A30A"]["Value"][0]
        assert found[tool].values[number].value == float(written)
    assert [name for name, _, _ in told(found["Bidirectional"])] == ["Long Axis", "Short Axis"]
    assert [name for name, _, _ in told(found["EllipticalROI"])] == [
        "Area", "Maximum", "Minimum", "Mean", "Standard Deviation",
    ]  # fmt: skip
    assert {unit for _, _, unit in told(found["CircleROI"])} == {"mm", "mm2", "[hnsf'U]"}


def content_of(header: dict[str, Any], tool: str) -> list[dict[str, Any]]:
    """The items of the tool's group, as they lie in the JSON."""
    [root] = [each for each in header["0040A730"]["Value"] if concept_of(each) == "126010"]
    for group in root["0040A730"]["Value"]:
        items: list[dict[str, Any]] = group["0040A730"]["Value"]
        if tool_of(items[0]["0040A160"]["Value"][0]) == tool:
            return items
    raise AssertionError(tool)


def concept_of(item: dict[str, Any]) -> str:
    return str(item["0040A043"]["Value"][0]["00080100"]["Value"][0])


def test_what_ohif_writes_of_points_is_no_measurement() -> None:
    found = ohif()
    assert found["Probe"].values == found["ArrowAnnotate"].values == ()
    assert [place.graphic_type for place in found["Probe"].coordinates] == ["POINT"]
    [arrow] = found["ArrowAnnotate"].coordinates
    assert len(arrow.points) == 2
    assert found["ArrowAnnotate"].label == "Arrow text"


@pytest.mark.parametrize(
    ("identifier", "tool"),
    [
        ("Cornerstone3DTools@^0.1.0:Length", "Length"),
        ("Cornerstone3DTools@^0.1.0:Length:Lesion 3", "Length"),
        ("Cornerstone3DTools@^0.1.0:PlanarFreehandROI:SplineROI", "SplineROI"),
        ("Cornerstone3DTools@^0.1.0:Probe:KeyImage:Series", "KeyImage"),
        ("cornerstoneTools@^4.0.0:RectangleRoi", "RectangleROI"),
        ("cornerstoneTools@^4.0.0:FreehandRoi", "PlanarFreehandROI"),
        ("Lesion 1", ""),
        ("dwv:Length", ""),
        ("", ""),
    ],
)
def test_tools_by_their_identifiers(identifier: str, tool: str) -> None:
    assert tool_of(identifier) == tool
    assert not tool or tool_of(identifier_of(tool)) == tool


def test_a_region_beside_the_numbers() -> None:
    """TID 1410, as highdicom and dwv write it."""
    region = measured.drawn((1.0, 2.0, 3.0, 4.0), "CIRCLE")
    region.RelationshipType = "CONTAINS"
    file = measured.report(measured.group(region, measured.value(7.5, concepts.AREA, concepts.SQUARE_MILLIMETRE)))
    [group] = read_report(file).groups
    [place] = group.coordinates
    assert (place.graphic_type, place.points) == ("CIRCLE", ((1.0, 2.0), (3.0, 4.0)))
    assert (place.sop_class_uid, place.sop_instance_uid) == (dicoms.CTImageStorage, measured.SLICE)
    assert group.coordinates_of(group.values[0]) == (place,)


def test_a_frame_of_an_image() -> None:
    length = measured.value(5, concepts.LENGTH, concepts.MILLIMETRE, measured.drawn(frame=4))
    [group] = read_report(measured.report(measured.group(length))).groups
    assert group.values[0].coordinates[0].frame_number == 4


def test_values_of_pixels_are_not_counted_in_pixels() -> None:
    """As OHIF writes them of MR, which has no unit; lengths without millimetres it writes so too, and rightly."""
    drawn = measured.value(12.0, concepts.LENGTH, concepts.PIXELS, measured.drawn())
    [group] = read_report(
        measured.report(measured.group(drawn, measured.value(7.0, concepts.MEAN, concepts.PIXELS)))
    ).groups
    assert [value.unit for value in group.values] == [concepts.PIXELS, concepts.NO_UNIT]


@pytest.mark.parametrize("code", ["CORNERSTONEFREETEXT", "CS3DTEXT"])
def test_a_label_that_was_typed_for_a_code(code: str) -> None:
    site = Code("A spot", code, "CORNERSTONEJS")
    [group] = read_report(measured.report(measured.length(site=site))).groups
    assert (group.label, group.sites) == ("A spot", ())


def test_labels_sites_and_observers() -> None:
    found = read_report(measured.report(measured.length(label="Node", site=measured.LIVER), **measured.verified()))
    [group] = found.groups
    assert (group.label, group.sites, group.tracking_uid) == ("Node", (measured.LIVER,), measured.TRACKING)
    assert (found.observer, found.is_machine_made, found.is_verified) == ("Ray^Xavier", False, True)
    assert (found.verified_by, found.title) == ("Ray^Xavier", concepts.MEASUREMENT_REPORT)


def test_a_device_is_a_machine_unless_a_person_measured_with_it() -> None:
    kind = [measured.as_dataset(concepts.DEVICE)]
    device = [
        measured.coded("CODE", concepts.OBSERVER_TYPE, "HAS OBS CONTEXT", ConceptCodeSequence=kind),
        measured.coded("TEXT", concepts.DEVICE_NAME, "HAS OBS CONTEXT", TextValue="Finder"),
    ]
    person = measured.coded("PNAME", concepts.PERSON_NAME, "HAS OBS CONTEXT", PersonName="Ray^Xavier")
    body = measured.coded("CONTAINER", concepts.IMAGING_MEASUREMENTS, ContentSequence=[measured.length()])
    alone = read_report(documents.report(*device, body))
    assert (alone.observer, alone.is_machine_made) == ("Finder", True)
    both = read_report(documents.report(*device, person, body))
    assert (both.observer, both.is_machine_made) == ("Ray^Xavier", False)


def test_others_are_no_reports_of_measurements() -> None:
    assert report_of(read(documents.report(documents.number("Diameter", "3", "cm"))).attributes) is None
    assert report_of(read(dicoms.ct_slice()).attributes) is None
    assert report_of({}) is None


def spoiled(change: Any) -> Report | None:
    header = copy.deepcopy(OHIF)
    change(content_of(header, "Length"))
    return report_of(header)


def num(items: list[dict[str, Any]]) -> dict[str, Any]:
    return next(each for each in items if each["0040A040"]["Value"] == ["NUM"])


def scoord(items: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = num(items)["0040A730"]["Value"][0]
    return found


def first(report: Report | None) -> tuple[Value, ...]:
    assert report is not None
    return report.groups[0].values


@pytest.mark.parametrize("data", [[1.0, 2.0, 3.0], [1.0, None, 2.0, 3.0, 4.0], [1.0, math.inf], ["a", "b"], [], "x"])
def test_a_region_of_broken_points_is_left_out(data: Any) -> None:
    [value] = first(spoiled(lambda items: scoord(items).update({"00700022": {"vr": "FL", "Value": data}})))
    assert value.coordinates == () or value.coordinates[0].points == ((1.0, 2.0), (3.0, 4.0))
    assert value.value == ohif()["Length"].values[0].value


def test_a_region_of_too_many_points_is_left_out() -> None:
    data = [0.5] * (2 * reading.MOST_POINTS + 2)
    [value] = first(spoiled(lambda items: scoord(items).update({"00700022": {"vr": "FL", "Value": data}})))
    assert value.coordinates == ()


@pytest.mark.parametrize("number", ["", "abc", None, math.inf, "nan", [], {}])
def test_a_number_that_is_none_is_left_out(number: Any) -> None:
    def change(items: list[dict[str, Any]]) -> None:
        num(items)["0040A300"]["Value"][0]["0040A30A"]["Value"] = [number]

    assert first(spoiled(change)) == ()


def nested(depth: int, width: int) -> dict[str, Any]:
    """Measurement groups within each other, and as many of the same beside each."""
    group: dict[str, Any] = {}
    name = OHIF["0040A730"]["Value"][-1]["0040A730"]["Value"][0]["0040A043"]
    for _ in range(depth):
        group = {
            "0040A040": {"vr": "CS", "Value": ["CONTAINER"]},
            "0040A043": name,
            "0040A730": {"vr": "SQ", "Value": [group] * width},
        }
    return {"00080016": OHIF["00080016"], **group}


def test_groups_within_groups_end_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = report_of(nested(500, 1))
    assert deep is not None
    assert len(deep.groups) == 65
    monkeypatch.setattr(tree, "MAX_ITEMS", 300)
    wide = report_of(nested(60, 2))
    assert wide is not None
    assert len(wide.groups) <= 301


SMALL: Attributes = json.loads(json.dumps(dict(read(measured.report(measured.length(label="Node"))).attributes)))


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of every element."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, list):
            yield (*way, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*way, key))


PLACES = list(places(SMALL))
ANYTHING = st.none() | st.integers() | st.floats() | st.text(max_size=20) | st.just({"Alphabetic": "A^B"})


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PLACES), ANYTHING)
def test_whatever_stands_somewhere_it_is_read_or_left_out(way: tuple[Any, ...], instead: Any) -> None:
    header = copy.deepcopy(SMALL)
    place: Any = header
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = instead
    found = report_of(header)
    assert found is None or all(math.isfinite(value.value) for group in found.groups for value in group.values)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
def test_samples_of_others() -> None:
    """What dcmqi, dwv and highdicom have written."""

    def of(name: str) -> Report | None:
        return report_of(pydicom.dcmread(SAMPLES / name).to_json_dict())

    pet = of("dcmqi-head-neck-pet/sr.dcm")
    assert pet is not None
    [group] = pet.groups
    assert group.segment is not None
    assert (group.segment.segment_number, group.tracking_identifier) == (1, "primary tumor")
    assert group.segment.source_series_uid.endswith("261560220703676715130542397405")
    assert (group.values[0].value, group.values[0].derivation.meaning, len(group.values)) == (6.01529, "Mean", 22)
    assert [site.meaning for site in group.sites] == ["pharyngeal tonsil (adenoid)"]
    ellipse = of("tid1500-dwv/sr-ellipse.dcm")
    assert ellipse is not None
    assert [each.coordinates[0].graphic_type for each in ellipse.groups] == ["ELLIPSE"] * 3
    several = of("sr_document_with_multiple_groups.dcm")
    assert several is not None
    assert [each.tracking_identifier for each in several.groups][1:3] == ["LungNodule0001", "Aorta0001"]
    assert several.groups[3].coordinates[0].is_in_patient
    assert of("test-SR.dcm") is None
