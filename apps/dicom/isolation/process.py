"""One child process as its parent sees it: started, given a task at a time, and killed when it takes too long."""

import json
import os
import pickle
import socket
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from apps.dicom.description import Undecodable
from apps.dicom.isolation import wire
from apps.saying import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT: Final = Path(__file__).resolve().parents[3]
START_SECONDS: Final = 60.0
_MAX_DIMENSIONS: Final = 4
_MAX_ANSWER: Final = 64 << 10
# Only what an interpreter needs: no keys and passwords of the site. One thread each: frames are spread over processes.
_ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


class Idle(Exception):
    """The child had ended in peace before it was asked: another one will do."""


class CodecProcess:
    """A child process, for one caller at a time."""

    def __init__(self) -> None:
        """Start the child and wait until it is ready. Raises RuntimeError when it isn't."""
        self._channel, theirs = socket.socketpair()
        self._memory = os.memfd_create("codec")
        life, self._life = os.pipe()
        descriptors = (theirs.fileno(), self._memory, life)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "apps.dicom.isolation.child", *map(str, descriptors)],
            cwd=ROOT,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=descriptors,
            start_new_session=True,
        )
        theirs.close()
        os.close(life)
        self._is_fresh = True
        self._await_ready()

    @property
    def is_open(self) -> bool:
        """Whether the child can be asked for more."""
        return self._channel.fileno() >= 0

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def call(self, task: str, data: "bytes | memoryview", arguments: tuple[Any, ...], seconds: float) -> Any:
        """The function's result: bytes or an array. After any error but the task's own the child is dead.

        Raises Idle, Undecodable for a crash or no answer in time, and what the function raised.
        """
        try:
            answer = self._asked(task, data, arguments, monotonic() + seconds)
        except TimeoutError as error:
            self.close()
            raise Undecodable(
                say(
                    "The compressed frame can't be decoded: that would take more than {seconds:.0f} seconds.",
                    seconds=seconds,
                )
            ) from error
        except (wire.Ended, LookupError, TypeError, ValueError, RecursionError) as error:
            if self._ended_in_peace():
                raise Idle from error
            raise Undecodable(say("The compressed frame can't be decoded: its decoder crashed on it.")) from error
        except BaseException:
            self.close()
            raise
        self._is_fresh = False
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _asked(self, task: str, data: "bytes | memoryview", arguments: tuple[Any, ...], until: float) -> Any:
        """Ask, and read the answer: a result, or what the function raised."""
        length = wire.write(self._memory, data)
        self._channel.settimeout(until - monotonic())
        wire.send(self._channel, pickle.dumps((task, length, arguments), protocol=5))
        self._channel.settimeout(max(until - monotonic(), 0.001))
        answer = self._result(json.loads(wire.receive(self._channel, _MAX_ANSWER)))
        wire.release(self._memory)
        return answer

    def close(self) -> None:
        """Kill the child and let go of what was shared with it. May be called again."""
        if not self.is_open:
            return
        self._process.kill()
        self._process.wait()
        self._channel.close()
        os.close(self._memory)
        os.close(self._life)

    def forget(self) -> None:
        """Let go of a child that belongs to the process from which this one was forked."""
        self._channel.close()
        os.close(self._memory)
        os.close(self._life)
        self._process.returncode = 0

    def _await_ready(self) -> None:
        self._channel.settimeout(START_SECONDS)
        try:
            wire.receive(self._channel, _MAX_ANSWER)
        except (wire.Ended, TimeoutError) as error:
            self.close()
            raise RuntimeError("The process for codecs does not start; its own words are on standard error.") from error

    def _ended_in_peace(self) -> bool:
        """Whether a child that no longer answers had left by itself, being idle; it is dead afterwards."""
        ended: int | None = None
        if not self._is_fresh:
            with suppress(subprocess.TimeoutExpired):
                ended = self._process.wait(timeout=1)
        self.close()
        return ended == 0

    def _result(self, answer: dict[str, Any]) -> Any:
        if "bytes" in answer:
            return wire.read(self._memory, int(answer["bytes"]))
        if "array" in answer:
            return self._array(str(answer["array"]), answer["shape"])
        if answer["error"] == "memory":
            return Undecodable("The compressed frame can't be decoded: that would take too much memory.")
        return _error(str(answer["error"]), str(answer["text"]))

    def _array(self, dtype: str, shape: list[Any]) -> "NDArray[Any]":
        import numpy as np

        kind = np.dtype(dtype)
        sides = [int(side) for side in shape]
        if kind.kind not in "uif" or len(sides) > _MAX_DIMENSIONS or any(side < 0 for side in sides):
            raise wire.Ended
        size = kind.itemsize
        for side in sides:
            size *= side
        if size > wire.MAX_DATA:
            raise wire.Ended
        array: NDArray[Any] = np.empty(sides, kind)
        wire.read_into(self._memory, array.reshape(-1).view(np.uint8).data)
        return array


def _error(name: str, text: str) -> Exception:
    """What a task raised: an error of apps.dicom as itself, another one as a defect of the server."""
    module, _, kind = name.partition(":")
    if module.startswith("apps.dicom.") and kind.isidentifier():
        found = getattr(import_module(module), kind, None)
        if isinstance(found, type) and issubclass(found, ValueError):
            return found(text)
    return RuntimeError(f"A codec process failed: {name}: {text}")
