"""The floor under this server: granian with a WSGI application that does next to nothing, and no Django.

`/empty` answers two bytes, `/memory` 512 KiB from memory, `/file` 512 KiB read from a file for each request.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.targets import Target, free_port, wait_for

SIZE = 512 * 1024
SECONDS = 2.0
FILE = "FOVEA_BENCH_FILE"
CONTENT = os.urandom(SIZE)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The least that a WSGI server can be asked for."""
    place = environ["PATH_INFO"]
    body = b"ok" if place == "/empty" else CONTENT if place == "/memory" else _read()
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))])
    return [body]


def _read() -> bytes:
    descriptor = os.open(os.environ[FILE], os.O_RDONLY)
    try:
        return os.pread(descriptor, SIZE, 0)
    finally:
        os.close(descriptor)


def main() -> None:
    """Print the CPU milliseconds of one request of each kind."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(CONTENT)
        file.flush()
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"]
        command += ["--blocking-threads", "4", "--log-level", "error", "benchmarks.bare:application"]
        process = subprocess.Popen(command, env=os.environ | {FILE: file.name})
        try:
            wait_for(port, "/empty")
            for place in ("/empty", "/memory", "/file"):
                print(f"{place}: {_cost(Target('bare', f'http://127.0.0.1:{port}', process.pid, {}), place):.2f} ms")
        finally:
            process.terminate()
            process.wait()


def _cost(target: Target, place: str) -> float:
    target.settle()
    cpu, until, count = target.cpu_seconds(), time.perf_counter() + SECONDS, 0
    while time.perf_counter() < until:
        target.get(place, "*/*")
        count += 1
    return 1000 * (target.cpu_seconds() - cpu) / count


if __name__ == "__main__":
    main()
