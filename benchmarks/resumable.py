"""What a large file costs as a resumable upload beside the same file as a plain form: CPU and memory of the web server.

A site of its own (granian, one process); the file is made up while it is sent, in turns by POST /api/dental/xrays/batch
and by tus, whose connection breaks every 256 MiB and is gone on with. What the jobs do after either is the same.
"""

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PIECE: Final = 1 << 20
# So many bytes a request of tus brings before its connection breaks.
BREAKS_AFTER: Final = 256 << 20
TOKEN: Final = "fovea_of-the-benchmark"
HEAD: Final = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'
TAIL: Final = b"\r\n--x--\r\n"
PREPARE: Final = f"""
from django.core.management import call_command
from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import Permission
call_command("migrate", verbosity=0)
practice = Practice.objects.create(name="North")
user = User.objects.create_superuser("nora", practice=practice)
from apps.accounts.models import Grant, Role
role = Role.objects.create(practice=practice, name="all", permissions=Permission.values)
Grant.objects.create(user=user, practice=practice, role=role)
Token.objects.create(user=user, name="b", permissions=Permission.values, digest=Token.digest_of({TOKEN!r}))
"""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of CPU of the web server, and by how many bytes its memory grew at the most."""

    cpu: float
    memory: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    place = tempfile.TemporaryDirectory(prefix="fovea-resumable-", ignore_cleanup_errors=True)
    with place as folder, _Server(Path(folder)) as server:
        plain, resumed = [], []
        for _ in range(asked.rounds):
            plain.append(server.measured(lambda: server.form(asked.mib << 20)))
            resumed.append(server.measured(lambda: server.tus(asked.mib << 20)))
        print(_told(asked.mib, plain, resumed))


class _Server:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        data = {"FOVEA_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "config.settings"}
        self._environment = os.environ | data | {"FOVEA_LOG_LEVEL": "ERROR"}

    def __enter__(self) -> "_Server":
        manage = [sys.executable, "manage.py", "shell", "--no-imports", "-c", PREPARE]
        subprocess.run(manage, cwd=ROOT, env=self._environment, check=True)
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(self._port)]
        command += ["--workers", "1", "--blocking-threads", "4", "config.wsgi:application"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL)
        while not self._is_up():
            time.sleep(0.2)
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._worker = max(children, key=lambda pid: _memory(pid, "VmRSS:"))
        self.tus(8 << 20)
        self.form(8 << 20)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def measured(self, send: Callable[[], None]) -> Took:
        # The peak begins anew.
        Path(f"/proc/{self._worker}/clear_refs").write_text("5")
        before, cpu = _memory(self._worker, "VmRSS:"), _cpu(self._worker)
        send()
        took = Took(_cpu(self._worker) - cpu, max(0, _memory(self._worker, "VmHWM:") - before))
        self._forget_files()
        return took

    def form(self, size: int) -> None:
        length = {"Content-Length": str(len(HEAD) + size + len(TAIL))}
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        body = (each for part in ([HEAD], _bytes(size), [TAIL]) for each in part)
        self._expect(202, self._ask("POST", "/api/dental/xrays/batch", body, {**length, **kind}))

    def tus(self, size: int) -> None:
        begun = self._ask("POST", "/api/uploads/", None, {"Upload-Length": str(size)})
        self._expect(201, begun)
        place, offset = begun.headers["Location"], 0
        while offset < size:
            offset = self._piece(place, offset, size)

    def _piece(self, place: str, offset: int, size: int) -> int:
        """All that is left is begun, breaks off, and the offset is asked for, as a client does on a bad network."""
        sent = min(BREAKS_AFTER, size - offset)
        fields = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        fields["Content-Length"] = str(size - offset)
        with suppress(ConnectionAbortedError):
            self._ask("PATCH", place, _bytes(sent), fields, is_torn=sent < size - offset)
        known = -1
        while known != offset + sent:
            time.sleep(0.05)
            head = self._ask("HEAD", place, None, {})
            self._expect(200, head)
            known = int(head.headers["Upload-Offset"])
        return known

    def _ask(
        self, method: str, path: str, body: Iterator[bytes] | None, fields: dict[str, str], *, is_torn: bool = False
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        connection.putrequest(method, path)
        for name, value in {"Authorization": f"Bearer {TOKEN}", "Tus-Resumable": "1.0.0", **fields}.items():
            connection.putheader(name, value)
        connection.endheaders()
        for piece in body or ():
            connection.send(piece)
        if is_torn:
            connection.close()
            raise ConnectionAbortedError
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def _is_up(self) -> bool:
        try:
            return self._ask("GET", "/healthz", None, {}).status == 200
        except OSError:
            return False

    def _forget_files(self) -> None:
        for place in ("batches/*/000000", "uploads/*"):
            for path in (self._folder / "data").glob(place):
                path.unlink()

    def _expect(self, status: int, answer: http.client.HTTPResponse) -> None:
        if answer.status != status:
            raise RuntimeError(f"The answer was {answer.status}.")


def _bytes(size: int) -> Iterator[bytes]:
    piece = os.urandom(PIECE)
    for start in range(0, size, PIECE):
        yield piece[: min(PIECE, size - start)]


def _cpu(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: str, name: str) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) << 10


def _told(mib: int, plain: list[Took], resumed: list[Took]) -> str:
    one, two = (statistics.median(each.cpu for each in some) for some in (plain, resumed))
    peak, other = (max(each.memory for each in some) >> 20 for some in (resumed, plain))
    return (
        f"{mib} MiB: plain {one:.2f} s of CPU and {other} MiB of memory, resumed {two:.2f} s and {peak} MiB:"
        f" {two / one:.2f} times as much"
    )


if __name__ == "__main__":
    main()
