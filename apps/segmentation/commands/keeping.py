"""`python keeping.py SECONDS FOLDER PROGRAM ARGUMENT…`: an external command, and its end with whoever asked for it.

It has a process group of its own, which is ended after SECONDS, when standard input is closed, and when the command has
ended. What became of it goes to standard output: its exit status, `late`, or `unstarted`. What it prints is dropped:
programs quote what they read.
"""

import os
import resource
import select
import signal
import subprocess
import sys
from contextlib import suppress
from time import monotonic

TICK = 0.1
# Seconds between asking the group to end and making it.
GRACE = 2.0
MOST_FILE = 16 << 30


def main(seconds: float, folder: str, arguments: list[str]) -> str:
    """What became of the command."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE, MOST_FILE))
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            arguments, cwd=folder, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError:
        return "unstarted"
    try:
        return _ended(process, monotonic() + seconds)
    finally:
        _end(process)


def _ended(process: "subprocess.Popen[bytes]", deadline: float) -> str:
    while process.poll() is None:
        if monotonic() > deadline:
            return "late"
        # Nothing is ever written to it: that it can be read means that it was closed.
        if select.select([sys.stdin], [], [], TICK)[0]:
            return "unwanted"
    return str(process.returncode)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The whole group, what the command left behind too."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: "subprocess.Popen[bytes]", what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, what)


if __name__ == "__main__":
    print(main(float(sys.argv[1]), sys.argv[2], sys.argv[3:]))
