"""Errands as their parent sees them: started, listened to, and ended when they are no longer wanted."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

from django.conf import settings

from apps.core.errors import FoveaError, Invalid
from apps.saying import say
from apps.video.converter import ENVIRONMENT, ROOT

TICK: Final = 0.25
MOST_ANSWER: Final = 8 << 20

# Called with how far it is, and with (0, 0) when nothing was said for a moment; raises to stop.
Listen = Callable[[int, int], None]


class ErrandFailed(FoveaError):
    """The process ended without an answer, or with an error of its own; another attempt may end otherwise."""

    code = "video-work-failed"
    title = say("The video could not be worked on. The server's log says why.")

    def __init__(self, kind: str = "") -> None:
        super().__init__()
        self.kind = kind


class ErrandRefused(Invalid):
    """What was asked for can't be had of this video; trying again changes nothing."""


def run(task: str, arguments: dict[str, Any], listen: Listen, *, niceness: int = 0) -> dict[str, Any]:
    """What the task gives; it stands back behind all else by its `niceness` (0 to 19).

    Raises ErrandRefused with its reason, ErrandFailed, and what `listen` raises.
    """
    with _started(json.dumps({"task": task, "arguments": arguments}), niceness) as process:
        last: dict[str, Any] = {}
        for answer in _answers(process):
            if answer is None:
                listen(0, 0)
            elif "total" in answer:
                listen(int(answer["done"]), int(answer["total"]))
            else:
                last = answer
        return _ending(last)


def _ending(answer: dict[str, Any]) -> dict[str, Any]:
    match answer:
        case {"result": dict(result)}:
            return result
        case {"refused": str(), "reason": str(reason)}:
            raise ErrandRefused(reason)
    raise ErrandFailed(str(answer.get("failed", "")))


@contextmanager
def _started(asked: str, niceness: int) -> Iterator["subprocess.Popen[bytes]"]:
    theirs, ours = os.pipe()
    told = map(str, (settings.VIDEO_MEMORY_BYTES, theirs, niceness))
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "apps.video.errand", *told],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # FFmpeg's libraries quote what is in the file.
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs,),
            start_new_session=True,
        )
        os.close(theirs)
        try:
            _ask(process, asked)
            yield process
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
    finally:
        os.close(ours)


def _ask(process: "subprocess.Popen[bytes]", asked: str) -> None:
    try:
        if process.stdin:
            process.stdin.write(asked.encode() + b"\n")
            process.stdin.close()
    except BrokenPipeError as error:
        raise ErrandFailed from error


def _answers(process: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any] | None]:
    """What it says, and None every moment in which it says nothing. Raises ErrandFailed after too long a silence."""
    if process.stdout is None:
        raise ErrandFailed
    rest, heard = b"", monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(TICK):
                if monotonic() - heard > settings.VIDEO_SILENT_SECONDS:
                    raise ErrandFailed("silent")
                yield None
                continue
            data = os.read(process.stdout.fileno(), 1 << 16)
            if not data or len(rest) > MOST_ANSWER:
                return
            heard = monotonic()
            *lines, rest = (rest + data).split(b"\n")
            yield from map(_read, lines)


def _read(line: bytes) -> dict[str, Any]:
    """Its words are not trusted further than this: it may have been taken over by what it decodes."""
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise ErrandFailed from error
    if not isinstance(answer, dict):
        raise ErrandFailed
    return answer
