"""What such a process does to itself before it touches what strangers sent; without Django, and quick to import."""

import fcntl
import json
import os
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

Say = Callable[[dict[str, Any]], None]


def begin(memory: int, life: int, niceness: int) -> Say:
    """Confine this process, and return how it answers: a line of JSON each, on what was its standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What libraries print is no answer.
    os.dup2(2, 1)
    limit(memory)
    end_with_the_owner_of(life)
    os.nice(niceness)

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    return say


def limit(memory: int) -> None:
    """No core files with patients' pictures in them, no more memory than this (bytes), first to go without it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not the address space: mapped files and the stacks of idle threads would count.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def end_with_the_owner_of(life: int) -> None:
    """Have the kernel end this process, even one that hangs in a codec, when the pipe's other end is closed (SIGIO)."""
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
