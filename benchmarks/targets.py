"""A server under measurement: how to ask it, and what its processes cost."""

import http.client
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")
BOUNDARY = "benchmark-boundary-0123456789"
PATIENCE = 60
# CPU seconds in five of the clock that count as doing nothing, and how often in a row that must be seen.
IDLE = 0.15
QUIET_LOOKS = 4
# What a server may put off after a store: Orthanc takes a study for complete after a minute, and then works on it.
AFTERTHOUGHT = 70
STORED_AT_ONCE = 20
TOKEN = """
from apps.accounts.models import Token, User
print(Token.issue(User.objects.get(username="admin"), name="benchmark")[1])
"""


class Target:
    """A DICOMweb server, by the address of its root and the number of its first process."""

    def __init__(
        self, name: str, url: str, pid: int, headers: dict[str, str], environment: dict[str, str] | None = None
    ) -> None:
        self.name, self.pid, self.headers = name, pid, headers
        self.environment = environment or {}
        parts = urlsplit(url)
        self.root, self.host, self.port = parts.path.rstrip("/"), parts.hostname or "", parts.port or 80
        self._own = threading.local()

    def get(self, path: str, accept: str, encoding: str = "") -> tuple[int, dict[str, str], bytes]:
        """One request on the connection that each thread keeps. Raises RuntimeError where no answer comes."""
        headers = {**self.headers, "Accept": accept} | ({"Accept-Encoding": encoding} if encoding else {})
        return self._ask("GET", path, None, headers)

    def store(self, files: Sequence[bytes]) -> None:
        """One STOW-RS request with these files."""
        start = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        body = b"".join(start + file + b"\r\n" for file in files) + f"--{BOUNDARY}--\r\n".encode()
        kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
        headers = {**self.headers, "Content-Type": kind, "Accept": "application/dicom+json"}
        status, _, answer = self._ask("POST", "/studies", body, headers)
        if status != 200:
            raise RuntimeError(f"{self.name} answered {status} to STOW-RS: {answer[:200]!r}")

    def store_all(self, files: Sequence[bytes]) -> None:
        """The same in as many requests as it takes."""
        for start in range(0, len(files), STORED_AT_ONCE):
            self.store(files[start : start + STORED_AT_ONCE])

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request(method, self.root + path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise RuntimeError(f"{self.name} gave no answer to {method} {path}: {error!r}") from error
        return response.status, {name.lower(): value for name, value in response.getheaders()}, answer

    def settle(self) -> None:
        """Begin new connections, and let the server finish what it still works on, for some seconds at the most."""
        self._own = threading.local()
        for _ in range(40):
            before = self.cpu_seconds()
            time.sleep(0.25)
            if self.cpu_seconds() - before <= 0.02:
                return

    def wait_until_idle(self) -> None:
        """Let the server finish what it does by itself after a store, for ten minutes at the most."""
        time.sleep(AFTERTHOUGHT)
        quiet = 0
        for _ in range(120):
            before = self.cpu_seconds()
            time.sleep(5)
            quiet = quiet + 1 if self.cpu_seconds() - before < IDLE else 0
            if quiet == QUIET_LOOKS:
                return

    def most_memory(self) -> int:
        """The largest resident size that one of the server's processes has had, in MiB."""
        return max((_high_water(pid) for pid in _tree(self.pid)), default=0) >> 10

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


def _high_water(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@contextmanager
def this_server() -> Iterator[Target]:
    """This checkout's web server on a loopback port, with a new data folder; ended with the context."""
    with tempfile.TemporaryDirectory(prefix="fovea-bench-") as folder:
        port = free_port()
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
            wait_for(port, "/healthz")
            token = subprocess.run(
                [sys.executable, "manage.py", "shell", "--no-imports", "-c", TOKEN],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()[-1]
            headers = {"Authorization": f"Bearer {token}"}
            yield Target("Fovea", f"http://127.0.0.1:{port}/dicom-web", process.pid, headers, environment)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, path: str) -> bytes:
    """What a server on a loopback port answers there, once it does. Raises RuntimeError if it never does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            if response.status == 200:
                return response.read()
        except OSError:
            time.sleep(0.3)
        finally:
            connection.close()
    raise RuntimeError("The server did not start.")
