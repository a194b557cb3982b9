"""The few child processes that one process keeps: started when needed, shared by its threads, replaced when dead."""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Any, Final

from apps.dicom.isolation.process import CodecProcess, Idle

MOST: Final = 2
WAIT_SECONDS: Final = 30.0
CALL_SECONDS: Final = 30.0


class Busy(Exception):
    """All child processes have been at work for longer than a caller should wait."""


class Pool:
    """At most `most` children, lent to one caller at a time; the last one given back is lent first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._begin()

    def _begin(self) -> None:
        self._lent = 0
        self._free: list[CodecProcess] = []
        self._changed = Condition()

    def call(self, task: str, data: bytes | memoryview, *arguments: Any, seconds: float = CALL_SECONDS) -> Any:
        """`function(data, *arguments)`, done in a child: bytes or an array.

        `task` is the dotted path of a top-level function of apps.dicom that takes bytes first; `arguments` must be
        picklable. Raises Undecodable when the child crashes, runs out of memory or takes more than `seconds`; the
        function's own errors, where they are ValueErrors of apps.dicom; and Busy.
        """
        for _ in range(self._most + 1):
            with self._borrowed() as child:
                try:
                    return child.call(task, data, arguments, seconds)
                except Idle:
                    continue
        raise Busy

    @contextmanager
    def _borrowed(self) -> Iterator[CodecProcess]:
        child = self._take()
        try:
            if child is None:
                child = CodecProcess()
            yield child
        finally:
            self._give_back(child)

    def _take(self) -> CodecProcess | None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._lent < self._most, WAIT_SECONDS):
                raise Busy
            self._lent += 1
            return self._free.pop() if self._free else None

    def _give_back(self, child: CodecProcess | None) -> None:
        with self._changed:
            self._lent -= 1
            if child is not None and child.is_open:
                self._free.append(child)
            self._changed.notify()

    def close(self) -> None:
        """End all children that are free."""
        with self._changed:
            while self._free:
                self._free.pop().close()

    def forget(self) -> None:
        """Start over in a forked process: the children, and the threads that used them, are its parent's."""
        for child in self._free:
            child.forget()
        self._begin()


_pool = Pool()
call = _pool.call
atexit.register(_pool.close)
os.register_at_fork(after_in_child=_pool.forget)
