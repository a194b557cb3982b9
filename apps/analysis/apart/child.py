"""The process: `python -m apps.analysis.apart.child MEMORY LIFE NICENESS`.

Which function is wanted (`module:name`), and what of it, comes by standard input, a line of JSON; how far
it is and how it ended go by standard output, a line of JSON each. It has no secrets of the site, bounded memory, and is
gone with its parent.
"""

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

from apps.analysis.apart.refusing import Unanswerable
from apps.jobs.processes import confining
from apps.jobs.processes.confining import Say

Tell = Callable[[int, int], None]
Function = Callable[[dict[str, Any], Tell], dict[str, Any]]


def main(memory: int, life: int, niceness: int) -> None:
    """Do what standard input asks for; all that can be said of it goes to standard output."""
    say = confining.begin(memory, life, niceness)
    say(_done(json.loads(sys.stdin.readline()), say))


def _done(asked: dict[str, Any], say: Say) -> dict[str, Any]:
    try:
        found = _function(asked["function"])(asked["asked"], lambda done, total: say({"done": done, "total": total}))
    except Unanswerable as why:
        return {"unanswerable": why.reason, "values": why.values}
    except MemoryError:
        return {"failed": "memory"}
    except ModuleNotFoundError as error:
        return {"failed": "missing", "module": str(error.name)}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told; its text may quote the images
        return {"failed": type(error).__qualname__}
    return {"found": found}


def _function(name: str) -> Function:
    module, _, function = name.partition(":")
    found: Function = getattr(importlib.import_module(module), function)
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
