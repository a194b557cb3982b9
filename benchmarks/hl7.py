"""What an acknowledged HL7 message costs: docs/hl7.md.

Processor time of `manage.py hl7_server`, a process of its own with an SQLite index: from the first byte of a message to
its acknowledgement, and with what it does afterwards; `python -m benchmarks.hl7 [MESSAGES]`.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.targets import PATIENCE, Target, free_port

MESSAGES: Final = 200
# Seconds: a server that has used no processor time for so long has done what follows from a message.
QUIET: Final = 0.015
WARM_UP: Final = 20
SENDER = """
from apps.accounts.models import Practice
from apps.hl7.models import Sender
practice = Practice.objects.create(name="Benchmark")
Sender.objects.create(practice=practice, name="Benchmark", networks="127.0.0.1", procedures="PANO PX PANORAMIC1")
"""
HEAD: Final = "MSH|^~\\&|PMS|NORTH|FOVEA|Benchmark|20300102080000||{kind}|{control_id}|P|2.5.1||||||UNICODE UTF-8\r"
PID: Final = "PID|1||P-{n}^^^CLINIC^PI||Doe-{n}^Jane^Ann||198001{day:02}|F|||1 Main St^^Montréal^QC||(514) 555-0100\r"
ORDER: Final = (
    "PV1|1|O||||||7^Doc^Dora\rORC|NW|O-{n}|||||1^^^203001020930^^S\r"
    "OBR|1|O-{n}||PANO^Panoramic X-ray^L||||||||||||9^Ord^Ola||A-{n}|RP-{n}|S-{n}||||PX\r"
)
VISIT: Final = "SCH||V-{n}|||||CHECK^Check-up||30|min|^^^203001020930\r{pid}AIS|1|A|PANO^Panoramic X-ray\r"

Make = Callable[[int], str]


def patient(n: int) -> str:
    return HEAD.format(kind="ADT^A04", control_id=f"P{n}") + _pid(n)


def same_patient(n: int) -> str:
    """Somebody who is known already, as they are known."""
    return HEAD.format(kind="ADT^A08", control_id=f"S{n}") + _pid(1)


def order(n: int) -> str:
    return HEAD.format(kind="ORM^O01", control_id=f"O{n}") + _pid(n) + ORDER.format(n=n)


def appointment(n: int) -> str:
    return HEAD.format(kind="SIU^S12", control_id=f"V{n}") + VISIT.format(n=n, pid=_pid(n))


def repeated(_: int) -> str:
    return patient(1)


def refused(n: int) -> str:
    return HEAD.format(kind="ADT^A04", control_id=f"R{n}") + "PID|1||||Doe^Jane\r"


KINDS: Final[dict[str, Make]] = {
    "ADT^A04, a new person": patient,
    "ADT^A08, nothing new": same_patient,
    "ORM^O01, a known person's order": order,
    "SIU^S12, an appointment with its step": appointment,
    "the same message again": repeated,
    "refused": refused,
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    with _server() as (target, port), socket.create_connection(("127.0.0.1", port), PATIENCE) as stream:
        for name, make in KINDS.items():
            for number in range(WARM_UP):
                _send(stream, make(1_000_000 + number))
            costs = [_cost(stream, target.pid, make(number)) for number in range(count)]
            until, whole = (sum(each) / count * 1000 for each in zip(*costs, strict=True))
            print(f"{name}: {until:.1f} ms of CPU until acknowledged, {whole:.1f} ms with what follows")
        print(f"{target.most_memory()} MiB at the most")


@contextmanager
def _server() -> Iterator[tuple[Target, int]]:
    with tempfile.TemporaryDirectory(prefix="fovea-bench-hl7-") as folder:
        port = free_port()
        environment = os.environ | {
            "FOVEA_DATA": folder,
            "FOVEA_HL7": f"127.0.0.1:{port}",
            "FOVEA_LOG_LEVEL": "ERROR",
        }
        for command in (["migrate", "-v0"], ["shell", "--no-imports", "-c", SENDER]):
            subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "hl7_server"], env=environment, stdout=log, stderr=log
            )
        try:
            _wait_for(port)
            yield Target("HL7", f"http://127.0.0.1:{port}", process.pid, {}), port
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The server did not start.")


def _cost(stream: socket.socket, pid: int, message: str) -> tuple[float, float]:
    """Seconds of the process's CPU until it has acknowledged the message, and until it rests."""
    before = _cpu(pid)
    _send(stream, message)
    until = now = _cpu(pid)
    while True:
        time.sleep(QUIET)
        seen, now = now, _cpu(pid)
        if now == seen:
            return until - before, now - before


def _cpu(pid: int) -> float:
    """Processor time of another process to the nanosecond, by its clock (clock_getcpuclockid(3), as Linux has it)."""
    return time.clock_gettime((~pid << 3) | 2)


def _send(stream: socket.socket, message: str) -> None:
    """Send a message, and wait for its acknowledgement."""
    stream.sendall(b"\x0b" + message.encode() + b"\x1c\r")
    answer = b""
    while not answer.endswith(b"\x1c\r"):
        answer += stream.recv(4096)
    if b"MSA|A" not in answer:
        raise RuntimeError(f"There is no acknowledgement: {answer!r}")


def _pid(n: int) -> str:
    return PID.format(n=n, day=n % 28 + 1)


if __name__ == "__main__":
    main()
