"""The review queue in a real browser: a case is decided, undone and decided otherwise by keys alone."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import site, studies
from tests.browser.viewer import Viewer


def post(server: site.Site, where: str, **sent: Any) -> dict[str, Any]:
    """What the REST API answers."""
    credentials = base64.b64encode(f"{site.USERNAME}:{site.PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/api/{where}", json.dumps(sent).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@pytest.fixture
def case(server: site.Site) -> Iterator[dict[str, Any]]:
    """A study whose patient may be one of two leads."""
    post(server, "leads", familyName="Keys", givenName="Anna", externalId="keys-1")
    where = f"studies/{studies.head().uid}/match"
    made = post(server, f"{where}/link", leadExternalId="keys-1")
    post(server, f"{where}/undo")
    yield made
    post(server, f"{where}/no-lead")


def test_keys_decide(case: dict[str, Any], profile: BrowserContext, server: site.Site) -> None:
    post(server, f"studies/{studies.head().uid}/match/unlink")
    page = profile.new_page()
    viewer = Viewer(page, server.url)
    page.goto(f"{server.url}/admin/practice/match/review/?q=")
    expect(page.get_by_text("Needs review").first).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Needs review").first).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_text("Linked to the new lead")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Link 1")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("keys an")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Keys, Anna").first).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("Linked to").first).to_be_visible()
    page.close()
    assert not viewer.problems
