"""OHIF as the tests use it: opened, watched, and asked what it has drawn."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response

Found = TypeVar("Found")

PATIENCE: Final = 60.0
# What SwiftShader, which draws in place of a graphics card, says of itself.
NOT_OURS: Final = re.compile(r"GPU stall|GL Driver Message|swiftshader|willReadFrequently", re.IGNORECASE)
# Chromium shows a PDF by an extension of its own.
BROWSERS_OWN: Final = ("chrome-extension:", "chrome:")
PANES: Final = '[data-cy="viewport-pane"]'

REPORT_VIOLATIONS: Final = """
document.addEventListener('securitypolicyviolation',
  event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
# OHIF shows a tour over the first study that a profile opens. The browser's own page for a PDF has no storage.
WITHOUT_TOUR: Final = """
for (const storage of [localStorage, sessionStorage]) {
  storage?.setItem('shownTours', JSON.stringify(['basicViewerTour', 'basicViewer', 'longitudinal']));
}
"""
# For each viewport: how many grey levels its canvas shows, how much they vary, and a hash of them.
DRAWN: Final = """
() => [...document.querySelectorAll('[data-cy="viewport-pane"]')].map(pane => {
  const canvas = pane.querySelector('canvas');
  if (!canvas || !canvas.width) return { levels: 0, deviation: 0, hash: 0 };
  const small = document.createElement('canvas');
  small.width = 160; small.height = 120;
  const context = small.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0, small.width, small.height);
  const data = context.getImageData(0, 0, small.width, small.height).data;
  const greys = [...data.filter((_, i) => i % 4 === 1)];
  const mean = greys.reduce((a, b) => a + b, 0) / greys.length;
  const deviation = Math.sqrt(greys.reduce((a, b) => a + (b - mean) ** 2, 0) / greys.length);
  const hash = data.reduce((h, v) => Math.imul(h ^ v, 16777619) >>> 0, 2166136261);
  return { levels: new Set(greys).size, deviation, hash };
})
"""
# The pixel values of every image in the first viewport, as its decoder gave them.
DECODED: Final = """
async () => {
  const { cache, imageLoader, getRenderingEngines } = window.cornerstone;
  const [viewport] = getRenderingEngines()[0].getViewports();
  const images = await Promise.all(viewport.getImageIds().map(id => imageLoader.loadAndCacheImage(id)));
  return images.map(image => [...image.getPixelData()]);
}
"""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What one viewport's canvas shows."""

    levels: int
    deviation: float
    hash: int

    def is_image(self) -> bool:
        return self.levels >= 4 and self.deviation > 3


class Viewer:
    """A page of the viewer at `url` (of the site), and everything that went wrong in it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.problems: list[str] = []
        page.add_init_script(REPORT_VIOLATIONS + WITHOUT_TOUR)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def open_list(self) -> None:
        self.page.goto(f"{self.url}/viewer/")
        self.until(self.rows)

    def open_study(self, study_uid: str, protocol: str = "", *, viewports: int = 1) -> list[Drawing]:
        """Open a study, and return what the viewports show once `viewports` of them show an image."""
        chosen = f"&hangingprotocolId={protocol}" if protocol else ""
        self.page.goto(f"{self.url}/viewer/viewer?StudyInstanceUIDs={study_uid}{chosen}")
        return self.settled(viewports)

    def rows(self) -> list[str]:
        """The rows of the study list, each as one line of text."""
        rows = self.page.locator("tbody").last.locator("tr").all_inner_texts()
        texts = (" ".join(row.split()) for row in rows)
        return [text for text in texts if text and not text.startswith("No ")]

    def drawings(self) -> list[Drawing]:
        return [Drawing(**values) for values in self.page.evaluate(DRAWN)]

    def settled(self, viewports: int = 1) -> list[Drawing]:
        """The drawings, once `viewports` of them are images and nothing changes any more."""
        previous: list[Drawing] = []

        def still() -> list[Drawing]:
            nonlocal previous
            before, previous = previous, self.drawings()
            images = [drawing for drawing in previous if drawing.is_image()]
            return previous if len(images) >= viewports and before == previous else []

        return self.until(still)

    def decoded(self) -> list[list[int]]:
        """The pixel values of every image of the first viewport."""
        values: list[list[int]] = self.page.evaluate(DECODED)
        return values

    def pane(self) -> Locator:
        return self.page.locator(PANES).first

    def until(self, condition: Callable[[], Found]) -> Found:
        """What `condition` returns, as soon as that is something."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, f"not in {PATIENCE:.0f} s; problems: {self.problems}"
            self.page.wait_for_timeout(300)
        return found

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not NOT_OURS.search(message.text):
            self.problems.append(f"console: {message.text[:500]}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "blob:", "data:", *BROWSERS_OWN)):
            self.problems.append(f"another origin: {request.url[:200]}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.request.method} {response.url[:200]}")


def stores(answer: Any) -> bool:
    """Whether this is the answer to a STOW-RS request."""
    return answer.request.method == "POST" and "/dicom-web/studies" in answer.url
