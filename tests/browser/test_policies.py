"""No page does what its Content-Security-Policy forbids, and what senders wrote into headers never runs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests import dicoms
from tests.browser import site
from tests.browser.conftest import PATIENCE_MS
from tests.browser.viewer import Viewer

# Each sets `planted` if any of it is ever taken for markup, or for an expression of the admin's scripts.
PLANTED = {
    "PatientName": "<script>window.planted=1</script>",
    "PatientID": "'+(window.planted=1)+'",
    "StudyDescription": '"><img src=x onerror=window.planted=1>',
    "SeriesDescription": "</script><svg onload=window.planted=1>",
    "AccessionNumber": "{{planted=1}}",
    "StationName": '" x-init="planted=1',
    "StudyInstanceUID": dicoms.uid(666),
    "SeriesInstanceUID": dicoms.uid(666, 1),
    "SOPInstanceUID": dicoms.uid(666, 1, 1),
}
STUDY = f"/dicom-web/studies/{PLANTED['StudyInstanceUID']}"
ENCAPSULATED_CDA = "1.2.840.10008.5.1.4.1.1.104.2"
HAS_RUN = "window.planted !== undefined"
ADMIN = [
    "",
    "archive/study/",
    "archive/study/?modalities__icontains=CT",
    "archive/study/?q=planted",
    "archive/patient/",
    "archive/quarantined/",
    "archive/study/storage/",
    "jobs/job/",
    "accounts/user/",
    "accounts/user/add/",
    "accounts/practice/",
    "accounts/token/add/",
    "audit/event/",
]
ACCOUNT = ["", "password/change/", "two-step/", "two-step/totp/activate/", "two-step/webauthn/add/", "sessions/"]


@pytest.fixture(scope="module", autouse=True)
def planted(server: site.Site) -> None:
    server.store([dicoms.ct_slice(**PLANTED)])


def visit(viewer: Viewer, address: str) -> None:
    """Open a page, and wait until its scripts have done their work."""
    viewer.page.goto(viewer.url + address, wait_until="networkidle")
    assert not viewer.page.evaluate(HAS_RUN)


@pytest.fixture(scope="module")
def bosss_profile(browser: Browser, server: site.Site) -> Iterator[BrowserContext]:
    """A browser profile that a superuser has signed in with."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{server.url}/accounts/login/?next=/admin/")
        page.fill("input[name=username]", site.BOSS)
        page.fill("input[name=password]", site.PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url("**/admin/")
        page.close()
        yield context


@pytest.fixture
def boss(bosss_profile: BrowserContext, server: site.Site) -> Iterator[Viewer]:
    """A new page of theirs. At the end nothing may have gone wrong in it."""
    viewer = Viewer(bosss_profile.new_page(), server.url)
    yield viewer
    viewer.page.close()
    assert not viewer.problems


@pytest.mark.parametrize("page", ADMIN)
def test_the_admin_keeps_to_its_policy(boss: Viewer, page: str) -> None:
    visit(boss, f"/admin/{page}")
    assert boss.page.title().endswith("Fovea")


def test_the_admin_still_moves(boss: Viewer) -> None:
    visit(boss, "/admin/archive/study/")
    boss.page.get_by_text("Filters").first.click()
    expect(boss.page.get_by_role("heading", name="By modality")).to_be_visible()
    visit(boss, "/admin/archive/study/")
    boss.page.get_by_role("link", name="<script>window.planted").first.click()
    boss.page.wait_for_url("**/change/**")
    expect(boss.page.get_by_text("<img src=x", exact=False).first).to_be_visible()
    assert not boss.page.evaluate(HAS_RUN)


@pytest.mark.parametrize("page", ACCOUNT)
def test_the_pages_of_ones_account_keep_to_theirs(viewer: Viewer, page: str) -> None:
    visit(viewer, f"/accounts/{page}")


def test_the_sign_in_page_keeps_to_its_own(stranger: BrowserContext, server: site.Site) -> None:
    viewer = Viewer(stranger.new_page(), server.url)
    visit(viewer, "/accounts/login/")
    expect(viewer.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not viewer.problems


def test_the_documentation_of_the_api_keeps_to_its_own(viewer: Viewer) -> None:
    visit(viewer, "/api/docs/")
    expect(viewer.page.get_by_text("The people of the practice").first).to_be_visible()


def test_the_viewer_shows_what_was_planted_as_text(viewer: Viewer) -> None:
    viewer.open_study(PLANTED["StudyInstanceUID"])
    assert not viewer.page.evaluate(HAS_RUN)


@pytest.mark.parametrize(("below", "kind"), [("/metadata", "json"), ("/thumbnail", "jpeg"), ("/rendered", "jpeg")])
def test_data_that_are_opened_by_their_address_are_shown_and_inert(
    profile: BrowserContext, server: site.Site, below: str, kind: str
) -> None:
    page = profile.new_page()
    answer = page.goto(f"{server.url}{STUDY}{below}")
    assert answer is not None
    assert kind in answer.headers["content-type"]
    assert "sandbox" in answer.headers["content-security-policy"]
    if kind == "jpeg":
        assert page.locator("img").evaluate("image => image.complete && image.naturalWidth")
    page.close()


def test_a_script_in_a_document_does_not_run(bosss_profile: BrowserContext, server: site.Site) -> None:
    """Such as a CDA letter whose text is XHTML."""
    script = b'<a xmlns="http://www.w3.org/1999/xhtml"><script>document.title="planted"</script>text</a>'
    letter = dicoms.encapsulated_pdf(
        script,
        SOPClassUID=ENCAPSULATED_CDA,
        MIMETypeOfEncapsulatedDocument="text/xml",
        StudyInstanceUID=dicoms.uid(667),
    )
    server.store([letter])
    page = bosss_profile.new_page()
    answer = page.goto(f"{server.url}/dicom-web/studies/{dicoms.uid(667)}/rendered")
    assert answer is not None
    assert answer.headers["content-type"].startswith("text/xml")
    assert page.get_by_text("text").is_visible()
    assert page.title() != "planted"
    page.close()
