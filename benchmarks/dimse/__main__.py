"""Measure the DICOM network server beside Orthanc and dcmtk's storescp, in turns: benchmarks/README.md."""

import argparse
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.dimse import clients, nodes, report
from benchmarks.dimse.items import Data, Item, Sizes
from benchmarks.dimse.nodes import Server
from benchmarks.dimse.report import Row, Times
from benchmarks.orthanc import is_installed
from benchmarks.targets import Target

ALONE = "FOVEA_BENCH_ALONE"
_SIOCSIFFLAGS = 0x8914
_UP_AND_RUNNING = 0x41
SMALL = Sizes(slices=6, tiny=12, studies=8)


def main() -> None:
    options = _options()
    _be_alone()
    with ExitStack() as stack:
        port = stack.enter_context(clients.destination())
        servers = [stack.enter_context(nodes.fovea(port))]
        if is_installed(options.orthanc):
            servers.append(stack.enter_context(nodes.orthanc(options.orthanc, port)))
        if shutil.which("storescp"):
            servers.append(stack.enter_context(nodes.storescp()))
        rows = measure(servers, Data(SMALL if options.small else Sizes()), options.rounds, options.only)
    if options.write:
        report.write(report.table(rows, servers), options.rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dimse", description=__doc__)
    parser.add_argument("--orthanc", type=Path, default=Path("/"), help="where the system with Orthanc begins")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="items whose name has this text")
    parser.add_argument("--small", action="store_true", help="a few objects, to see whether all works")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


def _be_alone() -> None:
    """Go on in a network namespace of its own: Orthanc and storescp can't be told to listen on loopback only."""
    if ALONE not in os.environ:
        command = ["unshare", "--net", sys.executable, "-m", "benchmarks.dimse", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env=os.environ | {ALONE: "1"}, check=False).returncode)
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))


def measure(servers: Sequence[Server], data: Data, rounds: int, only: str) -> list[Row]:
    """Each item round by round at each server in turn; the first round warms up."""
    items = [item for item in data.items(int(time.time())) if only in item.name]
    for server in servers:
        if not server.only_stores and any(item.fills for item in items):
            data.fill(server)
    rows = []
    for item in items:
        asked = [server for server in servers if item.stores or not server.only_stores]
        rows.append(Row(item, {server.name: Times() for server in asked}))
        for number in range(rounds + 1):
            for server in asked:
                times = _once(item, server, number)
                if times and number:
                    rows[-1].add(server.name, *times)
        print(report.line(rows[-1], [server.name for server in servers]), flush=True)
    return rows


def _once(item: Item, server: Server, number: int) -> tuple[float, float] | None:
    """CPU milliseconds of the server and wall milliseconds, each for one object; None where it does not answer."""
    works = item.works(number)
    processes = server.processes
    with ExitStack() as stack:
        for _ in range(item.idle):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
        before = processes.cpu_seconds()
        try:
            wall = clients.at_once(server, works, time.perf_counter)
        except RuntimeError:
            return None
        _settle(processes)
        cpu = processes.cpu_seconds() - before
    return 1000 * cpu / item.count, 1000 * wall / item.count


def _settle(processes: Target) -> None:
    """What a server does right after its last answer belongs to it; a second is the most that it is given."""
    used: list[float] = []
    while len(used) < 5 and (len(used) < 2 or used[-1] - used[-2] > 0.01):
        time.sleep(0.2)
        used.append(processes.cpu_seconds())


if __name__ == "__main__":
    main()
