"""Runs the parts of the server as one group: starts one again that dies, and ends all of them together.

Each part leads a process group of its own, so that Ctrl-C reaches the supervisor alone and nothing of a part outlives
it; `apps.ops.tied` ends the parts when the supervisor itself is killed.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Final

TICK: Final = 0.2
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
# A part that ran for so many seconds had started well: its next failure is a first one.
STEADY: Final = 60.0

logger = logging.getLogger("fovea.supervisor")


@dataclass(frozen=True, slots=True)
class Part:
    """A program of the server. `grace` is how many seconds it may take to end."""

    name: str
    command: tuple[str, ...]
    grace: float = 15.0


@dataclass(slots=True)
class Running:
    """A part's process, or when to start its next one."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    due: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """`run` returns when all parts have ended after a SIGTERM or SIGINT."""

    parts: Sequence[Part]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    is_ready: Callable[[], bool] = lambda: True
    on_ready: Callable[[], None] = lambda: None
    first_pause: float = FIRST_PAUSE
    _stopping: Event = field(default_factory=Event)

    def run(self) -> None:
        """Start the parts, tell once when they are ready, and keep them running until told to stop."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        group = [Running(part, pause=self.first_pause) for part in self.parts]
        try:
            self._watch(group)
        finally:
            self._end(group)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _watch(self, group: Sequence[Running]) -> None:
        told = False
        while not self._stopping.is_set():
            for running in group:
                self._tend(running)
            if not told and self.is_ready():
                told = True
                self.on_ready()
            self._stopping.wait(TICK)

    def _tend(self, running: Running) -> None:
        """Start the part if it is due; note its end and when it is due again."""
        now = time.monotonic()
        if running.process is None:
            if now >= running.due:
                self._start(running)
        elif (status := running.process.poll()) is not None:
            end_group(running.process.pid)
            if now - running.started >= STEADY:
                running.pause = self.first_pause
            reason = described(status)
            logger.error("%s %s; starting it again in %g s", running.part.name, reason, running.pause)
            running.process, running.due = None, now + running.pause
            running.pause = min(running.pause * 2, LONGEST_PAUSE)

    def _start(self, running: Running) -> None:
        tied = (sys.executable, "-m", "apps.ops.tied", str(os.getpid()))
        running.process = subprocess.Popen(
            (*tied, *running.part.command),
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        running.started = time.monotonic()
        logger.info("%s started (process %d)", running.part.name, running.process.pid)

    def _end(self, group: Sequence[Running]) -> None:
        """Ask every part to end, then make those that don't in time, and whatever they left behind."""
        logger.info("stopping")
        alive = [(running.part, running.process) for running in group if running.process]
        for _, process in alive:
            process.terminate()
        asked = time.monotonic()
        for part, process in alive:
            try:
                process.wait(max(0.0, asked + part.grace - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.warning("%s did not end within %g s and is killed", part.name, part.grace)
            end_group(process.pid)
            process.wait()
        logger.info("stopped")


def end_group(leader: int) -> None:
    """Kill what is left of a process group; often nothing is."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # macOS answers EPERM for a group of which only zombies are left.
        return


def described(status: int) -> str:
    """A process's end in words, by `Popen.returncode`."""
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"
