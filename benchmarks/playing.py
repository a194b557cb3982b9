"""A site that takes videos in and plays them, for the benchmark of videos: the web server and its workers.

From an upload's end until the video plays, with four at once; and what a Range and a poster cost its processes.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.resumable import PREPARE, ROOT, TOKEN
from benchmarks.targets import free_port

BOUNDARY: Final = "fovea-benchmark"
PIECE: Final = 1 << 20
PATIENCE: Final = 300  # seconds for a film to be stored, on a machine that is busy
TIMES: Final = 20  # Ranges and posters, over which their cost is averaged


@contextmanager
def site(folder: Path) -> Iterator["Site"]:
    """A new site whose data lie in `folder`, until the block ends."""
    environment = os.environ | {
        "FOVEA_DATA": str(folder / "site"), "DJANGO_SETTINGS_MODULE": "config.settings", "FOVEA_LOG_LEVEL": "ERROR",
        "FOVEA_HTTP": f"127.0.0.1:{(port := free_port())}", "FOVEA_API_RATE": "0",
    }  # fmt: skip
    prepare = [sys.executable, "manage.py", "shell", "--no-imports", "-c", PREPARE]
    subprocess.run(prepare, cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "manage.py", "serve", "--only", "web", "--only", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        served = Site(port, process.pid)
        served.wait()
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


class Site:
    """A running site."""

    def __init__(self, port: int, pid: int) -> None:
        self._port, self._pid = port, pid

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + PATIENCE
        while not self._is_up():
            if time.monotonic() > deadline:
                raise RuntimeError("The site doesn't answer.")
            time.sleep(0.2)

    def stored(self, films: Sequence[Path]) -> list[tuple[str, float]]:
        """Bring films at once, and wait: the UID of each, and the seconds from its last byte until it is stored."""
        with ThreadPoolExecutor(len(films)) as pool:
            return list(pool.map(self._stored, films))

    def range_ms(self, uid: str) -> float:
        """Milliseconds of CPU for 64 KiB from somewhere in the film, all processes together."""
        study, series = self._place(uid)
        path = f"/dicom-web/studies/{study}/series/{series}/instances/{uid}/rendered"

        def seek(number: int) -> None:
            begin = 1_000_003 * (number + 1)
            fields = {"Range": f"bytes={begin}-{begin + 65535}", "Accept": "video/mp4"}
            self._ask("GET", path, fields, expected=206)

        return self._cost(seek)

    def poster_ms(self, uid: str) -> float:
        """The same for a poster that isn't kept: each of another time."""
        return self._cost(lambda number: self._ask("GET", f"/api/instances/{uid}/poster?time={number + 1}"))

    def _cost(self, work: Callable[[int], Any]) -> float:
        work(0)  # what is imported and read the first time
        before = self._cpu()
        for number in range(1, TIMES + 1):
            work(number)
        return 1000 * (self._cpu() - before) / TIMES

    def _stored(self, film: Path) -> tuple[str, float]:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{film.name}"\r\n\r\n'.encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        fields = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + film.stat().st_size + len(tail)),
        }
        taken = self._ask("POST", "/api/videos", fields, _body(head, film, tail), expected=202)
        begun, number = time.monotonic(), taken["results"][0]["id"]
        while time.monotonic() < begun + PATIENCE:
            video = self._ask("GET", f"/api/videos/{number}")
            if video["state"] in ("failed", "cancelled"):
                raise RuntimeError(f"{film.name} is {video['state']}: {video['error']}")
            if video["sopInstanceUid"] and video["state"] == "done":
                return video["sopInstanceUid"], time.monotonic() - begun
            time.sleep(0.1)
        raise RuntimeError(f"{film.name} was never stored.")

    def _place(self, uid: str) -> tuple[str, str]:
        video = self._ask("GET", f"/api/videos?sopInstanceUid={uid}")["results"][0]
        return video["studyInstanceUid"], video["seriesInstanceUid"]

    def _is_up(self) -> bool:
        try:
            self._ask("GET", "/healthz")
        except (OSError, RuntimeError, http.client.HTTPException):
            return False
        return True

    def _ask(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        body: Iterator[bytes] | None = None,
        *,
        expected: int = 200,
    ) -> Any:
        """The answer's JSON, None where it is none; raises RuntimeError for another status."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {TOKEN}", **(fields or {})})
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if answer.status != expected:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return json.loads(data) if "json" in answer.headers.get("Content-Type", "") else None

    def _cpu(self) -> float:
        """Seconds of all its processes, of those that ended too."""
        pids = [str(self._pid)]
        for pid in pids:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                pids += children.read_text(encoding="ascii").split()
        ticks = 0
        for pid in pids:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")


def _body(head: bytes, film: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with film.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
    yield tail
