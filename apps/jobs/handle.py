"""What a running job may say and ask."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final

_LARGEST: Final = 2**63 - 1


class Sign(Enum):
    """What the row says to the attempt that works on it."""

    GO_ON = auto()
    CANCEL = auto()
    LOST = auto()


class Stopped(Exception):
    """The attempt must end now; let it pass through, after tidying up."""


class Cancelled(Stopped):
    """Somebody asked for the job to be cancelled."""


class Lost(Stopped):
    """The job was given to another worker, because this one gave no sign for a whole lease."""


class Later(Exception):
    """Raised by a job that finds it came too early: it is tried again after `pause`, and nothing is counted."""

    def __init__(self, pause: timedelta) -> None:
        super().__init__(pause)
        self.pause = pause


class Elsewhere(Exception):
    """Raised by a job that finds it is work of another kind: it goes on as such at once, and nothing is counted."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps (None while unknown), and what is being done, for a person."""

    done: int = 0
    total: int | None = None
    text: str = ""


class JobHandle:
    """A job's line to its row. Cheap to call: what it says is written about once a second by the heartbeat."""

    def __init__(self, job_id: int, attempt: int) -> None:
        self.job_id = job_id
        self.attempt = attempt
        self.said = Progress()
        self.sign = Sign.GO_ON

    def progress(self, done: int, total: int | None = None, text: str = "") -> None:
        """Say how far the work is. Raises Cancelled or Lost when it is to stop: call it at every step."""
        self.said = Progress(_bounded(done), None if total is None else _bounded(total), text)
        self.check()

    def check(self) -> None:
        """Raise Cancelled or Lost when the work is to stop."""
        if self.sign is Sign.CANCEL:
            raise Cancelled
        if self.sign is Sign.LOST:
            raise Lost


def _bounded(count: int) -> int:
    return max(0, min(count, _LARGEST))
