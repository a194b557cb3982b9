"""The conversion's process as its parent sees it: started, listened to, and ended when it is no longer wanted."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from apps.core.errors import FoveaError, OutOfSpace
from apps.jobs.processes import asking
from apps.jobs.processes.asking import Program
from apps.saying import say
from apps.video.child import Request

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


def program(*, may_encode: bool) -> Program:
    """The process that converts."""
    niceness = NICENESS if may_encode else 0
    return Program("apps.video.child", settings.VIDEO_MEMORY_BYTES, settings.VIDEO_SILENT_SECONDS, niceness)


def convert(request: Request, listen: Listen) -> Answer:
    """Have a process do it. Whatever ends this ends the process.

    Raises ConversionStopped, ConversionFailed, ConversionHung, OutOfSpace, and what `listen` raises.
    """
    try:
        with asking.answers(program(may_encode=request.may_encode), pickle.dumps(request)) as answers:
            return _ending(_last(answers, listen))
    except asking.Silent as error:
        raise ConversionHung(settings.VIDEO_SILENT_SECONDS) from error
    except asking.Garbled as error:
        raise ConversionStopped(CRASHED) from error


def _last(answers: Iterator[dict[str, Any] | None], listen: Listen) -> dict[str, Any]:
    last: dict[str, Any] = {}
    for answer in answers:
        listen(answer if answer is None or _is_progress(answer) else None)
        last = answer or last
    return last


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
