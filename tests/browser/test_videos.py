"""OHIF on videos of every class: pictures change as time goes on, seeking works, and no request fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.browser import films, site
from tests.browser.viewer import Viewer

CINE = '[data-cy="cine-player-play-pause"]'
VIEWPORT = "window.cornerstone?.getRenderingEngines()[0]?.getViewports()[0]"
# The series in the viewport, how it is shown, and where its player is.
SHOWN = f"""
() => {{
  const viewport = {VIEWPORT}, video = viewport?.videoElement;
  const [image] = viewport?.getImageIds?.() ?? [];
  return {{
    image: image ?? '', kind: viewport?.type, ready: video ? video.readyState : 4, time: video?.currentTime,
    seeking: Boolean(video?.seeking),
    frames: viewport?.getNumberOfSlices?.(), frame: viewport?.getCurrentImageIdIndex?.(),
  }};
}}
"""


@pytest.fixture(scope="module")
def opened(profile: BrowserContext, server: site.Site) -> Iterator[Viewer]:
    """The study, opened once; one series after the other is put into its viewport."""
    viewer = Viewer(profile.new_page(), server.url)
    viewer.page.goto(f"{viewer.url}/viewer/viewer?StudyInstanceUIDs={films.STUDY}")
    yield viewer
    viewer.page.close()


@pytest.fixture
def viewer(opened: Viewer) -> Iterator[Viewer]:
    yield opened
    assert not opened.problems


def shown(viewer: Viewer) -> dict[str, Any]:
    found: dict[str, Any] = viewer.page.evaluate(SHOWN)
    return found


def show(viewer: Viewer, number: int, kind: str) -> None:
    """Put a series into the viewport, and wait until its first picture is drawn."""
    viewer.page.get_by_text(f"Film {number}", exact=True).first.dblclick()

    def is_there() -> bool:
        now = shown(viewer)
        series = f"/series/{films.series_of(number)}/"
        return series in now["image"] and now["kind"] == kind and now["ready"] == 4 and now["frames"] == films.PICTURES

    viewer.until(is_there)
    viewer.settled()


def look(viewer: Viewer) -> int:
    """What the viewport shows, as a number."""
    return viewer.drawings()[0].hash


@pytest.mark.parametrize("number", films.STREAMS)
def test_a_video_plays_and_is_sought_in(viewer: Viewer, number: int) -> None:
    show(viewer, number, "video")
    plays(viewer)
    is_sought_in(viewer)


@pytest.mark.parametrize("number", films.MOTION_JPEG)
def test_motion_jpeg_plays_and_is_scrolled_as_frames(viewer: Viewer, number: int) -> None:
    show(viewer, number, "stack")
    first = look(viewer)
    viewer.page.evaluate(f"{VIEWPORT}.setImageIdIndex(20)")
    assert viewer.until(lambda: shown(viewer)["frame"] == 20 and look(viewer) != first)
    viewer.page.locator(CINE).first.click()
    assert viewer.until(lambda: shown(viewer)["frame"] not in (20, 0))
    viewer.page.locator(CINE).first.click()


@pytest.mark.parametrize("number", films.OTHERS)
def test_so_do_ultrasound_clips_and_what_is_made_playable(viewer: Viewer, number: int) -> None:
    """In a viewport that showed frames before, whose frames are fetched ahead no more."""
    show(viewer, number, "video")
    plays(viewer)
    is_sought_in(viewer)


def plays(viewer: Viewer) -> None:
    """Time goes on, and the pixels change with it."""
    first = look(viewer)
    viewer.page.evaluate(f"{VIEWPORT}.play()")
    assert viewer.until(lambda: shown(viewer)["time"] > 0.3 and look(viewer) != first)
    viewer.page.evaluate(f"{VIEWPORT}.pause()")


def is_sought_in(viewer: Viewer) -> None:
    """Forth and back; the same place shows the same picture."""
    late = sought(viewer, 25, viewer.settled()[0].hash)
    early = sought(viewer, 5, late)
    assert sought(viewer, 25, early) == late


def sought(viewer: Viewer, frame: int, before: int) -> int:
    """What is shown at this frame, once the player has come there and still draws another picture than before.

    Until the player has come there, it says that it has and draws what it drew: a picture of the way would do for it.
    """
    viewer.page.evaluate(f"{VIEWPORT}.setFrameNumber({frame})")

    def is_there() -> bool:
        now = shown(viewer)
        return not now["seeking"] and abs(now["time"] - (frame - 1) / films.RATE) < 0.5 / films.RATE

    viewer.until(lambda: is_there() and look(viewer) != before)
    return viewer.settled()[0].hash
