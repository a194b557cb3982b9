"""What a radiologist feels: a CT of 500 slices opened in OHIF in a real browser, from this server and from a peer.

The same OHIF is shown to both through the same small proxy, which only sends the DICOMweb requests to one or the other.
"""

import http.client
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from playwright.sync_api import Browser, Page, Response, sync_playwright

from benchmarks.dataset import StoredStudy
from benchmarks.targets import PATIENCE, Target

FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
LONGEST_SECONDS = 240
SESSION = """
from django.test import Client
from apps.accounts.models import User
client = Client()
client.force_login(User.objects.get(username="admin"))
print(client.cookies["sessionid"].value)
"""
NOT_PASSED_ON = frozenset({"host", "connection", "cookie", "transfer-encoding", "content-length", "keep-alive"})


@dataclass(frozen=True, slots=True)
class Opening:
    """Seconds until the first and the last frame had come, the requests to DICOMweb, and the server's CPU seconds."""

    first: float
    all: float
    requests: int
    cpu: float


def measure(ours: Target, targets: list[Target], study: StoredStudy, rounds: int) -> str:
    """Open the study from each target in turns; a table of medians, as Markdown."""
    cookie = f"sessionid={_session(ours)}"
    found: dict[str, list[Opening]] = {target.name: [] for target in targets}
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for number in range(rounds + 1):
            for target in targets:
                with _proxy(ours, target, cookie) as port:
                    opening = _open(browser, port, target, study)
                if number:
                    found[target.name].append(opening)
        browser.close()
    return _table(found, len(study.sop_uids))


def _open(browser: Browser, port: int, target: Target, study: StoredStudy) -> Opening:
    """One opening in a fresh profile; the viewer's own files are in no cache."""
    target.settle()
    seen: list[tuple[str, float]] = []

    def note(response: Response) -> None:
        if "/dicom-web/" in response.url:
            seen.append((response.url, time.perf_counter()))

    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.on("response", note)
        cpu, start = target.cpu_seconds(), time.perf_counter()
        page.goto(f"http://127.0.0.1:{port}/viewer/viewer?StudyInstanceUIDs={study.uid}")
        _wait_for_frames(page, seen, len(study.sop_uids))
        frames = [moment - start for url, moment in seen if "/frames/" in url]
        return Opening(frames[0], frames[-1], len(seen), target.cpu_seconds() - cpu)


def _wait_for_frames(page: Page, seen: list[tuple[str, float]], count: int) -> None:
    deadline = time.perf_counter() + LONGEST_SECONDS
    while len({url for url, _ in seen if "/frames/" in url}) < count:
        if time.perf_counter() > deadline:
            raise RuntimeError(f"The viewer asked for fewer than {count} frames in {LONGEST_SECONDS} seconds.")
        page.wait_for_timeout(50)


def _table(found: dict[str, list[Opening]], slices: int) -> str:
    lines = [
        f"| {slices} slices in OHIF | first frame, s | all frames, s | requests | server CPU, s |",
        "|---|---|---|---|---|",
    ]
    for name, openings in found.items():
        first, last, cpu = (
            statistics.median(getattr(one, field) for one in openings) for field in ("first", "all", "cpu")
        )
        requests = statistics.median(one.requests for one in openings)
        lines.append(f"| {name} | {first:.1f} | {last:.1f} | {requests:.0f} | {cpu:.2f} |")
    return "\n".join(lines)


def _session(ours: Target) -> str:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", SESSION]
    return subprocess.run(command, env=ours.environment, capture_output=True, text=True, check=True).stdout.split()[-1]


class _Handler(BaseHTTPRequestHandler):
    """Passes a request on: to the target what is DICOMweb, to this server all else."""

    protocol_version = "HTTP/1.1"
    ours: ClassVar[Target]
    target: ClassVar[Target]
    cookie: ClassVar[str]
    kept: ClassVar[threading.local]

    def do_GET(self) -> None:
        is_dicomweb = self.path.startswith("/dicom-web/")
        upstream = self.target if is_dicomweb else self.ours
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        headers |= upstream.headers if is_dicomweb else {"Cookie": self.cookie}
        path = upstream.root + self.path.removeprefix("/dicom-web") if is_dicomweb else self.path
        response, body = self._ask(upstream, path, headers)
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _ask(self, upstream: Target, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        """On a connection that this thread keeps; once more on a new one where the server had given it up."""
        for attempt in range(2):
            connection = getattr(self.kept, upstream.name, None)
            if connection is None or attempt:
                connection = http.client.HTTPConnection(upstream.host, upstream.port, timeout=PATIENCE)
                setattr(self.kept, upstream.name, connection)
            try:
                connection.request("GET", path, headers=headers)
                response = connection.getresponse()
                return response, response.read()
            except (http.client.HTTPException, ConnectionError):
                connection.close()
        raise ConnectionError(f"{upstream.name} gives no answer to {path}.")

    def log_message(self, *_: object) -> None:
        """A line a request would only be in the way."""


@contextmanager
def _proxy(ours: Target, target: Target, cookie: str) -> Iterator[int]:
    """The port of a proxy on loopback."""
    handler = type(
        "Handler", (_Handler,), {"ours": ours, "target": target, "cookie": cookie, "kept": threading.local()}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
