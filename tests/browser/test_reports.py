"""The page on which reports are written: the whole way of one, a connection that is lost, and two who write at once."""

import shutil
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from scipy.signal import resample_poly

from tests.browser import reporting, site, studies
from tests.browser.conftest import FLAGS, PATIENCE_MS
from tests.browser.viewer import PANES, Viewer

# OHIF writes into the storage of its frame a last time when the page that holds it has gone on.
FRAME_GONE: Final = "uncaught: Cannot read properties of null (reading 'setItem')"
REPORTED: Final = studies.reported_head()
STUDY: Final = REPORTED.uid
PHRASE: Final = "Old infarction in the territory of the left middle cerebral artery."
# What is said into the microphone: a phrase by its name, then a command.
SPOKEN: Final = ("macro old infarction", "previous field")
# Samples a second of the microphone: Chromium makes a poor one of another.
RATE: Final = 48_000
PAUSE_SECONDS: Final = 1.6
# What the page remembers: the viewer beside the report, or none, which is quicker: it is large.
BESIDE: Final = "localStorage.setItem('fovea.desk', JSON.stringify({ isHidden: false, isElsewhere: false }))"
ALONE: Final = "localStorage.setItem('fovea.desk', JSON.stringify({ isHidden: true, isElsewhere: true }))"
OVERFLOW: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
TEMPLATE: Final = f"""
from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.reports import templates_taking
from tests.browser import reporting
who = Principal.of(User.objects.get(username={site.BOSS!r}))
templates_taking.take_in(who, Practice.objects.get(name="North"), reporting.source())
"""


@pytest.fixture(scope="module", autouse=True)
def template(server: site.Site) -> None:
    """The practice has a template of its own, and the user a phrase."""
    server.run("shell", "--no-imports", "-c", TEMPLATE)
    server.ask("/api/phrases", {"name": "old infarction", "text": PHRASE, "language": "en"})


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of SPOKEN by a synthetic voice, with pauses."""
    speaker = shutil.which("espeak-ng")
    if speaker is None:
        pytest.fail("The browser test of dictation needs a voice: install the package espeak-ng.")
    folder = tmp_path_factory.mktemp("spoken")
    silence = np.zeros(round(RATE * PAUSE_SECONDS), np.int16)
    pieces = [silence]
    for words in SPOKEN:
        said = folder / "piece.wav"
        subprocess.run([speaker, "-v", "en-us", "-s", "140", "-w", str(said), words], check=True)
        pieces += [samples(said), silence]
    with wave.open(str(folder / "all.wav"), "wb") as whole:
        whole.setparams((1, 2, RATE, 0, "NONE", ""))
        whole.writeframes(np.concatenate(pieces).tobytes())
    return folder / "all.wav"


def samples(sound: Path) -> np.ndarray:
    """A WAV file's, at RATE."""
    with wave.open(str(sound)) as piece:
        heard = np.frombuffer(piece.readframes(piece.getnframes()), np.int16).astype(float)
        return resample_poly(heard, RATE, piece.getframerate()).clip(-32_767, 32_767).astype(np.int16)


@pytest.fixture(scope="module")
def desk(browser: Browser, profile: BrowserContext, spoken: Path) -> Iterator[BrowserContext]:
    """The signed-in profile in a browser whose microphone hears the recording."""
    flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={spoken}%noloop",
    )
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    other = browser.browser_type.launch(executable_path=chromium, args=[*FLAGS, *flags])
    state: Any = profile.storage_state()
    with other.new_context(viewport={"width": 1440, "height": 900}, storage_state=state) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context
    other.close()


@pytest.fixture(scope="module", autouse=True)
def study(server: site.Site) -> None:
    server.store(REPORTED.files)


@pytest.fixture
def writer(desk: BrowserContext, server: site.Site) -> Iterator[Viewer]:
    viewer = Viewer(desk.new_page(), server.url)
    yield viewer
    viewer.page.close()
    assert [problem for problem in viewer.problems if problem != FRAME_GONE] == []


def begin(viewer: Viewer, study: str) -> int:
    """Begin a report of the study by the tests' template; its number."""
    page = viewer.page
    page.goto(f"{viewer.url}/reports/new?study={study}")
    page.get_by_label("Template").select_option(label=reporting.TITLE)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/reports/*/")
    is_read(page)
    return int(page.url.rstrip("/").rpartition("/")[2])


def is_read(page: Page) -> None:
    expect(page.locator("#status")).not_to_be_empty()
    expect(page.locator("#note")).to_be_empty()


def is_saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")


def entries(server: site.Site, report: int) -> Any:
    return server.ask(f"/api/reports/{report}")["content"]["entries"]


def change(server: site.Site, report: int, key: str, value: str) -> None:
    """As somebody else does it elsewhere."""
    revision = server.ask(f"/api/reports/{report}")["revision"]
    body = {"revision": revision, "entries": {key: {"value": value}}}
    server.ask(f"/api/reports/{report}", body, method="PATCH")


def sign(page: Page) -> None:
    page.keyboard.press("Alt+s")
    page.get_by_label("Your password").fill(site.PASSWORD)
    page.locator("#sign-now").click()


def stored(viewer: Viewer, server: site.Site, report: int, count: int) -> None:
    def are_stored() -> bool:
        signatures = server.ask(f"/api/reports/{report}/signatures")
        return len(signatures) == count and all(each["isStored"] for each in signatures)

    viewer.until(are_stored)


def test_a_report_is_written_dictated_signed_amended_and_seen_beside_the_images(
    writer: Viewer, server: site.Site
) -> None:
    page = writer.page
    page.add_init_script(BESIDE)
    with server.working():
        report = begin(writer, STUDY)
        write(page)
        take_an_image(writer)
        dictate(page)
        is_saved(page)
        sign(page)
        expect(page.locator("#status")).to_have_text("Final")
        expect(page.locator("#field-summary")).to_have_js_property("readOnly", True)
        stored(writer, server, report, 1)
        amend(page)
        stored(writer, server, report, 2)
    seen_in_the_viewer(writer, server, report)


def write(page: Page) -> None:
    """Filled in, typed, chosen, undone, with a gap, a phrase, and findings taken over."""
    expect(page.locator("#field-images")).not_to_have_value("")
    expect(page.locator("[data-key=images] .chip")).to_have_text("From the study")
    page.locator("#field-images").fill("23")
    expect(page.locator("[data-key=images] .chip")).to_have_text("Edited · From the study")
    question = page.locator("#field-question")
    question.fill("Headache for [___] days")
    question.press("Home")
    question.press("Tab")
    page.keyboard.type("three")
    expect(question).to_have_value("Headache for three days")
    page.get_by_label("Limited").check()
    findings = page.locator("#field-text")
    findings.press("Control+End")
    page.keyboard.type("\n.old-infarction ")
    expect(findings).to_have_value(f"{reporting.NORMAL}\n{PHRASE}")
    is_saved(page)
    findings.press("Control+z")
    expect(findings).to_have_value(f"{reporting.NORMAL}\n.old-infarction ")
    findings.press("Control+y")
    findings.press("Alt+i")
    expect(page.locator("#field-summary")).to_have_value(f"Quality: Limited\n{PHRASE}")


def take_an_image(viewer: Viewer) -> None:
    """The one that the viewer beside the report shows, with its window."""
    page = viewer.page
    pane = page.frame_locator("#viewer").locator(PANES).first
    expect(pane).to_be_visible()
    viewer.until(lambda: page.evaluate("() => Boolean(reportPage.viewer.image()?.sopClassUid)"))
    page.keyboard.press("Alt+k")
    picture = page.locator("#pictures img")
    expect(picture).to_have_count(1)
    is_saved(page)
    page.get_by_label("Caption").fill("The old infarction")
    viewer.until(lambda: picture.evaluate("image => image.complete && image.naturalWidth"))


def dictate(page: Page) -> None:
    """A phrase by its name, at the end of the impression; and a command, which leads away from there."""
    summary = page.locator("#field-summary")
    summary.fill("Dictated:")
    page.keyboard.press("Alt+d")
    expect(summary).to_have_value(f"Dictated: {PHRASE}")
    expect(page.locator("[data-key=summary]")).to_contain_text("To be confirmed")
    expect(page.locator("#field-text")).to_be_focused()
    page.get_by_role("button", name="Stop dictating").click()
    summary.press("Alt+Enter")
    expect(page.locator("[data-key=summary]")).not_to_contain_text("To be confirmed")


def amend(page: Page) -> None:
    page.get_by_role("button", name="Amend").click()
    page.get_by_label("Reason").fill("The side was wrong")
    page.locator("#amend-form [type=submit]").click()
    expect(page.locator("#status")).to_have_text("Being amended")
    page.locator("#field-summary").fill("Infarction on the right.")
    is_saved(page)
    sign(page)
    expect(page.locator("#status")).to_have_text("Amended")


def seen_in_the_viewer(viewer: Viewer, server: site.Site, report: int) -> None:
    """The PDF and the structured report of the amendment, each opened from its series."""
    page = viewer.page
    newest = server.ask(f"/api/reports/{report}/signatures")[0]
    document, structured = (series_of(server, newest[name]) for name in ("pdfInstanceUid", "srInstanceUid"))
    address = f"{viewer.url}/viewer/viewer?StudyInstanceUIDs={STUDY}&initialSeriesInstanceUID="
    with page.expect_response(lambda answer: "/rendered" in answer.url and document in answer.url) as caught:
        page.goto(address + document)
    assert caught.value.headers["content-type"] == "application/pdf"
    expect(page.locator("object[data*='/rendered']")).to_be_visible()
    page.goto(address + structured)
    expect(page.locator(PANES).first.get_by_text("Infarction on the right.").first).to_be_visible()


def series_of(server: site.Site, instance: str) -> str:
    [found] = server.ask(f"/dicom-web/studies/{STUDY}/instances?SOPInstanceUID={instance}")
    return str(found["0020000E"]["Value"][0])


def test_a_lost_connection_loses_nothing(desk: BrowserContext, writer: Viewer, server: site.Site) -> None:
    page = writer.page
    page.add_init_script(ALONE)
    report = begin(writer, studies.head().uid)
    is_saved(page)
    desk.set_offline(True)
    page.locator("#field-summary").fill("Written without a connection.")
    expect(page.locator("#saved")).to_contain_text("kept on this device")
    kept = page.evaluate("() => Object.entries(localStorage).find(([name]) => name.startsWith('fovea.report.'))[1]")
    assert "Written" not in kept
    # What the browser logs of the lost connection.
    writer.problems.clear()
    page.close()
    desk.set_offline(False)
    page = desk.new_page()
    page.add_init_script(ALONE)
    page.goto(f"{server.url}/reports/{report}/")
    expect(page.locator("#field-summary")).to_have_value("Written without a connection.")
    is_saved(page)
    assert entries(server, report)["summary"]["value"] == "Written without a connection."
    assert page.evaluate("() => Object.keys(localStorage).filter(name => name.startsWith('fovea.report.'))") == []
    page.close()


def test_two_who_write_at_once_see_both(writer: Viewer, server: site.Site) -> None:
    """Another field of theirs is taken over; of the same one whoever sits there chooses."""
    page = writer.page
    page.add_init_script(ALONE)
    report = begin(writer, studies.head().uid)
    change(server, report, "question", "Theirs alone")
    page.locator("#field-text").fill("Mine alone")
    expect(page.locator("#field-question")).to_have_value("Theirs alone")
    is_saved(page)
    change(server, report, "summary", "Theirs")
    page.locator("#field-summary").fill("Mine")
    expect(page.get_by_role("heading", name="Somebody else has changed this meanwhile")).to_be_visible()
    page.get_by_label("Both").check()
    page.get_by_role("button", name="Go on with these").click()
    expect(page.locator("#field-summary")).to_have_value("Mine\nTheirs")
    is_saved(page)
    found = entries(server, report)
    assert [found[key]["value"] for key in ("question", "text", "summary")] == [
        "Theirs alone", "Mine alone", "Mine\nTheirs",
    ]  # fmt: skip
    # What the browser logs of the two refusals.
    assert [problem for problem in writer.problems if "409" not in problem] == []
    writer.problems.clear()


@pytest.mark.parametrize("width", [390, 820])
def test_the_page_is_as_wide_as_the_screen(writer: Viewer, width: int) -> None:
    page = writer.page
    page.add_init_script(ALONE)
    begin(writer, studies.head().uid)
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate(OVERFLOW) <= 0
