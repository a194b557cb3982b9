"""A site and a browser that is signed in to it, shared by the tests of this folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from apps.viewer import dist
from tests.browser import site, studies
from tests.browser.viewer import Viewer

# SwiftShader draws without a graphics card; the rest keeps Chromium from calling home.
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
# Each test opens a page or two of a 17 MB program; what it waits for comes in seconds on two slow cores.
PATIENCE_MS = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these tests are of the browser, and under xdist share one worker, with its one site."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[site.Site]:
    """A site with the studies of this folder."""
    if not dist.is_current(dist.default_folder()):
        pytest.fail("The viewer's files are missing or old: run `make setup`.")
    with site.running(tmp_path_factory.mktemp("site")) as running:
        for make in studies.ALL:
            running.store(make().files)
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("The browser tests need Chromium: install the package chromium.")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def stranger(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile that nobody has signed in with."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


@pytest.fixture(scope="package")
def profile(browser: Browser, server: site.Site) -> Iterator[BrowserContext]:
    """A browser profile that is signed in; its cache is shared by all pages."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{server.url}/accounts/login/")
        page.fill("input[name=username]", site.USERNAME)
        page.fill("input[name=password]", site.PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url("**/viewer/")
        page.close()
        yield context


@pytest.fixture
def viewer(profile: BrowserContext, server: site.Site) -> Iterator[Viewer]:
    """A new page. At the end nothing may have gone wrong in it."""
    page = profile.new_page()
    viewer = Viewer(page, server.url)
    yield viewer
    page.close()
    assert not viewer.problems


@pytest.fixture(scope="package")
def opened_head(profile: BrowserContext, server: site.Site) -> Viewer:
    viewer = Viewer(profile.new_page(), server.url)
    viewer.open_study(studies.head().uid)
    return viewer


@pytest.fixture
def head(opened_head: Viewer) -> Iterator[Viewer]:
    """The CT volume, opened once for all tests that look at it."""
    yield opened_head
    assert not opened_head.problems
