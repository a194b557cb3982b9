"""A share link from its making to its end, in a real browser: what it opens, and what stays shut."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import site, studies
from tests.browser.conftest import PATIENCE_MS
from tests.browser.viewer import Viewer

PASSWORD = "between the two of us"


@pytest.fixture
def link(profile: BrowserContext, server: site.Site) -> Iterator[str]:
    """A link with a password to the CT volume, made on the study's page in the admin."""
    page = profile.new_page()
    page.goto(f"{server.url}/admin/archive/study/?q={studies.head().uid}")
    page.locator("#result_list .field-patient_of a").first.click()
    page.get_by_role("link", name="Share", exact=True).click()
    page.fill("[name=recipient]", "Dr. Far, Radiology South")
    page.fill("[name=purpose]", "Second opinion before surgery")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Make the link").click()
    yield page.locator("#share-link").inner_text()
    page.close()


@pytest.fixture
def far(browser: Browser) -> Iterator[BrowserContext]:
    """The browser of whoever was sent the link."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


def test_link_opens_the_images_and_nothing_else(link: str, far: BrowserContext, server: site.Site) -> None:
    page = far.new_page()
    viewer = Viewer(page, server.url)
    page.goto(link)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Open the images").click()
    page.wait_for_url("**/viewer/viewer?StudyInstanceUIDs=*")
    assert viewer.settled()[0].is_image()
    assert not viewer.problems
    below = page.url.partition("/viewer/")[0]
    assert link.rpartition("/")[2] not in page.url
    found = page.evaluate("root => fetch(root + '/dicom-web/studies').then(answer => answer.json())", below)
    assert [row["0020000D"]["Value"][0] for row in found] == [studies.head().uid]
    page.goto(f"{below}/viewer/viewer?StudyInstanceUIDs={studies.segmented_head().uid}")
    expect(page.get_by_text("not available at this time")).to_be_visible()
    page.goto(f"{below}/viewer/")
    page.wait_for_url("**/viewer/viewer?StudyInstanceUIDs=*")
    for address in ("/viewer/", "/admin/"):
        page.goto(f"{server.url}{address}")
        page.wait_for_url("**/accounts/login/**")


def test_withdrawn_link_leads_from_the_viewer_to_a_page_that_says_so(
    link: str, far: BrowserContext, profile: BrowserContext, server: site.Site
) -> None:
    page = far.new_page()
    viewer = Viewer(page, server.url)
    page.goto(link)
    page.fill("input[name=password]", "not that one")
    page.get_by_role("button", name="Open the images").click()
    expect(page.get_by_role("alert")).to_contain_text("not the password")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Open the images").click()
    viewer.settled()
    admin = profile.new_page()
    admin.goto(f"{server.url}/admin/sharing/share/?state=current")
    admin.locator("#result_list .field-given_to a").first.click()
    admin.get_by_role("button", name="Revoke").click()
    admin.wait_for_url("**/admin/sharing/share/")
    admin.close()
    viewer.until(lambda: page.evaluate("fetch('../dicom-web/studies').then(answer => answer.status)") == 401)
    page.reload()
    expect(page.get_by_text("withdrawn")).to_be_visible()
