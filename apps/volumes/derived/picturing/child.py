"""The process that pictures are drawn in: `python -m apps.volumes.derived.picturing.child MEMORY LIFE NICENESS`.

What is to be drawn comes by standard input, a line of JSON; how far it is and how it ended go by standard output, a
line of JSON each. It has no secrets of the site, bounded memory, and is gone with its parent. VTK is imported nowhere
else.
"""

import json
import sys
from typing import Any

from apps.jobs.processes import confining
from apps.jobs.processes.confining import Say


def main(memory: int, life: int, niceness: int) -> None:
    """Draw what standard input asks for; all that can be said of it goes to standard output."""
    say = confining.begin(memory, life, niceness)
    say(_drawn(json.loads(sys.stdin.readline()), say))


def _drawn(asked: dict[str, Any], say: Say) -> dict[str, Any]:
    try:
        from apps.volumes.derived.picturing import drawing

        drawing.draw(asked, lambda done, total: say({"done": done, "total": total}))
    except MemoryError:
        return {"failed": "memory"}
    except ImportError:
        return {"failed": "missing"}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told; its text may quote the volume
        return {"failed": type(error).__qualname__}
    return {"drawn": True}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
