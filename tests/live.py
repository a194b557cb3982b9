"""A Fovea of its own in real processes: prepared once, served by granian, killed and started again at will."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tests import migrated

SETTINGS: Final = {"DJANGO_SETTINGS_MODULE": "config.settings"}
ROOT: Final = Path(__file__).resolve().parents[1]
USERNAME: Final = "nora"
SECRET: Final = "fovea_of-the-tests"
BOUNDARY: Final = "0f3cf5c0-70e0-41ef"
AUTHORIZATION: Final = f"Bearer {SECRET}"
MULTIPART: Final = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
STUDIES: Final = "/dicom-web/studies"
# Seconds: for anything to happen on a machine that is busy, and for a server to end.
PATIENCE: Final = 150
GRACE: Final = 20
PREPARE: Final = f"""
from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import Permission
from tests.rights import give
practice = Practice.objects.create(name="North")
user = User.objects.create_user({USERNAME!r}, practice=practice)
give(user, practice)
Token.objects.create(user=user, name="tests", permissions=Permission.values, digest=Token.digest_of({SECRET!r}))
"""


def multipart(*objects: bytes) -> bytes:
    """These objects as the body of one STOW-RS request (PS3.18 10.5), whose type is MULTIPART."""
    part = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(part + each + b"\r\n" for each in objects) + f"--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


# A process that has everything loaded, and forks one for each order: what is killed is there again at once.
FORKER: Final = """
import json, os, signal, sys
import config.wsgi
from django.core.management import execute_from_command_line
from granian.cli import entrypoint
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    arguments, log = json.loads(line)
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = arguments
    entrypoint() if arguments[0] == "granian" else execute_from_command_line(arguments)
    sys.stdout.flush()
    os._exit(0)
"""


class Server:
    """A running web server: granian with one worker process, in a process group of its own."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid

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
        start = f"POST {STUDIES} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTHORIZATION}\r\n{head}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(start.encode() + body)

    def memory_peak(self) -> int:
        """The largest resident size that one of its processes has had, in bytes."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(_status(pid, "VmHWM:") for pid in [str(self.pid), *children])

    def memory(self) -> int:
        """The resident size of its largest process now, in bytes."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(_status(pid, "VmRSS:") for pid in [str(self.pid), *children])

    def kill(self) -> None:
        kill(self.pid)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        try:
            wait_until(lambda: not is_alive(self.pid), GRACE)
        except AssertionError:
            # A worker that is told to end while it starts never hears of it.
            self.kill()


def kill(pid: int) -> None:
    """As a power cut would: the process and all that it started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.01)


class Site:
    """A site whose data lie in a folder: its commands, and its web server when one is started. Use it as a context."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.environment = os.environ | SETTINGS | {"FOVEA_DATA": str(self.data)} | environment

    def __enter__(self) -> Self:
        """Make the tables, and create a practice with a user."""
        migrated.lay_out(self.data)
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", FORKER]
        self._forker = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdin=pipe, stdout=pipe, text=True)
        self.run("shell", "--no-imports", "-c", PREPARE)
        return self

    def __exit__(self, *_: object) -> None:
        self._forker.kill()
        self._forker.communicate()

    def fork(self, *arguments: str) -> int:
        """Start `manage.py` or `granian` in a process group of its own; its process id."""
        assert self._forker.stdin
        assert self._forker.stdout
        log = self.folder / f"{arguments[0]}.log"
        print(json.dumps([arguments, str(log)]), file=self._forker.stdin, flush=True)
        return int(self._forker.stdout.readline())

    def run(self, *arguments: str) -> str:
        """What a command of `manage.py` wrote until it ended."""
        log = self.folder / "manage.py.log"
        before = log.stat().st_size if log.exists() else 0
        pid = self.fork("manage.py", *arguments)
        wait_until(lambda: not is_alive(pid))
        return log.read_bytes()[before:].decode()

    def answered(self) -> list[str]:
        """The server's lines on the requests that it has answered."""
        return [line for line in (self.folder / "granian.log").read_text().splitlines() if "fovea.request" in line]

    @contextmanager
    def serving(self) -> Iterator[Server]:
        """The web server, until the block ends."""
        port = _free_port()
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "16"]
        server = Server(port, self.fork("granian", *options, "config.wsgi:application"))
        try:
            wait_until(lambda: _is_serving(server))
            yield server
        finally:
            server.end()


def _is_serving(server: Server) -> bool:
    try:
        return server.request("GET", f"{STUDIES}?limit=1").status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _status(pid: str, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))
