"""What figures measure, in images of each kind of calibration."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts, figures, solids
from apps.measurements.content.calibration import Calibration, Spacing, spacing_of
from apps.measurements.content.figures import Figure, Image, check_points, group_of
from apps.measurements.content.groups import Coordinates, Group
from apps.measurements.content.placing import in_image, in_patient
from apps.measurements.content.solids import Contour, Solid
from apps.measurements.content.units import unit_of
from apps.volumes.geometry.reading import frames_of

SHAPE = (40, 50)
VALUES = np.add.outer(10.0 * np.arange(SHAPE[0]), np.arange(SHAPE[1]))
# Rows are 2 mm apart, columns 0.5 mm.
PLANE = Spacing(2.0, 0.5, Calibration.PLANE)
IMAGE = Image("1.2.840.10008.5.1.4.1.1.2", "1.2.3", 0, PLANE, VALUES, concepts.HOUNSFIELD)
POINTS = {
    "length": ((1.0, 2.0), (7.0, 4.0)),
    "angle": ((5.0, 1.0), (1.0, 1.0), (1.0, 9.0)),
    "cobb": ((0.0, 0.0), (4.0, 0.0), (30.0, 3.0), (26.0, 4.0)),
    "bidirectional": ((10.0, 10.0), (10.0, 12.0), (4.0, 11.0), (16.0, 11.0)),
    "polygon": ((4.2, 3.7), (12.8, 3.7), (12.8, 9.8), (4.2, 9.8)),
    "rectangle": ((4.2, 3.7), (12.8, 3.7), (12.8, 9.8), (4.2, 9.8)),
    "ellipse": ((10.0, 14.0), (30.0, 14.0), (20.0, 4.0), (20.0, 24.0)),
    "circle": ((20.5, 10.5), (28.5, 10.5)),
    "point": ((7.9, 3.1),),
}


def measured(tool: str, image: Image = IMAGE, **changed: Any) -> Group:
    return group_of(Figure(tool, changed.pop("points", POINTS[tool]), **changed), image, "2.25.1")


def told(group: Group) -> dict[str, float]:
    return {each.concept.meaning: each.value for each in group.values}


def units(group: Group) -> dict[str, str]:
    return {each.concept.meaning: each.unit.value for each in group.values}


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("length", {"Length": 5.0}),
        ("angle", {"Angle": 90.0}),
        ("cobb", {"Cobb angle": 45.0}),
        # 6 mm wide, 4 mm high: the first two points are the short axis.
        ("bidirectional", {"Long Axis": 6.0, "Short Axis": 4.0}),
    ],
)
def test_lines_and_angles(tool: str, expected: dict[str, float]) -> None:
    assert told(measured(tool)) == pytest.approx(expected)


@pytest.mark.parametrize("tool", ["polygon", "rectangle"])
def test_outlines(tool: str) -> None:
    inside = VALUES[4:10, 4:13]
    found = measured(tool)
    axes = {"Long Axis": math.hypot(4.3, 12.2), "Short Axis": 4.3 * math.hypot(4.3, 12.2) / 12.2}
    expected = {
        "Area": 4.3 * 12.2, "Perimeter": 2 * (4.3 + 12.2), "Maximum": inside.max(), "Minimum": inside.min(),
        "Mean": inside.mean(), "Standard Deviation": inside.std(),
    }  # fmt: skip
    assert told(found) == pytest.approx(expected | (axes if tool == "polygon" else {}))
    [place] = found.values[0].coordinates
    assert place.points == (*POINTS[tool], POINTS[tool][0])


def test_an_ellipse_and_a_circle_in_the_body() -> None:
    """Ten columns are 5 mm, ten rows 20 mm: the long axis goes down, though it was drawn second."""
    found = measured("ellipse")
    assert told(found)["Area"] == pytest.approx(math.pi * 5 * 20)
    assert found.values[0].coordinates[0].points == (*POINTS["ellipse"][2:], *POINTS["ellipse"][:2])
    circle = measured("circle")
    of_circle = {name: told(circle)[name] for name in ("Area", "Perimeter", "Radius", "Mean")}
    expected = {"Area": math.pi * 16, "Perimeter": math.pi * 8, "Radius": 4.0, "Mean": VALUES[10, 20]}
    assert of_circle == pytest.approx(expected)


def test_a_point_says_what_the_pixel_is() -> None:
    assert told(measured("point")) == {"Attenuation Coefficient": VALUES[3, 7]}
    counts = replace(IMAGE, unit=concepts.NO_UNIT)
    assert told(measured("point", counts)) == {"Mean": VALUES[3, 7]}
    colours = measured("point", replace(IMAGE, values=None))
    assert (colours.values, len(colours.coordinates)) == ((), 1)


def test_only_the_first_number_has_the_region() -> None:
    for tool, kind in figures.FIGURES.items():
        found = measured(tool)
        drawn = [len(value.coordinates) for value in found.values]
        axes = [value.concept in (concepts.LONG_AXIS, concepts.SHORT_AXIS) for value in found.values]
        assert drawn == [
            int(is_first or has_own) for is_first, has_own in zip([True, *[False] * 9], axes, strict=False)
        ]
        assert (found.tool, found.tracking_identifier) == (kind.tool, f"Cornerstone3DTools@^0.1.0:{kind.tool}")
    assert len(measured("angle").values[0].coordinates[0].points) == 4


def test_colours_have_no_values() -> None:
    colours = told(measured("polygon", replace(IMAGE, values=None)))
    assert list(colours) == ["Area", "Perimeter", "Long Axis", "Short Axis"]


def test_what_was_not_imaged_counts_nowhere() -> None:
    values = VALUES.copy()
    values[4:6] = np.nan
    assert told(measured("polygon", replace(IMAGE, values=values)))["Minimum"] == VALUES[6, 4]
    nothing = replace(IMAGE, values=np.full(SHAPE, np.nan))
    assert list(told(measured("rectangle", nothing))) == ["Area", "Perimeter"]
    assert told(measured("point", nothing)) == {}


def test_without_calibration_there_are_pixels() -> None:
    image = replace(IMAGE, spacing=Spacing(1.0, 1.0, Calibration.NONE))
    found = measured("polygon", image)
    assert (units(found)["Area"], units(found)["Perimeter"], units(found)["Mean"]) == ("1", "1", "[hnsf'U]")
    assert told(found)["Area"] == pytest.approx(8.6 * 6.1)
    [said] = found.evaluations
    assert (said.concept, said.text) == (figures.CALIBRATION, "The image says nothing of millimetres: pixels.")
    assert units(measured("angle", image)) == {"Angle": "deg"}
    assert measured("polygon").evaluations == ()


@pytest.mark.parametrize(
    ("tool", "points", "reason"),
    [
        ("angle", ((1, 1), (1, 1), (2, 2)), "no direction"),
        ("ellipse", ((0, 5), (10, 5), (0, 0), (10, 10)), "right angles"),
        ("ellipse", ((0, 5), (10, 5), (5, 5), (5, 5)), "two axes"),
        ("rectangle", ((0, 0), (10, 0), (0, 10), (10, 10)), "one after the other"),
        ("rectangle", ((0, 0), (10, 0), (14, 10), (4, 10)), "right angles"),
    ],
)
def test_figures_that_are_none(tool: str, points: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        measured(tool, points=points)


@pytest.mark.parametrize(
    ("tool", "points", "reason"),
    [
        ("length", ((1, 1),), "2 points"),
        ("polygon", ((1, 1), (2, 2)), "3 to 1000"),
        ("point", ((50.5, 3),), "beside the image"),
        ("point", ((3, -0.1),), "beside the image"),
    ],
)
def test_points_are_checked(tool: str, points: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_points(Figure(tool, points), *SHAPE)
    check_points(Figure("point", ((50.0, 40.0),)), *SHAPE)


def header(**elements: Any) -> dict[str, Any]:
    tags = {
        "Modality": ("00080060", "CS"), "PixelSpacing": ("00280030", "DS"), "ImagerPixelSpacing": ("00181164", "DS"),
        "PixelSpacingCalibrationType": ("00280A02", "CS"), "Magnification": ("00181114", "DS"),
        "NominalScannedPixelSpacing": ("00182010", "DS"), "PixelAspectRatio": ("00280034", "IS"),
        "Regions": ("00186011", "SQ"), "ImageComments": ("00204000", "LT"),
    }  # fmt: skip
    return {
        tags[name][0]: {"vr": tags[name][1], "Value": value if isinstance(value, list) else [value]}
        for name, value in elements.items()
    }


def region(column: float, row: float, unit: int = 3, corner: tuple[int, int] = (9, 19)) -> dict[str, Any]:
    """An ultrasound region from the pixel (0, 0) to this one."""
    numbers = {
        "00186012": 1, "00186018": 0, "0018601A": 0, "0018601C": corner[0], "0018601E": corner[1], "00186024": unit,
        "00186026": unit, "0018602C": column, "0018602E": row,
    }  # fmt: skip
    return {tag: {"vr": "UL", "Value": [number]} for tag, number in numbers.items()}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Modality": "CT", "PixelSpacing": [0.7, 0.6]}, (0.7, 0.6, Calibration.PLANE)),
        ({"Modality": "DX", "PixelSpacing": [0.1, 0.1]}, (0.1, 0.1, Calibration.UNSTATED)),
        (
            {"Modality": "DX", "PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.1, 0.1]},
            (0.1, 0.1, Calibration.DETECTOR),
        ),
        (
            {"Modality": "DX", "PixelSpacing": [0.08, 0.08], "ImagerPixelSpacing": [0.1, 0.1]},
            (0.08, 0.08, Calibration.CORRECTED),
        ),
        (
            {"Modality": "DX", "PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"},
            (0.1, 0.1, Calibration.CORRECTED),
        ),
        ({"Modality": "MG", "ImagerPixelSpacing": [0.07, 0.07]}, (0.07, 0.07, Calibration.DETECTOR)),
        (
            {"Modality": "MG", "ImagerPixelSpacing": [0.1, 0.1], "Magnification": 1.25},
            (0.08, 0.08, Calibration.MAGNIFICATION),
        ),
        (
            {"Modality": "MG", "ImagerPixelSpacing": [0.1, 0.1], "Magnification": 0.5},
            (0.1, 0.1, Calibration.DETECTOR),
        ),
        (
            {"Modality": "CT", "PixelSpacing": [0.7, 0.6], "ImageComments": "Not quantifiable: missing-slices."},
            (1.0, 1.0, Calibration.FORBIDDEN),
        ),
        ({"Modality": "OT", "NominalScannedPixelSpacing": [0.2, 0.3]}, (0.2, 0.3, Calibration.SCANNED)),
        ({"Modality": "OT"}, (1.0, 1.0, Calibration.NONE)),
        ({"Modality": "OT", "PixelAspectRatio": [6, 5]}, (1.2, 1.0, Calibration.NONE)),
        ({"Modality": "CT", "PixelSpacing": [0.0, 0.5]}, (1.0, 1.0, Calibration.NONE)),
        ({"Modality": "CT", "PixelSpacing": [0.5, 1e9]}, (1.0, 1.0, Calibration.NONE)),
        ({"Modality": "US", "Regions": [region(0.03, 0.02)]}, (0.2, 0.3, Calibration.REGION)),
        ({"Modality": "US", "Regions": [region(0.03, -0.02)]}, (0.2, 0.3, Calibration.REGION)),
        # Seconds by centimetres per second; and a region in which not all of the figure lies.
        ({"Modality": "US", "Regions": [region(0.03, 0.02, unit=4)]}, (1.0, 1.0, Calibration.NONE)),
        ({"Modality": "US", "Regions": [region(0.03, 0.02, corner=(5, 5))]}, (1.0, 1.0, Calibration.NONE)),
    ],
)
def test_what_millimetres_are_known_by(elements: dict[str, Any], expected: tuple[float, float, Calibration]) -> None:
    known = header(**elements)
    found = spacing_of(known, frames_of(known, 0)[0], ((1.0, 2.0), (10.0, 20.0)))
    assert (found.row, found.column) == pytest.approx(expected[:2])
    assert found.calibration is expected[2]
    assert found.is_millimetres == (expected[2] not in (Calibration.NONE, Calibration.FORBIDDEN))


def test_points_in_the_patient_and_back() -> None:
    """PS3.3 C.7.6.2.1.1: the middle of the first pixel lies at Image Position, rows go down."""
    known = {
        "00200032": {"vr": "DS", "Value": [-10.0, 20.0, 30.0]},
        "00200037": {"vr": "DS", "Value": [0.6, 0.8, 0.0, 0.0, 0.0, -1.0]},
        "00280030": {"vr": "DS", "Value": [2.0, 0.5]},
    }
    frame = frames_of(known, 0)[0]
    points = np.array([[0.5, 0.5], [2.5, 0.5], [0.5, 3.5]])
    placed = in_patient(points, frame)
    assert placed is not None
    assert placed == pytest.approx(np.array([[-10, 20, 30], [-9.4, 20.8, 30], [-10, 20, 24]]))
    back = in_image(placed, frame)
    assert back == pytest.approx(points)
    nowhere = frames_of({"00280030": known["00280030"]}, 0)[0]
    assert (in_patient(points, nowhere), in_image(placed, nowhere)) == (None, None)


def test_units_of_values() -> None:
    assert [unit_of(name).value for name in ("HU", "BQML", "PCT", "US", "", "OD")] == [
        "[hnsf'U]", "Bq/ml", "%", "1", "1", "1",
    ]  # fmt: skip


def test_what_a_person_said_goes_along() -> None:
    site = Code("Lung", "39607008", "SCT")
    found = measured("length", label="Node", finding=concepts.LESION, sites=(site,))
    assert (found.label, found.finding, found.sites) == ("Node", concepts.LESION, (site,))


def contours(*places: float, **changed: Any) -> list[Contour]:
    """Squares of 20 by 40 pixels of 0.5 mm by 2 mm, in images at these heights."""
    outline = Coordinates("POLYLINE", ((1, 1), (21, 1), (21, 41), (1, 41), (1, 1)), "1.2", "1.2.3")
    known = {
        "00200037": {"vr": "DS", "Value": [0.6, 0.8, 0.0, 0.0, 0.0, -1.0]},
        "00280030": {"vr": "DS", "Value": [2.0, 0.5]},
    }
    normal = np.array([-0.8, 0.6, 0.0])
    positions = [{"00200032": {"vr": "DS", "Value": (normal * place).tolist()}} for place in places]
    return [Contour(outline, replace(frames_of(known | each, 0)[0], **changed)) for each in positions]


def test_a_volume_of_contours() -> None:
    found = solids.group_of(Solid("Ventricle", concepts.LESION), contours(0.0, 10.0, 20.0), "2.25.9")
    [value] = found.values
    assert (value.concept, value.unit, len(value.coordinates)) == (concepts.VOLUME, concepts.MILLILITRE, 3)
    assert value.value == pytest.approx(10 * 80 * 30 / 1000)
    assert (found.label, found.finding, found.tool) == ("Ventricle", concepts.LESION, "")


def test_volumes_that_are_none() -> None:
    one, other = contours(0.0), contours(10.0, frame_of_reference="1.9")
    with pytest.raises(ValueError, match="same place"):
        solids.group_of(Solid(), [*one, *other], "2.25.9")
    with pytest.raises(ValueError, match="where it lies"):
        solids.group_of(Solid(), contours(0.0, 10.0, position=None), "2.25.9")
    with pytest.raises(ValueError, match="no volume"):
        solids.group_of(Solid(), contours(5.0, 5.0), "2.25.9")
