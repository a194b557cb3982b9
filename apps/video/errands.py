"""Errands as their parent sees them: started, listened to, and ended when they are no longer wanted."""

import json
from typing import Any

from django.conf import settings

from apps.core.errors import FoveaError, Invalid
from apps.jobs.processes import asking
from apps.jobs.processes.asking import Listen, Program
from apps.saying import say


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
    asked = json.dumps({"task": task, "arguments": arguments}).encode() + b"\n"
    program = Program("apps.video.errand", settings.VIDEO_MEMORY_BYTES, settings.VIDEO_SILENT_SECONDS, niceness)
    try:
        with asking.answers(program, asked) as answers:
            return _ending(asking.last(answers, listen))
    except asking.Silent as error:
        raise ErrandFailed("silent") from error
    except asking.Garbled as error:
        raise ErrandFailed from error


def _ending(answer: dict[str, Any]) -> dict[str, Any]:
    match answer:
        case {"result": dict(result)}:
            return result
        case {"refused": str(), "reason": str(reason)}:
            raise ErrandRefused(reason)
    raise ErrandFailed(str(answer.get("failed", "")))
