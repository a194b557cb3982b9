"""Measurements both ways, for each tool of the viewer: drawn there and read by us, written by us and drawn there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext

from apps.measurements.content import geometry
from apps.measurements.content.groups import Group
from apps.measurements.content.reading import report_of
from tests.browser import site, studies
from tests.browser.drawing import Drawing, Measured, Points
from tests.browser.viewer import Viewer

OBLONG: Final = studies.oblong_head()
# Millimetres from column to column, and from row to row.
ACROSS, DOWN = 2.0, 1.5
# What is dragged, then what is clicked, as far apart that no tool begins on another's text.
DRAWN: Final[dict[str, tuple[tuple[Points, ...], Points]]] = {
    "Length": ((((4, 6), (18, 12)),), ()),
    "Bidirectional": ((((38, 6), (56, 12)),), ()),
    "Angle": ((((78, 5), (84, 14)),), ((90, 6),)),
    "CobbAngle": ((((4, 24), (18, 26)), ((4, 32), (18, 36))), ()),
    "EllipticalROI": ((((38, 30), (46, 34)),), ()),
    "CircleROI": ((((70, 30), (75, 30)),), ()),
    "RectangleROI": ((((4, 48), (14, 58)),), ()),
    "PlanarFreehandROI": ((((36, 48), (46, 48), (48, 56), (42, 60), (36, 56), (36, 48.4)),), ()),
    "Probe": ((), ((84, 50),)),
    "ArrowAnnotate": ((((4, 80), (14, 84)),), ()),
    "SplineROI": ((), ((36, 74), (48, 74), (48, 86), (36, 86), (36, 74))),
    "LivewireContour": ((), ((70, 74), (80, 74), (80, 86), (70, 86), (70, 74))),
}
# What the viewer writes of each, by what it calls it itself.
SAID: Final = {
    "Length": {"Length": "length"},
    "Bidirectional": {"Long Axis": "length", "Short Axis": "width"},
    "Angle": {"Cobb angle": "angle"},
    "CobbAngle": {"Cobb angle": "angle"},
    "EllipticalROI": {
        "Area": "area", "Maximum": "max", "Minimum": "min", "Mean": "mean", "Standard Deviation": "stdDev",
    },
    "CircleROI": {
        "Perimeter": "perimeter", "Area": "area", "Radius": "radius", "Maximum": "max", "Minimum": "min",
        "Mean": "mean", "Standard Deviation": "stdDev",
    },
    "RectangleROI": {"Area": "area", "Maximum": "max", "Mean": "mean", "Standard Deviation": "stdDev"},
    "PlanarFreehandROI": {
        "Perimeter": "perimeter", "Area": "area", "Maximum": "max", "Mean": "mean", "Standard Deviation": "stdDev",
    },
    "SplineROI": {"Area": "area"},
    "LivewireContour": {"Area": "area"},
    "Probe": {},
    "ArrowAnnotate": {},
}  # fmt: skip
# In millimetres and degrees, from the places that were meant: a mouse meets them within half a pixel of the screen.
TRUE: Final = {
    "Length": 29.41,
    "Bidirectional": 37.11,
    "Angle": geometry.angle([(156, 7.5), (168, 21), (180, 9)]),
    "CobbAngle": geometry.cobb_angle([(8, 36), (36, 39), (8, 48), (36, 54)]),
    "EllipticalROI": geometry.ellipse_area([(60, 45), (92, 45), (76, 39), (76, 51)]),
    "CircleROI": geometry.circle_area([(140, 45), (150, 45)]),
    "RectangleROI": 300,
    "PlanarFreehandROI": geometry.area([(72, 72), (92, 72), (96, 84), (84, 90), (72, 84)]),
}
# Figures that we measure, and what the viewer calls the tool.
ASKED: Final[dict[str, tuple[str, Points]]] = {
    "Length": ("length", ((4.25, 6.5), (18.75, 12.5))),
    "Bidirectional": ("bidirectional", ((38, 6), (56, 12), (46, 13), (49, 5))),
    "Angle": ("angle", ((78, 5), (84, 14), (90, 6))),
    "CobbAngle": ("cobb", ((4, 24), (18, 26), (4, 32), (18, 36))),
    "EllipticalROI": ("ellipse", ((30.3, 30.2), (46.3, 30.2), (38.3, 26.2), (38.3, 34.2))),
    "CircleROI": ("circle", ((70.2, 30.3), (75.2, 30.3))),
    # Of a rectangle the viewer counts all pixels that it touches: here those, whose middles are in it.
    "RectangleROI": ("rectangle", ((4.2, 48.2), (13.8, 48.2), (13.8, 57.8), (4.2, 57.8))),
    "PlanarFreehandROI": ("polygon", ((36.2, 48.3), (46.7, 48.3), (48.2, 56.1), (42.3, 60.2), (36.2, 56.3))),
    "Probe": ("point", ((84.3, 50.6),)),
}
COMPUTED: Final = SAID["CircleROI"] | SAID["Length"] | SAID["CobbAngle"] | {
    "Long Axis": "length", "Short Axis": "width", "Angle": "angle", "Attenuation Coefficient": "value",
}  # fmt: skip

# What the viewer does not measure of a figure.
OURS: Final = {"PlanarFreehandROI": {"Long Axis", "Short Axis"}}


@dataclass(frozen=True, slots=True)
class Saved:
    """What the viewer showed when a report was saved, and what has become of that here."""

    shown: dict[str, Measured]
    image: str
    groups: dict[str, Group]
    rows: list[dict[str, Any]]

    def values(self, tool: str) -> dict[str, float]:
        return {row["concept"]["meaning"]: row["value"] for row in self.rows if row["tool"] == tool}


@pytest.fixture(scope="module")
def saved(profile: BrowserContext, server: site.Site) -> Saved:
    """All tools drawn on one image, and saved as one report."""
    server.store(OBLONG.files)
    viewer = Viewer(profile.new_page(), server.url)
    viewer.open_study(OBLONG.uid)
    drawing = Drawing(viewer)
    for number, (tool, (drags, clicks)) in enumerate(DRAWN.items(), start=1):
        draw(drawing, tool, drags, clicks)
        drawing.measured(number)
    drawing.open_measurements()
    shown = {each.tool: each for each in drawing.measured(len(DRAWN))}
    image = drawing.image()
    assert drawing.save_report().status == 200
    assert not viewer.problems
    viewer.page.close()
    return Saved(shown, image, groups_of(server), rows_of(server))


def draw(drawing: Drawing, tool: str, drags: tuple[Points, ...], clicks: Points) -> None:
    drawing.choose(tool)
    for points in drags:
        drawing.drag(points)
    drawing.click(clicks)
    if tool == "Length":
        drawing.page.get_by_role("button", name="Yes").first.click()
    if tool == "ArrowAnnotate":
        drawing.page.get_by_role("dialog").locator("input").fill("Here")
        drawing.page.keyboard.press("Enter")


def rows_of(server: site.Site) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = server.ask(f"/api/measurements?study={OBLONG.uid}&limit=200")["results"]
    return rows


def groups_of(server: site.Site) -> dict[str, Group]:
    """What the newest report says, by tool."""
    address = f"/dicom-web/studies/{OBLONG.uid}"
    (series,) = server.ask(f"{address}/series?Modality=SR")
    (header,) = server.ask(f"{address}/series/{series['0020000E']['Value'][0]}/metadata")
    report = report_of(header)
    assert report
    return {group.tool: group for group in report.groups}


@pytest.mark.parametrize("tool", DRAWN)
def test_what_is_drawn_is_read_back(saved: Saved, tool: str) -> None:
    expected = {name: saved.shown[tool].numbers[number] for name, number in SAID[tool].items()}
    assert saved.values(tool) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("tool", TRUE)
def test_what_is_drawn_has_its_size(saved: Saved, tool: str) -> None:
    named = {"Bidirectional": "Long Axis", "Length": "Length", "Angle": "Cobb angle", "CobbAngle": "Cobb angle"}
    assert saved.values(tool)[named.get(tool, "Area")] == pytest.approx(TRUE[tool], rel=0.02, abs=0.3)


@pytest.mark.parametrize("tool", DRAWN)
def test_what_is_drawn_is_where_it_was_drawn(saved: Saved, tool: str) -> None:
    group = saved.groups[tool]
    drags, clicks = DRAWN[tool]
    column, row = (drags or (clicks,))[0][0]
    places = [*group.coordinates, *(place for value in group.values for place in value.coordinates)]
    assert {place.sop_instance_uid for place in places} == {saved.image}
    if tool not in ("EllipticalROI", "LivewireContour"):
        assert places[0].points[0] == pytest.approx((column, row), abs=0.3)
    assert all(0 < x < 96 and 0 < y < 96 for place in places for x, y in place.points)


def test_what_is_drawn_has_its_name_and_its_observer(saved: Saved) -> None:
    assert saved.groups["ArrowAnnotate"].label == "Here"
    assert {row["report"]["observer"] for row in saved.rows} == {site.USERNAME}
    assert len({group.tracking_uid for group in saved.groups.values()}) == len(DRAWN)


@dataclass(frozen=True, slots=True)
class Written:
    """A report of ours in the viewer."""

    drawing: Drawing
    shown: dict[str, Measured]
    rows: list[dict[str, Any]]

    def of(self, tool: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["tool"] == tool]


@pytest.fixture(scope="module")
def written(saved: Saved, profile: BrowserContext, server: site.Site) -> Iterator[Written]:
    figures = [
        {"tool": tool, "instance": saved.image, "points": points, "label": f"Our {name}"}
        for name, (tool, points) in ASKED.items()
    ]
    with server.working():
        made = server.analysed(OBLONG.uid, "measure", measurements=figures, description="By us")
    rows = [row for row in rows_of(server) if row["report"]["seriesInstanceUid"] in made["seriesInstanceUids"]]
    viewer = Viewer(profile.new_page(), server.url)
    viewer.open_study(OBLONG.uid)
    drawing = Drawing(viewer)
    drawing.open("SR", made["seriesInstanceUids"])
    shown = {each.tool: each for each in drawing.measured(len(ASKED))}
    yield Written(drawing, shown, rows)
    assert not viewer.problems
    viewer.page.close()


@pytest.mark.parametrize("tool", ASKED)
def test_what_we_write_is_drawn(written: Written, tool: str) -> None:
    """The viewer measures it anew, by what it has drawn; coordinates are floats of 32 bits there."""
    rows, shown = written.of(tool), written.shown[tool]
    expected = {row["concept"]["meaning"]: row["value"] for row in rows}
    ours = OURS.get(tool, set())
    found = {name: shown.numbers[COMPUTED[name]] for name in expected.keys() - ours if COMPUTED[name] in shown.numbers}
    assert found == pytest.approx({name: expected[name] for name in found}, rel=2e-6)
    assert set(expected) - set(found) - ours <= {"Perimeter"}
    assert found
    assert shown.label == f"Our {tool}"
    assert {row["trackingUid"] for row in rows} == {shown.tracking_uid}


def test_what_is_saved_again_takes_the_place_of_ours(written: Written, server: site.Site) -> None:
    before = {row["trackingUid"] for row in written.rows if row["tool"] != "Probe"}
    written.drawing.open_measurements()
    assert written.drawing.save_report().status == 200
    replaced = {row["report"]["sopInstanceUid"] for row in written.rows}
    rows = [row for row in rows_of(server) if row["trackingUid"] in before]
    assert {row["trackingUid"] for row in rows} == before
    assert not replaced & {row["report"]["sopInstanceUid"] for row in rows}
