"""The conversion's process as its parent sees it: started, listened to, and ended when it is no longer wanted."""

import json
import os
import pickle
import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO, Any, Final

from django.conf import settings

from apps.core.errors import FoveaError, OutOfSpace
from apps.saying import say
from apps.video.child import Request

ROOT: Final = Path(__file__).resolve().parents[2]
# Only what an interpreter needs: no keys and passwords of the site.
ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8"}
# Seconds between two looks at whether the work is still wanted.
TICK: Final = 0.25
MOST_LINE: Final = 4 << 20
# How far work that uses all of a core stands back behind the requests and the exact conversions.
NICENESS: Final = 10
OUT_OF_MEMORY: Final = say(
    "Converting this video needs more memory than FOVEA_VIDEO_MEMORY_MB allows. Ask your administrator."
)
NO_SPACE: Final = say("The storage became full while the video was converted. Make room, then try again.")
CRASHED: Final = say(
    "The conversion's process ended without a word: the file may be damaged in a way that a decoder can't stand, or the"
    " machine had no memory left."
)


class ConversionStopped(FoveaError):
    """The process ended before the work was done; another attempt may end otherwise."""


class ConversionFailed(FoveaError):
    """A defect of the converter's own; `place` is where, for the log."""

    def __init__(self, place: str) -> None:
        super().__init__(say("The conversion failed unexpectedly. The server's log says where."))
        self.place = place


class ConversionHung(Exception):
    """It made no progress for so many seconds (FOVEA_VIDEO_SILENT_SECONDS). Another attempt would not either."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.reason = say(
            "The video's decoder showed no progress for {seconds} seconds and was stopped: the file is damaged in a way"
            " that it can't get over.",
            seconds=seconds,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the file can't become an object: a code (`errors.Code`), and a text for people."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Converted:
    """The object is written."""

    report: dict[str, Any]
    sop_instance_uid: str


class Elsewhere:
    """It is work for the lane of those who encode."""


Answer = Converted | Refusal | Elsewhere
# Called with a stage and how far it is, and with None when nothing was said for a moment; raises to stop.
Listen = Callable[[dict[str, Any] | None], None]


def command(life: int, *, may_encode: bool) -> list[str]:
    """How the process is started."""
    arguments = (settings.VIDEO_MEMORY_BYTES, life, NICENESS if may_encode else 0)
    return [sys.executable, "-m", "apps.video.child", *map(str, arguments)]


def convert(request: Request, listen: Listen) -> Answer:
    """Have a process do it. Whatever ends this ends the process.

    Raises ConversionStopped, ConversionFailed, ConversionHung, OutOfSpace, and what `listen` raises.
    """
    with _started(request) as process:
        last: dict[str, Any] = {}
        for answer in _answers(process):
            listen(answer if answer is None or _is_progress(answer) else None)
            last = answer or last
        process.wait()
        return _ending(last)


@contextmanager
def _started(request: Request) -> Iterator["subprocess.Popen[bytes]"]:
    theirs, ours = os.pipe()
    try:
        process = subprocess.Popen(
            command(theirs, may_encode=request.may_encode),
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
            _ask(process, request)
            yield process
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
    finally:
        os.close(ours)


def _ask(process: "subprocess.Popen[bytes]", request: Request) -> None:
    """One that ends before it has heard what is wanted is found out by its silence."""
    stream: IO[bytes] | None = process.stdin
    if stream is None:
        raise ConversionStopped(CRASHED)
    try:
        stream.write(pickle.dumps(request))
        stream.close()
    except BrokenPipeError as error:
        raise ConversionStopped(CRASHED) from error


def _answers(process: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any] | None]:
    """What it says, and None every moment in which it says nothing. Raises ConversionHung, ConversionStopped."""
    stream: IO[bytes] | None = process.stdout
    if stream is None:
        raise ConversionStopped(CRASHED)
    rest, heard = b"", monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if not selector.select(TICK):
                if monotonic() - heard > settings.VIDEO_SILENT_SECONDS:
                    raise ConversionHung(settings.VIDEO_SILENT_SECONDS)
                yield None
                continue
            data = os.read(stream.fileno(), 1 << 16)
            if not data:
                return
            heard = monotonic()
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > MOST_LINE:
                raise ConversionStopped(CRASHED)
            yield from map(_read, lines)


def _read(line: bytes) -> dict[str, Any]:
    """Its words are not trusted further than this: it may have been taken over by what it decodes."""
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise ConversionStopped(CRASHED) from error
    if not isinstance(answer, dict):
        raise ConversionStopped(CRASHED)
    return answer


def _is_progress(answer: dict[str, Any]) -> bool:
    return "stage" in answer or "plan" in answer


def _ending(answer: dict[str, Any]) -> Answer:
    match answer:
        case {"report": dict(report), "sop_instance_uid": str(uid)}:
            return Converted(report, uid)
        case {"refused": str(code), "reason": str(reason)}:
            return Refusal(code, reason)
        case {"elsewhere": True}:
            return Elsewhere()
        case {"failed": "memory"}:
            raise ConversionStopped(OUT_OF_MEMORY)
        case {"failed": "space"}:
            raise OutOfSpace(NO_SPACE)
        case {"failed": "error", "class": str(kind), "place": str(place)}:
            raise ConversionFailed(f"{kind} at {place}")
    raise ConversionStopped(CRASHED)
