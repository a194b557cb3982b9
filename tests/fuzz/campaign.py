"""Gives a reader one bad input after the other, and keeps the first that it does not bear.

As part of the suite each reader gets the same few hundred inputs every time. `make fuzz` sets FUZZ_SECONDS, for all of
them together, and then they are others each time unless FUZZ_SEED says which. What is found is saved in FUZZ_FINDINGS
(`.fuzz`); FUZZ_INPUT names such a file to try it again.
"""

import hashlib
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType
from typing import Final

from tests.fuzz.mutation import Mutator

# Seconds of the processor, and bytes, that one input of at most 1 MiB may take.
MOST_SECONDS: Final = 10
MOST_MEMORY: Final = 2 << 30
INPUTS_IN_THE_SUITE: Final = 300


@dataclass(frozen=True, slots=True)
class Target:
    """What is fuzzed: `run` takes an input, and may raise `refusals` alone. `share` is its part of the time."""

    name: str
    run: Callable[[bytes], None]
    seeds: Sequence[bytes]
    refusals: tuple[type[Exception], ...]
    tokens: Sequence[bytes] = ()
    inputs: int = INPUTS_IN_THE_SUITE


class TooSlow(BaseException):
    """No reader may catch it."""


def campaign(target: Target, share: float) -> None:
    """Try inputs for `share` of FUZZ_SECONDS. Raises AssertionError that says what was found, and where it lies."""
    if again := os.environ.get("FUZZ_INPUT"):
        attempt(target, Path(again).read_bytes())
        return
    for data in _inputs(target, share):
        try:
            attempt(target, data)
        except (Exception, TooSlow) as error:
            raise AssertionError(_report(target, data, error)) from error


def attempt(target: Target, data: bytes) -> None:
    """Run one input within the bounds. Raises what the target should not have raised, TooSlow and MemoryError."""
    with _bounded():
        try:
            target.run(data)
        except target.refusals:
            return


def _inputs(target: Target, share: float) -> Iterator[bytes]:
    seconds = float(os.environ.get("FUZZ_SECONDS", "0")) * share
    seed = int(os.environ.get("FUZZ_SEED") or int.from_bytes(os.urandom(4))) if seconds else 0
    mutator = Mutator(Random(seed), target.seeds, target.tokens)
    yield from target.seeds
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end if seconds else count < target.inputs:
        count += 1
        yield mutator.next()


def _report(target: Target, data: bytes, error: BaseException) -> str:
    folder = Path(os.environ.get("FUZZ_FINDINGS", ".fuzz"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{target.name}-{hashlib.sha256(data).hexdigest()[:12]}"
    file.write_bytes(data)
    again = f"FUZZ_INPUT={file} .venv/bin/pytest tests/fuzz -k {target.name}"
    return f"{target.name} did not bear {len(data)} bytes: {type(error).__name__}: {error}\nAgain: {again}"


@contextmanager
def _bounded() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {MOST_SECONDS} s of the processor")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        with _bounded_memory():
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
