"""OHIF and the browser itself on what is no plain image: videos, documents, reports, waveforms, contours, fusion."""

from functools import partial

import pytest
from playwright.sync_api import BrowserContext, expect

from tests import movies
from tests.browser import site, studies
from tests.browser.viewer import Viewer

# The grey in the middle of the first viewport.
GREY = """
() => {
  const small = document.createElement('canvas');
  small.width = small.height = 9;
  const context = small.getContext('2d');
  context.drawImage(document.querySelector('[data-cy="viewport-pane"] canvas'), 0, 0, 9, 9);
  return context.getImageData(4, 4, 1, 1).data[1];
}
"""
SEEK = "number => window.cornerstone.getRenderingEngines()[0].getViewports()[0].setFrameNumber(number)"
LOADED = "() => window.cornerstone?.getRenderingEngines()[0]?.getViewports()[0]?.getNumberOfSlices?.()"


@pytest.mark.parametrize("make", [studies.film, studies.old_film])
def test_a_video_is_sought_in(viewer: Viewer, make: studies.Make) -> None:
    """One is given as it is stored, the other is made into what a browser plays."""
    viewer.page.goto(f"{viewer.url}/viewer/viewer?StudyInstanceUIDs={make().uid}")
    assert viewer.until(lambda: viewer.page.evaluate(LOADED)) == 24
    for number in (20, 3, 12):
        viewer.until(partial(shows_picture, viewer, number))


def shows_picture(viewer: Viewer, number: int) -> bool:
    """Seek, and tell whether that is what the viewport shows; a player that is still loading goes back to the start."""
    viewer.page.evaluate(SEEK, number)
    viewer.page.wait_for_timeout(500)
    return abs(viewer.page.evaluate(GREY) - movies.grey_of(number)) <= 4


def test_a_pdf_is_shown_in_its_viewport(viewer: Viewer) -> None:
    def is_pdf(answer: object) -> bool:
        return "/rendered" in str(getattr(answer, "url", ""))

    with viewer.page.expect_response(is_pdf) as caught:
        viewer.page.goto(f"{viewer.url}/viewer/viewer?StudyInstanceUIDs={studies.letter().uid}")
    assert (caught.value.status, caught.value.headers["content-type"]) == (200, "application/pdf")
    expect(viewer.page.locator("object[data*='/rendered']")).to_be_visible()


def test_an_electrocardiogram_is_drawn(viewer: Viewer) -> None:
    viewer.open_study(studies.cardiogram().uid)
    expect(viewer.page.locator('[data-cy="viewport-pane"]').first).to_be_visible()


def test_a_structure_set_is_drawn_over_its_images(viewer: Viewer) -> None:
    before = viewer.open_study(studies.contoured_head().uid)[0]
    viewer.page.locator('[data-cy="study-browser-thumbnail-no-image"]').first.dblclick()
    viewer.page.locator('[data-cy="panelSegmentation-btn"]').click()
    expect(viewer.page.get_by_text("Target").first).to_be_visible()
    assert viewer.until(lambda: [drawn for drawn in viewer.drawings() if drawn.is_image() and drawn != before])


def test_pet_and_ct_are_fused(viewer: Viewer) -> None:
    viewer.page.goto(f"{viewer.url}/viewer/tmtv?StudyInstanceUIDs={studies.fusion().uid}")
    assert len(viewer.settled(9)) >= 9


def test_a_report_is_a_page_that_breaks_no_policy(profile: BrowserContext, server: site.Site) -> None:
    viewer = Viewer(profile.new_page(), server.url)
    report = f"studies/{studies.report().uid}/series/{studies.dicoms.uid(1, 9)}/instances/{studies.dicoms.uid(1, 9, 1)}"
    viewer.page.goto(f"{server.url}/dicom-web/{report}/rendered")
    expect(viewer.page.get_by_role("heading", name="Findings")).to_be_visible()
    expect(viewer.page.get_by_text("12 mm")).to_be_visible()
    image = viewer.page.locator(".images img").first
    assert viewer.until(lambda: image.evaluate("image => image.complete && image.naturalWidth"))
    assert viewer.page.locator("main").evaluate("main => getComputedStyle(main).maxWidth") == "960px"
    viewer.page.close()
    assert not viewer.problems
