"""OHIF in a real browser on a whole site: find a study, see it, measure it, add to it."""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser import site, studies
from tests.browser.viewer import Viewer, stores

IS_READY = "() => window.cornerstone?.getRenderingEngines()[0]?.getViewports()[0]?.getImageIds?.().length"


def test_signing_in_leads_to_where_one_wanted_to_go(stranger: BrowserContext, server: site.Site) -> None:
    viewer = Viewer(stranger.new_page(), server.url)
    study = f"/viewer/viewer?StudyInstanceUIDs={studies.head().uid}"
    viewer.page.goto(server.url + study)
    expect(viewer.page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(viewer)
    expect(viewer.pane()).to_be_visible()
    assert viewer.page.url == server.url + study
    assert not viewer.problems


def test_signing_out_from_the_list(stranger: BrowserContext, server: site.Site) -> None:
    viewer = Viewer(stranger.new_page(), server.url)
    sign_in(viewer)
    viewer.open_list()
    viewer.page.get_by_role("button", name="Sign out").click()
    viewer.page.wait_for_url("**/accounts/login/")
    viewer.page.goto(f"{server.url}/viewer/")
    expect(viewer.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_ended_session_leads_to_sign_in_and_back(stranger: BrowserContext, server: site.Site) -> None:
    viewer = Viewer(stranger.new_page(), server.url)
    sign_in(viewer)
    viewer.open_list()
    stranger.clear_cookies(name="sessionid")
    viewer.page.locator("tr input").first.fill("Phantom")
    viewer.page.wait_for_url("**/accounts/login/?next=*")
    sign_in(viewer)
    viewer.until(viewer.rows)
    assert "/viewer/" in viewer.page.url


def test_list_shows_the_studies(viewer: Viewer) -> None:
    viewer.open_list()
    rows = viewer.rows()
    for name in ("Phantom, Héloïse", "Segmented, Sofia", "Compressed, Cleo", "Photo, Pia"):
        assert any(name in row for row in rows), rows


def test_list_finds_by_name(viewer: Viewer) -> None:
    viewer.open_list()
    with viewer.page.expect_response(lambda answer: "PatientName=" in answer.url) as caught:
        viewer.page.locator("tr input").first.fill("heloise")
    assert names(caught.value.json()) == {"Phantom^Héloïse"}


def test_study_opens_from_the_list(viewer: Viewer) -> None:
    viewer.open_list()
    viewer.page.locator("tbody tr").filter(has_text="Phantom").filter(has_text="CT head").first.dblclick()
    expect(viewer.pane()).to_be_visible()
    assert f"StudyInstanceUIDs={studies.head().uid}" in viewer.page.url


def test_wheel_scrolls_through_the_slices(head: Viewer) -> None:
    (before,) = head.settled()
    head.pane().hover()
    head.page.mouse.wheel(0, 300)
    assert head.until(lambda: head.drawings() != [before])
    assert head.settled() != [before]


def test_thumbnails_are_small_pictures(head: Viewer) -> None:
    thumbnail = head.page.locator('[data-cy="study-browser-thumbnail"] img').first
    size = head.until(lambda: thumbnail.evaluate("image => image.complete && image.naturalWidth"))
    assert 64 <= size <= 256


def test_volume_is_reconstructed_in_three_planes(viewer: Viewer) -> None:
    drawings = viewer.open_study(studies.head().uid, "mpr", viewports=3)
    assert len({drawing.hash for drawing in drawings}) >= 3


def test_every_lossless_coding_is_decoded_exactly(viewer: Viewer) -> None:
    viewer.open_study(studies.compressed_series().uid)
    expected = (studies.GRADIENT.astype(int) - 1024).ravel().tolist()
    assert viewer.decoded() == [expected] * len(studies.LOSSLESS)


def test_jpeg_with_loss_is_drawn(viewer: Viewer) -> None:
    viewer.open_study(studies.photograph().uid)
    (image,) = viewer.decoded()
    assert max(image) > 180
    assert min(image) < 20


def test_uncompressed_colours_that_pixels_share_are_drawn(viewer: Viewer) -> None:
    viewer.page.goto(f"{viewer.url}/viewer/viewer?StudyInstanceUIDs={studies.shared_colours().uid}")
    (image,) = viewer.until(lambda: viewer.page.evaluate(IS_READY) and viewer.decoded())
    assert len(image) == 64 * 64 * 3
    assert all(abs(found - wanted) <= 2 for found, wanted in zip(image[:3], (254, 0, 0), strict=True))


def test_segmentation_is_shown_over_its_images(viewer: Viewer) -> None:
    before = viewer.open_study(studies.segmented_head().uid)[0]
    viewer.page.locator('[data-cy="study-browser-thumbnail-no-image"]').first.dblclick()
    viewer.page.locator('[data-cy="panelSegmentation-btn"]').click()
    expect(viewer.page.get_by_text("Bone").first).to_be_visible()
    assert viewer.settled()[0] != before


def test_upload_from_the_list(viewer: Viewer, tmp_path: Path) -> None:
    file = tmp_path / "image.dcm"
    file.write_bytes(studies.single_image())
    viewer.open_list()
    viewer.page.get_by_text("Upload", exact=True).first.click()
    with viewer.page.expect_response(stores) as caught:
        viewer.page.locator("input[type=file]").first.set_input_files(file)
    assert caught.value.status == 200
    viewer.open_list()
    assert viewer.until(lambda: [row for row in viewer.rows() if "Upload, Ulla" in row])


def test_measurement_is_saved_as_a_structured_report(head: Viewer) -> None:
    draw_length(head)
    page = head.page
    page.locator('[data-cy="trackedMeasurements-btn"]').click()
    page.get_by_role("button", name="Create SR").first.click()
    with page.expect_response(stores) as caught:
        page.get_by_role("button", name="Save", exact=True).first.click()
    assert caught.value.status == 200
    series = page.request.get(f"{head.url}/dicom-web/studies/{studies.head().uid}/series").json()
    assert sorted(item["00080060"]["Value"][0] for item in series) == ["CT", "SR"]


def draw_length(viewer: Viewer) -> None:
    """Draw a length in the first viewport, and let it be tracked."""
    page = viewer.page
    page.locator('[data-cy="MeasurementTools-split-button-primary"]').first.click()
    box = viewer.pane().bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 80, y - 40)
    page.mouse.down()
    page.mouse.move(x + 80, y + 20, steps=10)
    page.mouse.up()
    page.get_by_role("button", name="Yes").first.click()


def names(found: list[dict[str, dict[str, list[dict[str, str]]]]]) -> set[str]:
    """The patients' names in a QIDO-RS answer."""
    return {item["00100010"]["Value"][0]["Alphabetic"] for item in found}


def sign_in(viewer: Viewer) -> None:
    if "/accounts/login/" not in viewer.page.url:
        viewer.page.goto(f"{viewer.url}/accounts/login/")
    viewer.page.fill("input[name=username]", site.USERNAME)
    viewer.page.fill("input[name=password]", site.PASSWORD)
    viewer.page.click("button[type=submit]")
    viewer.page.wait_for_url("**/viewer/**")
