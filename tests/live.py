"""A Fovea of its own in real processes: prepared once, served by granian, killed and started again at will."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
USERNAME: Final = "nora"
SECRET: Final = "fovea_of-the-tests"
BOUNDARY: Final = "0f3cf5c0-70e0-41ef"
AUTHORIZATION: Final = f"Bearer {SECRET}"
MULTIPART: Final = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
STUDIES: Final = "/dicom-web/studies"
PATIENCE: Final = 60
PREPARE: Final = f"""
from django.core.management import call_command
from apps.accounts.models import Membership, Practice, Token, User
call_command("migrate", verbosity=0)
practice = Practice.objects.create(name="North")
user = User.objects.create_user({USERNAME!r}, practice=practice)
Membership.objects.create(user=user, practice=practice)
Token.objects.create(user=user, name="tests", digest=Token.digest_of({SECRET!r}))
"""


def multipart(*objects: bytes) -> bytes:
    """These objects as the body of one STOW-RS request (PS3.18 10.5), whose type is MULTIPART."""
    part = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(part + each + b"\r\n" for each in objects) + f"--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Server:
    """A running web server: granian with one worker process, in a process group of its own."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def request(self, method: str, path: str, body: bytes | Iterable[bytes] | None = None, **headers: str) -> Answer:
        """One request by a signed-in user; an iterable body is sent chunked. Raises OSError when nobody answers."""
        sent = {"Authorization": AUTHORIZATION} | {name.replace("_", "-"): text for name, text in headers.items()}
        is_chunked = body is not None and not isinstance(body, bytes)
        if is_chunked:
            sent["Transfer-Encoding"] = "chunked"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, sent, encode_chunked=is_chunked)
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()

    def store(self, body: bytes | Iterable[bytes], content_type: str = MULTIPART) -> Answer:
        return self.request("POST", STUDIES, body, Content_Type=content_type, Accept="application/dicom+json")

    def hang_up_after(self, head: str, body: bytes) -> None:
        """Send the beginning of a store and close the connection."""
        start = f"POST {STUDIES} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\n{head}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(start.encode() + body)

    def memory_peak(self) -> int:
        """The largest resident size that one of its processes has had, in bytes."""
        return max(_peak(pid) for pid in [self.process.pid, *_descendants(self.process.pid)])

    def kill(self) -> None:
        """As a power cut would: all its processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


class Site:
    """A site whose data lie in a folder: its commands, and its web server when one is started."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.environment = os.environ | {"FOVEA_DATA": str(self.data)} | environment

    def answered(self) -> list[str]:
        """The server's lines on the requests that it has answered."""
        log = self.folder / "server.log"
        return [line for line in log.read_text().splitlines() if "fovea.request" in line]

    def prepare(self) -> None:
        """Migrate, and create a practice with a user."""
        self.data.mkdir(parents=True)
        self.manage("shell", "--no-imports", "-c", PREPARE).check_returncode()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command in a process group of its own, that goes on by itself."""
        with (self.folder / "command.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    @contextmanager
    def serving(self) -> Iterator[Server]:
        """The web server, until the block ends."""
        port = _free_port()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--workers", "1", "--blocking-threads", "4", "config.wsgi:application"]
        log = self.folder / "server.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        server = Server(port, process)
        try:
            _wait_for(server, log)
            yield server
        finally:
            server.end()


def _wait_for(server: Server, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            server.request("GET", f"{STUDIES}?limit=1")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [below for child in children for below in _descendants(child)]


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
