"""Large files over networks that break: by the JavaScript client of tus, and on the page for people."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.agreement.javascript import TUS
from tests.browser import site
from tests.browser.tearing import Break, Proxy, plan, torn

SIZE = 6 << 20
CLIENT = """
([endpoint, size, chunk]) => new Promise((resolve) => {
  const file = document.getElementById("files").files[0];
  const upload = new tus.Upload(file, {
    endpoint,
    chunkSize: chunk || Infinity,
    retryDelays: [100, 500, 1000, 2000, 4000, 4000, 4000],
    metadata: { filename: file.name, filetype: "application/octet-stream" },
    onError: (error) => resolve(String(error)),
    onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader("Fovea-Job")),
  });
  upload.start();
})
"""


@pytest.fixture
def proxy(server: site.Site) -> Iterator[Proxy]:
    with torn(server.url) as proxy:
        yield proxy


@pytest.fixture
def page(profile: BrowserContext, proxy: Proxy) -> Iterator[Page]:
    """The page on which large files are dropped, with the JavaScript client of tus besides."""
    page = profile.new_page()
    page.add_init_script(path=TUS.script)
    page.goto(f"{proxy.url}/admin/practice/batch/upload/")
    yield page
    page.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file like no other."""
    path = tmp_path / f"{tmp_path.name} größer.bin"
    path.write_bytes(Random(tmp_path.name).randbytes(SIZE))
    return path


def received(server: site.Site, file: Path) -> bool:
    """Whether what a job was given is the file, byte for byte."""
    whole = file.read_bytes()
    return any(path.read_bytes() == whole for path in (server.data / "batches").glob("*/000000"))


@pytest.mark.parametrize(("seed", "chunk"), [(1, 0), (2, 0), (3, 1 << 20)])
def test_the_javascript_client_goes_on_after_whatever_breaks(
    page: Page, proxy: Proxy, server: site.Site, file: Path, seed: int, chunk: int
) -> None:
    page.evaluate("document.getElementById('files').replaceWith(Object.assign(document.createElement('input'),"
                  " {type: 'file', id: 'files'}))")  # fmt: skip
    page.set_input_files("#files", file)
    proxy.plan += plan(seed, chunk or SIZE, 4)
    job = page.evaluate(CLIENT, ["/api/uploads/", SIZE, chunk])
    assert re.fullmatch(r"/api/jobs/\d+", job), job
    assert (len(proxy.broken), received(server, file)) == (4, True)


def test_the_page_goes_on_by_itself(page: Page, proxy: Proxy, server: site.Site, file: Path) -> None:
    proxy.plan += [(Break.BOTH, 1 << 20), (Break.HALF, 1 << 20), (Break.ANSWER, 1 << 20)]
    page.set_input_files("#files", file)
    expect(page.locator("#uploads .state")).to_have_text("Storing")
    assert (len(proxy.broken), received(server, file)) == (3, True)


def test_the_page_goes_on_after_it_was_closed(page: Page, proxy: Proxy, server: site.Site, file: Path) -> None:
    proxy.plan += [(Break.BOTH, 2 << 20)] + [(Break.BOTH, 20 << 10)] * 9
    page.set_input_files("#files", file)
    expect(page.locator("#uploads .state")).to_contain_text("The connection broke")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    proxy.plan.clear()
    page.reload()
    expect(page.locator("#unfinished .state")).to_contain_text("Choose the same file again")
    page.set_input_files("#files", file)
    expect(page.locator("#uploads .state")).to_have_text("Storing")
    expect(page.locator("#unfinished li")).to_have_count(0)
    assert received(server, file)


def test_what_is_taken_back_is_gone(page: Page, proxy: Proxy, server: site.Site, file: Path) -> None:
    proxy.plan += [(Break.BOTH, 2 << 20)] + [(Break.BOTH, 20 << 10)] * 9
    page.set_input_files("#files", file)
    # What is paused before it has begun is not known by name, and goes when its time is over.
    page.wait_for_function("Object.keys(localStorage).some((name) => name.startsWith(Resumable.MEMORY))")
    page.get_by_role("button", name="Pause").click()
    proxy.plan.clear()
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("#uploads li")).to_have_count(0)
    assert not list((server.data / "uploads").iterdir())
