"""The processes of a worker end with the one that started them, however that one ends.

django-q2's pool outlives a killed parent, and goes on beside the next one. Here each process that the parent forks, and
each that those fork, waits on a pipe whose other end the parent alone holds: when it closes, they are gone at once.
"""

import os
import signal
from threading import Thread
from typing import Self


class Lifeline:
    """Holds the processes that are forked while it is open; `cut` ends them all."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.register_at_fork(after_in_child=self._watch)

    def cut(self) -> None:
        """End every process that was forked meanwhile, without ceremony."""
        if self._write_end >= 0:
            os.close(self._write_end)
            os.close(self._read_end)
            self._write_end = self._read_end = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def _watch(self) -> None:
        """Runs in each forked process, children of children included."""
        if self._read_end < 0:
            return
        if self._write_end >= 0:
            os.close(self._write_end)
            self._write_end = -1
        Thread(target=self._end_with_holder, name="lifeline", daemon=True).start()

    def _end_with_holder(self) -> None:
        os.read(self._read_end, 1)
        os.kill(os.getpid(), signal.SIGKILL)
