"""A server under measurement: how to ask it, and what its processes cost."""

import http.client
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")
BOUNDARY = "benchmark-boundary-0123456789"
PATIENCE = 120
# CPU seconds in five of the clock that count as doing nothing, and how often in a row that must be seen.
IDLE = 0.15
QUIET_LOOKS = 4


class Target:
    """A DICOMweb server, by the address of its root and the number of its first process."""

    def __init__(self, name: str, url: str, pid: int, headers: dict[str, str]) -> None:
        self.name, self.pid, self.headers = name, pid, headers
        parts = urlsplit(url)
        self.root, self.host, self.port = parts.path.rstrip("/"), parts.hostname or "", parts.port or 80
        self._connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)

    def get(self, path: str, accept: str, encoding: str = "") -> tuple[int, dict[str, str], bytes]:
        """One request on the connection that is kept."""
        headers = {**self.headers, "Accept": accept} | ({"Accept-Encoding": encoding} if encoding else {})
        self._connection.request("GET", self.root + path, headers=headers)
        response = self._connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()

    def reconnect(self) -> None:
        """Begin a new connection with the next request: a server may have given up the one that was idle."""
        self._connection.close()

    def store(self, files: Sequence[bytes]) -> None:
        """One STOW-RS request with these files."""
        start = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        body = b"".join(start + file + b"\r\n" for file in files) + f"--{BOUNDARY}--\r\n".encode()
        kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
        headers = {**self.headers, "Content-Type": kind, "Accept": "application/dicom+json"}
        self._connection.request("POST", f"{self.root}/studies", body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{self.name} answered {response.status} to STOW-RS: {answer[:200]!r}")

    def wait_until_idle(self) -> None:
        """Let the server finish what it does by itself after a store, for ten minutes at the most."""
        quiet = 0
        for _ in range(120):
            before = self.cpu_seconds()
            time.sleep(5)
            quiet = quiet + 1 if self.cpu_seconds() - before < IDLE else 0
            if quiet == QUIET_LOOKS:
                return

    def cpu_seconds(self) -> float:
        """What the server's processes have used until now, ended children included."""
        return sum(_used(pid) for pid in _tree(self.pid))


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and (fields := _stat(int(path.name))):
            children.setdefault(int(fields[1]), []).append(int(path.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def _used(pid: int) -> float:
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@contextmanager
def this_server() -> Iterator[Target]:
    """This checkout's web server on a loopback port, with a new data folder; ended with the context."""
    with tempfile.TemporaryDirectory(prefix="fovea-bench-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        password = secrets.token_urlsafe(12)
        environment = os.environ | {
            "FOVEA_DATA": folder,
            "FOVEA_HTTP": f"127.0.0.1:{port}",
            "FOVEA_ADMIN_PASSWORD": password,
            "FOVEA_DEMO": "0",
            "FOVEA_LOG_LEVEL": "INFO",
        }
        command = [sys.executable, "manage.py", "serve", "--initialise", "--only", "web"]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(port)
            credentials = b64encode(f"admin:{password}".encode()).decode()
            headers = {"Authorization": f"Basic {credentials}"}
            yield Target("Fovea", f"http://127.0.0.1:{port}/dicom-web", process.pid, headers)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.3)
        finally:
            connection.close()
    raise RuntimeError("The server did not start.")
