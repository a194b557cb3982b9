"""The child process: does one task after the other, within its limits, and ends with its parent.

Started by `process.CodecProcess` as `python -m apps.dicom.isolation.child SOCKET MEMORY LIFE`, three descriptors.
"""

import fcntl
import importlib
import json
import os
import pickle
import resource
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any, Final

from apps.dicom.isolation import wire

# The largest image there may be takes four bytes a sample in a decoder, and some for the stream and the result.
ADDRESS_SPACE: Final = 3 << 30
IDLE_SECONDS: Final = 120.0
_MAX_TEXT: Final = 1000
_PACKAGE: Final = "apps.dicom."
# Importing them takes longer than any task; they are there before the first one's time begins.
_PRELOADED: Final = ("apps.dicom.pixels",)


def main(channel: socket.socket, memory: int, life: int) -> None:
    """Serve tasks until the parent is gone, or nothing was asked for two minutes."""
    _limit()
    _die_with_the_owner_of(life)
    for module in _PRELOADED:
        importlib.import_module(module)
    wire.send(channel, b"ready")
    channel.settimeout(IDLE_SECONDS)
    try:
        while True:
            request = wire.receive(channel)
            wire.send(channel, _answer(request, memory))
    except (wire.Ended, TimeoutError):
        return


def _limit() -> None:
    """No core files with patients' pixels in them, no more memory than a frame needs, and first to go without it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = ADDRESS_SPACE if hard == resource.RLIM_INFINITY else min(ADDRESS_SPACE, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _die_with_the_owner_of(life: int) -> None:
    """Have the kernel end this process, even one that hangs in a codec, when the pipe's other end is closed.

    SIGIO ends a process that doesn't handle it. PR_SET_PDEATHSIG would not do: it tells of the death of the thread that
    started a process, and threads of a web server come and go.
    """
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)


def _answer(request: bytes, memory: int) -> bytes:
    """Do one task; its result lies in the shared memory afterwards, and the answer says what it is."""
    # The parent alone writes to this socket.
    task, length, arguments = pickle.loads(request)  # noqa: S301
    try:
        result = _function(task)(wire.read(memory, length), *arguments)
        return json.dumps(_kept(result, memory)).encode()
    except MemoryError:
        return json.dumps({"error": "memory"}).encode()
    except Exception as error:  # noqa: BLE001 -- the parent raises it again
        kind = type(error)
        return json.dumps({"error": f"{kind.__module__}:{kind.__qualname__}", "text": str(error)[:_MAX_TEXT]}).encode()


def _function(task: str) -> Callable[..., Any]:
    """The top-level function of apps.dicom with this dotted path. Raises LookupError for anything else."""
    module, _, name = task.rpartition(".")
    found = getattr(importlib.import_module(module), name, None) if task.startswith(_PACKAGE) else None
    if not isinstance(found, FunctionType) or found.__module__ != module:
        raise LookupError(f"{task} is no function of {_PACKAGE[:-1]}.")
    return found


def _kept(result: Any, memory: int) -> dict[str, Any]:
    """Put bytes or an array into the shared memory; say which, and how much of it."""
    if isinstance(result, bytes | memoryview):
        return {"bytes": wire.write(memory, result)}
    import numpy as np

    array = np.ascontiguousarray(result)
    wire.write(memory, array.reshape(-1).view(np.uint8).data)
    return {"array": array.dtype.str, "shape": list(array.shape)}


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3]))
