#!/usr/bin/env python3
"""Pictures of a site's main pages in each language: what docs/languages.md shows, made anew.

    pip install playwright pillow        (and a Chromium, and a font with Chinese characters)
    python docs/examples/screens.py --url http://127.0.0.1:8000 --user admin --password ... --into docs/images/languages

The site should be a new one with the demo studies. The user may do everything there, as the first one may; the language
of their account is left to the browser.
"""

import argparse
import base64
import json
import urllib.request
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

LANGUAGES = {"en": "en", "fr": "fr", "es": "es", "zh-hans": "zh-CN"}
# By the name of the picture: the address, and how long it takes to be there (milliseconds).
SCREENS = {
    "dashboard": ("/admin/", 500),
    "studies": ("/admin/archive/study/", 500),
    "leads": ("/admin/practice/lead/", 500),
    "review": ("/admin/practice/match/?state__exact=review", 500),
    "worklist": ("/admin/worklist/scheduledstep/", 500),
    "upload": ("/admin/practice/batch/upload/", 500),
    "jobs": ("/admin/jobs/job/", 500),
    "users": ("/admin/accounts/user/", 500),
    "record": ("/admin/audit/event/", 500),
    "webhooks": ("/admin/webhooks/webhook/add/", 500),
    "notifications": ("/notifications/", 500),
    "account": ("/accounts/", 500),
    "viewer": ("/viewer/", 6000),
}
PEOPLE = [
    {"externalId": "screen-1", "familyName": "Phantom", "givenName": "Héloïse", "birthDate": "1980-04-12", "sex": "F"},
    {"externalId": "screen-2", "familyName": "Tremblay", "givenName": "Alexandra", "birthDate": "1968-09-30"},
    {"externalId": "screen-3", "familyName": "Nguyễn", "givenName": "Minh Anh", "phones": ["+1 514 555 0123"]},
]


class Site:
    def __init__(self, url: str, user: str, password: str) -> None:
        self.url, self.user, self.password = url.rstrip("/"), user, password

    def post(self, path: str, body: object) -> None:
        """One call of the REST API; what is there already is well too."""
        credentials = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), headers)
        urllib.request.urlopen(request, timeout=60).close()


def shoot(page: Page, into: Path, name: str, language: str) -> None:
    """Keep what the page shows as a small WebP file."""
    picture = Image.open(BytesIO(page.screenshot()))
    picture.save(into / f"{name}-{language}.webp", quality=72, method=6)


def sign_in(page: Page, site: Site, into: Path, language: str) -> None:
    page.goto(f"{site.url}/accounts/login/")
    shoot(page, into, "sign-in", language)
    page.fill("#id_username", site.user)
    page.fill("#id_password", site.password)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/viewer/**")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("url", "user", "password"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    site = Site(given.url, given.user, given.password)
    site.post("/api/leads/bulk", {"leads": PEOPLE})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
        for language, locale in LANGUAGES.items():
            page = browser.new_context(locale=locale, viewport={"width": 1280, "height": 800}).new_page()
            sign_in(page, site, given.into, language)
            for name, (path, milliseconds) in SCREENS.items():
                page.goto(f"{site.url}{path}")
                page.wait_for_timeout(milliseconds)
                shoot(page, given.into, name, language)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
