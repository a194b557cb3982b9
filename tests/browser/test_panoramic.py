"""The page of the panoramic, on jaws: its arch edited, cross-sections scrolled, lengths measured, the series saved."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from apps.archive.phantom import cone_beam
from apps.archive.phantom.objects import uid
from tests.browser import site
from tests.browser.viewer import Viewer

# 80 mm high and 100 mm wide, in voxels of a millimetre and more.
SLICES, SIZE = 64, 80
STUDY = uid("browser-jaw", "study", "CT")
# How many greys a view shows, and a hash of them.
LOOK = """
element => {
  const canvas = element.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width || 1, canvas.height || 1);
  const greys = data.filter((_, place) => place % 4 === 0);
  return [new Set(greys).size, greys.reduce((hash, grey) => Math.imul(hash ^ grey, 16777619) >>> 0, 2166136261)];
}
"""
# Where the arch's points are on the screen.
POINTS = """
() => panoramicPage.arch.points.map(point => {
  const { pane } = panoramicPage.axial, { u, v } = panoramicPage.axial.placeOf(point);
  const box = pane.canvas.getBoundingClientRect();
  return [box.left + u * pane.scale, box.top + v * pane.scale];
})
"""
ARCH = "() => panoramicPage.arch.points"
AT = "() => panoramicPage.sections.at"
# Pixels that the page is wider than its window, and how much wider a view is than its picture, in parts of its height.
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
STRETCH = "view => view.clientWidth / view.clientHeight - getComputedStyle(view).getPropertyValue('--ratio')"
SCALE = "() => panoramicPage.axial.pane.scale"


class Panoramic:
    """The page, and what is done on it."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.page: Page = viewer.page
        self.axial = self.page.locator("#axial")
        self.panorama = self.page.locator("#panorama")
        self.section = self.page.locator("#sections .middle .pane")
        self.beside = self.page.locator("#sections .beside:not(.none) .pane")

    def look(self, view: Locator) -> int:
        """What a view shows, as a number, once it is an image; 0 before."""
        greys, found = view.evaluate(LOOK)
        return int(found) if greys > 16 else 0

    def changed(self, view: Locator, before: int) -> int:
        """What it shows as soon as that is another image."""

        def shown() -> int:
            now = self.look(view)
            return now if now != before else 0

        return self.viewer.until(shown)

    def arch(self) -> list[list[float]]:
        points: list[list[float]] = self.page.evaluate(ARCH)
        return points

    def at(self) -> float:
        return float(self.page.evaluate(AT))

    def choose(self, tool: str) -> None:
        self.page.get_by_role("button", name=tool, exact=True).click()

    def drag(self, start: tuple[float, float], right: float, down: float) -> None:
        """By so many pixels from a place on the screen."""
        mouse, (x, y) = self.page.mouse, start
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + right / 2, y + down / 2, steps=3)
        mouse.move(x + right, y + down, steps=3)
        mouse.up()

    def middle(self, view: Locator) -> tuple[float, float]:
        box = view.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def point(self, number: int) -> tuple[float, float]:
        x, y = self.page.evaluate(POINTS)[number]
        return float(x), float(y)


@pytest.fixture(scope="module")
def opened(profile: BrowserContext, server: site.Site) -> Iterator[Panoramic]:
    """The page, as the administration leads to it."""
    server.store(cone_beam(SLICES, SIZE, name="browser-jaw"))
    viewer = Viewer(profile.new_page(), server.url)
    study = profile.request.get(f"{server.url}/api/volumes?study={STUDY}").json()["results"][0]
    viewer.page.goto(server.url + study["links"]["panoramic"])
    panoramic = Panoramic(viewer)
    for view in (panoramic.axial, panoramic.panorama, panoramic.section):
        viewer.until(partial(panoramic.look, view))
    yield panoramic
    viewer.page.close()


@pytest.fixture
def panoramic(opened: Panoramic) -> Iterator[Panoramic]:
    """In its first state but for what the arch and the position are; nothing may have gone wrong."""
    opened.choose("Arch and position")
    yield opened
    assert not opened.viewer.problems


@pytest.fixture
def worker(server: site.Site) -> Iterator[None]:
    """What does the site's jobs."""
    with server.working():
        yield


def test_the_study_leads_to_the_page(panoramic: Panoramic, server: site.Site, profile: BrowserContext) -> None:
    page = profile.new_page()
    page.goto(f"{server.url}/admin/archive/study/?q={STUDY}")
    page.locator("#result_list a[href*='/change/']").first.click()
    address = panoramic.page.url.removeprefix(server.url)
    expect(page.locator(f'a[href="{address}"]')).to_be_visible()
    page.close()


def test_a_proposed_arch_lies_on_the_teeth(panoramic: Panoramic) -> None:
    """The phantom's runs along y = x²/18 - 38."""
    arch = panoramic.arch()
    assert all(abs(y - (x * x / 18 - 38)) < 6 for x, y in arch if abs(x) < 25), arch
    assert len({panoramic.look(view) for view in panoramic.beside.all()}) == 6


def test_the_arch_is_edited_by_the_mouse(panoramic: Panoramic) -> None:
    before, shown = panoramic.arch(), panoramic.look(panoramic.panorama)
    scale = float(panoramic.page.evaluate(SCALE))
    panoramic.drag(panoramic.point(1), 0, 20)
    assert panoramic.changed(panoramic.panorama, shown)
    after = panoramic.arch()
    assert after[1][1] - before[1][1] == pytest.approx(20 / scale, abs=1.5)
    assert [point for place, point in enumerate(after) if place != 1] == [
        point for place, point in enumerate(before) if place != 1
    ]


def test_the_arch_is_edited_by_a_finger(panoramic: Panoramic) -> None:
    before, shown = panoramic.arch(), panoramic.look(panoramic.panorama)
    x, y = panoramic.point(2)
    touch = partial(panoramic.page.context.new_cdp_session(panoramic.page).send, "Input.dispatchTouchEvent")
    touch({"type": "touchStart", "touchPoints": [{"x": x + 12, "y": y}]})
    for step in range(1, 6):
        touch({"type": "touchMove", "touchPoints": [{"x": x + 12 - 3 * step, "y": y}]})
    touch({"type": "touchEnd", "touchPoints": []})
    assert panoramic.changed(panoramic.panorama, shown)
    assert panoramic.arch()[2] != before[2]


def test_the_arch_is_edited_by_keys(panoramic: Panoramic) -> None:
    before = panoramic.arch()
    panoramic.axial.focus()
    for key in ("Home", "n", "Shift+ArrowUp", "ArrowRight"):
        panoramic.page.keyboard.press(key)
    after = panoramic.arch()
    assert [after[1][0] - before[1][0], after[1][1] - before[1][1]] == pytest.approx([0.5, -5])
    panoramic.page.keyboard.press("Delete")
    assert len(panoramic.arch()) == len(before) - 1


def test_points_come_and_go(panoramic: Panoramic) -> None:
    before = panoramic.arch()
    panoramic.page.get_by_role("button", name="Add a point").click()
    assert len(panoramic.arch()) == len(before) + 1
    panoramic.page.get_by_role("button", name="Remove the point").click()
    assert panoramic.arch() == before
    panoramic.page.get_by_role("button", name="Propose the arch anew").click()
    expect(panoramic.page.locator("#note")).to_contain_text("proposed")


def test_cross_sections_are_scrolled(panoramic: Panoramic) -> None:
    at, shown = panoramic.at(), panoramic.look(panoramic.section)
    panoramic.section.hover()
    panoramic.page.mouse.wheel(0, 100)
    assert panoramic.at() == pytest.approx(at + 2)
    shown = panoramic.changed(panoramic.section, shown)
    panoramic.section.focus()
    panoramic.page.keyboard.press("PageDown")
    assert panoramic.at() == pytest.approx(at + 12)
    expect(panoramic.page.locator("#sections .middle figcaption")).to_have_text(f"{at + 12:.1f} mm")
    shown = panoramic.changed(panoramic.section, shown)
    panoramic.page.locator("#position").fill(f"{at:.1f}")
    assert panoramic.changed(panoramic.section, shown)


def test_a_click_on_the_panoramic_chooses_the_cross_section(panoramic: Panoramic) -> None:
    box = panoramic.panorama.bounding_box()
    assert box
    panoramic.panorama.click(position={"x": box["width"] / 4, "y": box["height"] / 2})
    length = float(panoramic.page.evaluate("() => panoramicPage.arch.length"))
    assert panoramic.at() == pytest.approx(length / 4, abs=1.5)


def test_a_length_is_measured_by_the_mouse(panoramic: Panoramic) -> None:
    scale = float(panoramic.page.evaluate(SCALE))
    panoramic.choose("Measure")
    panoramic.drag(panoramic.middle(panoramic.axial), 30 * scale, 40 * scale)
    row = panoramic.page.locator("#measurements li")
    length = re.match(r"[\d.]+", row.locator("strong").inner_text())
    assert length
    assert float(length[0]) == pytest.approx(50, abs=1)
    row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_length_is_measured_by_keys(panoramic: Panoramic) -> None:
    """Twenty pixels of a cross-section, each as far from the next as the voxels are within a slice."""
    panoramic.choose("Measure")
    panoramic.section.focus()
    for key in ("Enter", "Shift+ArrowDown", "Shift+ArrowDown", "Enter"):
        panoramic.page.keyboard.press(key)
    spacing = float(panoramic.page.evaluate("() => panoramicPage.sections.middle.picture.rowSpacing"))
    expect(panoramic.page.locator("#measurements strong")).to_have_text(f"{20 * spacing:.1f} mm")
    panoramic.page.get_by_role("button", name="Remove: ").click()


def test_windows_are_chosen_dragged_and_typed(panoramic: Panoramic) -> None:
    def shows(change: Callable[[], object]) -> None:
        before = panoramic.look(panoramic.axial)
        change()
        assert panoramic.changed(panoramic.axial, before)

    page = panoramic.page
    shows(lambda: page.locator("#preset").select_option("soft"))
    expect(page.locator("#center")).to_have_value("50")
    panoramic.choose("Brightness and contrast")
    shows(lambda: panoramic.drag(panoramic.middle(panoramic.axial), 60, 20))
    expect(page.locator("#preset")).to_have_value("own")
    shows(lambda: type_width(page, "3000"))
    shows(lambda: page.locator("#preset").select_option("stored"))


def type_width(page: Page, width: str) -> None:
    page.locator("#width").fill(width)
    page.locator("#width").press("Enter")


def test_the_value_under_the_pointer_is_told(panoramic: Panoramic) -> None:
    panoramic.axial.hover(position={"x": 5, "y": 5})
    expect(panoramic.page.locator("#axial-value")).to_have_text(re.compile(r"^-?\d+$"))


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_the_page_is_as_wide_as_the_screen(panoramic: Panoramic, width: int) -> None:
    panoramic.page.set_viewport_size({"width": width, "height": 900})
    assert panoramic.page.evaluate(OVERFLOW) <= 0
    for view in (panoramic.axial, panoramic.panorama, panoramic.section):
        assert abs(view.evaluate(STRETCH)) < 0.05


@pytest.mark.usefixtures("worker")
def test_the_series_is_saved_and_found_in_the_viewer(panoramic: Panoramic) -> None:
    page = panoramic.page
    page.get_by_role("button", name="Save as series").click()
    link = page.locator("#saved")
    expect(link).to_be_visible()
    saved = page.request.get(f"{panoramic.viewer.url}/dicom-web/studies/{STUDY}/series").json()
    assert len(saved) == 3
    link.click()
    panoramic.viewer.settled()
    expect(page.get_by_text(re.compile("Panoramic", re.IGNORECASE)).first).to_be_visible()
