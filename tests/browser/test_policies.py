"""No page does what its Content-Security-Policy forbids, and what senders wrote into headers never runs."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests import dicoms
from tests.browser import site, studies
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
HAS_RUN = "window.planted !== undefined"
ADMIN = [
    "",
    "archive/study/",
    "archive/study/?modalities__icontains=CT",
    "archive/study/?q=planted",
    "archive/patient/",
    "archive/quarantined/",
    "archive/storage/",
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


@pytest.fixture
def boss(viewer: Viewer, server: site.Site) -> Viewer:
    server.make_superuser()
    return viewer


@pytest.mark.parametrize("page", ADMIN)
def test_the_admin_keeps_to_its_policy(boss: Viewer, page: str) -> None:
    visit(boss, f"/admin/{page}")
    assert boss.page.title().endswith("Fovea")


def test_the_admin_still_moves(boss: Viewer) -> None:
    visit(boss, "/admin/archive/study/")
    boss.page.get_by_text("Filters").first.click()
    expect(boss.page.get_by_text("By", exact=False).first).to_be_visible()
    boss.page.get_by_text("<script>window.planted=1</script>").first.click()
    boss.page.wait_for_url("**/change/")
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
    expect(viewer.page.get_by_text("/api/studies", exact=False).first).to_be_visible()


def test_the_viewer_shows_what_was_planted_as_text(viewer: Viewer) -> None:
    viewer.open_study(PLANTED["StudyInstanceUID"])
    assert not viewer.page.evaluate(HAS_RUN)


@pytest.mark.parametrize("below", ["", "/metadata", "/thumbnail", "/rendered"])
def test_data_that_are_opened_by_their_address_are_inert(viewer: Viewer, below: str) -> None:
    answer = viewer.page.goto(f"{viewer.url}{STUDY}{below}") if below else None
    if answer is not None:
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.status == 200


def test_a_script_in_a_document_does_not_run(viewer: Viewer, server: site.Site, tmp_path: Path) -> None:
    script = b'<a xmlns="http://www.w3.org/1999/xhtml"><script>document.title="planted"</script>text</a>'
    server.store([studies.markup(script)])
    answer = viewer.page.goto(f"{viewer.url}/dicom-web/studies/{dicoms.uid(667)}/rendered")
    assert answer is not None
    assert answer.headers["content-type"].startswith("text/xml")
    assert viewer.page.title() != "planted"
    viewer.problems = [problem for problem in viewer.problems if "script" not in problem]
