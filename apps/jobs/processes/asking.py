"""Such a process as its parent sees it: started, listened to, and ended when it is no longer wanted."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, Any, Final

ROOT: Final = Path(__file__).resolve().parents[3]
# Only what an interpreter needs: no keys and passwords of the site.
ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8"}
# Seconds between two looks at whether the work is still wanted.
TICK: Final = 0.25
MOST_LINE: Final = 8 << 20


# Called with how far it is, and with (0, 0) when nothing was said for a moment; raises to stop.
Listen = Callable[[int, int], None]


class Silent(Exception):
    """It said nothing for as long as it may."""


class Garbled(Exception):
    """It ended before it had heard what is wanted, or what it says is not what was agreed."""


@dataclass(frozen=True, slots=True)
class Program:
    """A module that begins with `confining.begin`: how much memory it may have (bytes), how far it stands back behind
    all else (0 to 19), and after how many seconds without a word it is given up."""

    module: str
    memory: int
    silence: float
    niceness: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, life: int) -> list[str]:
        return [sys.executable, "-m", self.module, *map(str, (self.memory, life, self.niceness))]


@contextmanager
def answers(program: Program, asked: bytes) -> Iterator[Iterator[dict[str, Any] | None]]:
    """What it says to what is asked, and None every moment in which it says nothing. Leaving it ends the process.

    Raises Silent and Garbled, the latter also while the answers are read. Its words are not trusted further than that
    they are JSON objects: it may have been taken over by what it decodes.
    """
    with _started(program) as process:
        if process.stdin is None or process.stdout is None:
            raise Garbled
        _ask(process.stdin, asked)
        yield _answers(process.stdout, program.silence)


def last(answers: Iterator[dict[str, Any] | None], listen: Listen) -> dict[str, Any]:
    """The last thing it says; of `{"done": 1, "total": 2}` before that, `listen` is told. Raises as they do."""
    found: dict[str, Any] = {}
    for answer in answers:
        match answer:
            case None:
                listen(0, 0)
            case {"done": int(done), "total": int(total)}:
                listen(done, total)
            case _:
                found = answer
    return found


@contextmanager
def _started(program: Program) -> Iterator["subprocess.Popen[bytes]"]:
    theirs, ours = os.pipe()
    try:
        process = subprocess.Popen(
            program.command(theirs),
            cwd=ROOT,
            env={**ENVIRONMENT, **program.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Libraries quote what they read.
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs,),
            start_new_session=True,
        )
        os.close(theirs)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
    finally:
        os.close(ours)


def _ask(stream: IO[bytes], asked: bytes) -> None:
    try:
        stream.write(asked)
        stream.close()
    except BrokenPipeError as error:
        raise Garbled from error


def _answers(stream: IO[bytes], silence: float) -> Iterator[dict[str, Any] | None]:
    rest, heard = b"", monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if not selector.select(TICK):
                if monotonic() - heard > silence:
                    raise Silent
                yield None
                continue
            data = os.read(stream.fileno(), 1 << 16)
            if not data:
                return
            heard = monotonic()
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > MOST_LINE:
                raise Garbled
            yield from map(_read, lines)


def _read(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise Garbled from error
    if not isinstance(answer, dict):
        raise Garbled
    return answer
