"""Small work with FFmpeg's libraries in a process of its own: `python -m apps.video.errand MEMORY LIFE NICENESS`.

What is to be done comes by standard input, a line of JSON with the name of a task and its arguments; how far it is
and what came of it go by standard output, a line of JSON each. As the process of a conversion (`child`), it has no
secrets, bounded memory, and is gone with its parent.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from time import monotonic
from typing import Any, Final

from apps.jobs.processes import confining
from apps.jobs.processes.confining import Say
from apps.video.errors import Refused

TASKS: Final = {
    "pictures": "apps.video.frames.picking",
    "cut": "apps.video.frames.cutting",
    "count": "apps.video.frames.counting",
    "align": "apps.video.cameras.aligning",
}
EVERY: Final = 0.25


def main(memory: int, life: int, niceness: int) -> None:
    """Do the one task; everything that can be said of it goes to standard output."""
    say = confining.begin(memory, life, niceness)
    say(_done(json.loads(sys.stdin.readline()), _teller(say)))


def _done(asked: dict[str, Any], tell: Callable[[int, int], None]) -> dict[str, Any]:
    task: Callable[..., dict[str, Any]] = getattr(import_module(TASKS[asked["task"]]), asked["task"])
    try:
        return {"result": task(tell=tell, **asked["arguments"])}
    except Refused as refused:
        return {"refused": refused.code.value, "reason": str(refused)}
    except MemoryError:
        return {"failed": "MemoryError"}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told; its text may quote the file
        return {"failed": type(error).__qualname__}


def _teller(say: Say) -> Callable[[int, int], None]:
    """How far it is, a few times a second at most."""
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        now = monotonic()
        if now - told >= EVERY:
            told = now
            say({"done": done, "total": total})

    return tell


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
