"""A whole Fovea of its own: migrated, with a user, served by granian on a port of the loopback interface."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests import migrated

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 60
DONE_SECONDS: Final = 120
AT_WORK: Final = ("queued", "running")
USERNAME: Final = "nora"
PASSWORD: Final = "correct horse battery"
AUTHORIZATION: Final = f"Basic {base64.b64encode(f'{USERNAME}:{PASSWORD}'.encode()).decode()}"
# A superuser, who sees every page of the admin.
BOSS: Final = "bruno"
OTHERS: Final = ("mara", "pascal", "noel")
# Static files as in production, but not compressed, which takes longer than all the tests' pages.
PREPARE: Final = f"""
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from apps.accounts.models import Practice, User
from tests.rights import give
plain = {{"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
with override_settings(STORAGES=settings.STORAGES | {{"staticfiles": plain}}):
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["redoc"])
practice = Practice.objects.create(name="North")
user = User.objects.create_user({USERNAME!r}, password={PASSWORD!r}, practice=practice, is_staff=True)
give(user, practice)
# For the tests of signing in, which change what these users sign in with.
for name in {OTHERS!r}:
    give(User.objects.create_user(name, password={PASSWORD!r}, practice=practice, is_staff=True), practice)
User.objects.filter(username="noel").update(must_change_password=True)
give(User.objects.create_superuser({BOSS!r}, password={PASSWORD!r}, practice=practice), practice)
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Where it is served (no trailing slash), and where its data lie."""

    url: str
    data: Path

    def store(self, objects: Iterable[bytes]) -> None:
        """Store Part 10 files by one STOW-RS request (PS3.18 10.5)."""
        boundary = uuid.uuid4().hex
        part = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        body = b"".join(part + file + b"\r\n" for file in objects) + f"--{boundary}--\r\n".encode()
        headers = {
            "Authorization": AUTHORIZATION,
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
            "Accept": "application/dicom+json",
        }
        request = urllib.request.Request(f"{self.url}/dicom-web/studies", body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 200, answer.read()

    def ask(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """What this address answers as JSON: to a GET, or to a POST (or another `method`) of `body`."""
        headers = {"Authorization": AUTHORIZATION, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def run(self, *arguments: str) -> None:
        """A command of `manage.py` on this site."""
        environment = os.environ | {"FOVEA_DATA": str(self.data), "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)

    def analysed(self, study_uid: str, kind: str, **parameters: Any) -> Any:
        """An analysis of a study, once it is done by a worker of this site (`working`)."""
        asked = self.ask(f"/api/studies/{study_uid}/analyses", {"kind": kind, "parameters": parameters})
        deadline = time.monotonic() + DONE_SECONDS
        while (analysis := self.ask(f"/api/analyses/{asked['id']}"))["state"] in AT_WORK:
            assert time.monotonic() < deadline, analysis
            time.sleep(0.2)
        assert analysis["state"] == "done", analysis
        return analysis

    @contextmanager
    def working(self) -> Iterator[None]:
        """With a worker that does the site's jobs."""
        environment = os.environ | {"FOVEA_DATA": str(self.data), "DJANGO_SETTINGS_MODULE": "config.settings"}
        worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env=environment)
        try:
            yield
        finally:
            worker.terminate()
            worker.wait(timeout=60)


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Serve a new site whose data lie in `folder`, until the block ends."""
    port = _free_port()
    environment = os.environ | {
        "FOVEA_DATA": str(folder / "data"),
        "FOVEA_STATIC_ROOT": str(folder / "static"),
        "FOVEA_HTTP": f"127.0.0.1:{port}",
    }
    migrated.lay_out(folder / "data")
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", PREPARE], cwd=ROOT, env=environment, check=True
    )
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "4", "config.wsgi:application"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/accounts/login/", server, folder / "server.log")
            yield Site(f"http://127.0.0.1:{port}", folder / "data")
        finally:
            server.terminate()
            server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-4000:]}")
