"""Jobs that do what jobs do on bad days. Each leaves a line in a file for each time that it was begun."""

import os
import signal
import time
from pathlib import Path

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job


@job("tests-note")
def note(handle: JobHandle, *, file: str) -> dict[str, int]:
    _begin(file)
    return {"attempt": handle.attempt}


@job("tests-die", max_attempts=2)
def die(handle: JobHandle, *, file: str) -> None:
    _begin(file)
    os.kill(os.getpid(), signal.SIGKILL)


@job("tests-slow", max_attempts=3)
def slow(handle: JobHandle, *, file: str, seconds: int = 60) -> str:
    _begin(file)
    for step in range(10 * seconds):
        handle.progress(step, 10 * seconds, "Waiting")
        time.sleep(0.1)
    return "waited"


@job("tests-hang", max_attempts=1, timeout=1)
def hang(handle: JobHandle, *, file: str) -> None:
    _begin(file)
    time.sleep(60)


def _begin(file: str) -> None:
    with Path(file).open("a") as log:
        log.write(f"{os.getpid()}\n")
