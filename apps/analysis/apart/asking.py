"""The process as its parent sees it: started, listened to, and ended when it is no longer wanted."""

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from apps.analysis.apart.refusing import Unanswerable
from apps.core.errors import FoveaError
from apps.jobs.processes import asking as processes
from apps.jobs.processes.asking import Listen, Program
from apps.saying import say

logger = logging.getLogger(__name__)

CHILD: Final = "apps.analysis.apart.child"
MEMORY: Final = 6 << 30
NICENESS: Final = 10
# Seconds without a word before it is taken for dead.
SILENT: Final = 900.0


class ApartFailed(FoveaError):
    """The process ended without an answer; another attempt may end otherwise. `kind` is what it said of that."""

    def __init__(self, kind: str = "") -> None:
        text = say("The work broke off.")
        if kind == "memory":
            text = say("The work needs more memory than this server gives it.")
        elif kind == "missing":
            text = say(
                "A program that this needs is not installed here (requirements/analysis.txt, requirements/ai.txt)."
            )
        super().__init__(text)
        self.kind = kind


def answer(
    function: str,
    asked: Mapping[str, Any],
    listen: Listen,
    *,
    memory: int = MEMORY,
    silence: float = SILENT,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What `function` (`module:name`; called with `asked` and a `tell(done, total)`) answers in a process of its own.

    `asked` and the answer are JSON; arrays pass as .npy files in a folder of the run's. Raises Unanswerable,
    ApartFailed, and what `listen` raises, which ends the process.
    """
    program = Program(CHILD, memory, silence, NICENESS, environment or {})
    try:
        with processes.answers(program, json.dumps({"function": function, "asked": asked}).encode() + b"\n") as answers:
            last = processes.last(answers, listen)
    except processes.Silent as error:
        raise ApartFailed("silent") from error
    except processes.Garbled as error:
        raise ApartFailed from error
    match last:
        case {"found": dict(found)}:
            return found
        case {"unanswerable": str(reason), "values": dict(values)}:
            raise Unanswerable(reason, **values)
    kind = str(last.get("failed", ""))
    logger.warning("%s broke off: %s", function, kind or "no answer")
    raise ApartFailed(kind)
