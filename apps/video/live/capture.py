"""The process that records one source: `python -m apps.video.live.capture`, what is wanted as JSON on standard input.

It reads bytes from strangers with FFmpeg's libraries: it has no secrets of the site but the source's address, bounded
memory, and ends with its parent, finishing what it writes. What it records lies in its folder (`shelf`); how it goes
is a line of JSON on standard output, now and then. SIGTERM ends it in peace.
"""

import json
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Any, Final

from apps.dicom.network.addresses import Network, parse_network
from apps.video.live import shelf
from apps.video.live.addresses import Forbidden, Protocol, Source, read
from apps.video.live.segmenting import Cut, NotRecordable, Recorder, Written
from apps.video.live.sources import opened

MEMORY: Final = 1 << 30
# Seconds between two attempts to reach the source, doubled each time; a connection of so many seconds was a good one.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
STEADY: Final = 20.0
_EVERY: Final = 1.0


class Word(StrEnum):
    """What the process says of itself."""

    CONNECTING = "connecting"
    RECORDING = "recording"
    WAITING = "waiting"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be recorded, into which folder, cut how, for at most `seconds`; the networks that it may lead to."""

    url: str
    folder: Path
    networks: tuple[Network, ...]
    cut: Cut
    seconds: float
    has_sound: bool
    first_number: int

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Order":
        return cls(
            str(told["url"]),
            Path(told["folder"]),
            tuple(parse_network(text) for text in told["networks"]),
            Cut(float(told["cut_seconds"]), int(told["cut_bytes"])),
            float(told["seconds"]),
            bool(told["has_sound"]),
            int(told["first_number"]),
        )


@dataclass(slots=True)
class Capture:
    """Records until it is told to stop, the time is over, or the source is none: what `run` returns says which."""

    order: Order
    stopping: Event = field(default_factory=Event)
    connections: int = 0
    _written: Written = field(default_factory=Written)
    _until: float = 0.0
    _told: float = 0.0

    def run(self) -> Word:
        self._until = time.monotonic() + self.order.seconds
        try:
            with shelf.locked(self.order.folder):
                shelf.salvage(self.order.folder)
                return self._record()
        except shelf.Taken:
            # The process before this one is still finishing its segment.
            return Word.WAITING

    def _record(self) -> Word:
        try:
            return self._tell(self._attempts(read(self.order.url)), at_once=True)
        except (Forbidden, NotRecordable) as error:
            return self._tell(Word.REFUSED, str(error.reason), at_once=True)

    def _attempts(self, source: Source) -> Word:
        recorder = Recorder(self.order.folder, self.order.cut, self.order.has_sound, now, self._written)
        recorder.next_number = self._next_number()
        pause = FIRST_PAUSE
        while not self._is_over():
            began = time.monotonic()
            self._tell(Word.CONNECTING, at_once=True)
            error = self._attempt(source, recorder)
            if not error and source.protocol in (Protocol.HTTP, Protocol.HTTPS):
                # A playlist that ends says so: there is no more.
                break
            pause = FIRST_PAUSE if time.monotonic() - began >= STEADY else pause
            self._tell(Word.WAITING, error, at_once=True)
            self.stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        return Word.ENDED

    def _attempt(self, source: Source, recorder: Recorder) -> str:
        """Record over one connection; why it ended, empty where the source or somebody ended it."""
        try:
            with opened(source, self.order.networks, self._is_over, again=self.connections > 0) as container:
                self.connections += 1
                recorder.record(container, self._is_to_end)
        except (Forbidden, NotRecordable):
            raise
        except (OSError, ValueError) as error:
            # The class alone: FFmpeg quotes the address, with its password.
            return type(error).__name__
        return ""

    def _is_to_end(self) -> bool:
        """Asked at each packet: whether it is over."""
        self._tell(Word.RECORDING)
        return self._is_over()

    def _is_over(self) -> bool:
        return self.stopping.is_set() or time.monotonic() >= self._until

    def _next_number(self) -> int:
        last = max((each.number for each in shelf.segments(self.order.folder)), default=0)
        return max(last + 1, self.order.first_number)

    def _tell(self, word: Word, error: str = "", *, at_once: bool = False) -> Word:
        """Say how it goes, about once a second. A parent that is gone hears nothing."""
        moment = time.monotonic()
        if at_once or moment - self._told >= _EVERY:
            self._told = moment
            said = {"state": word, "connections": self.connections, "error": error, **asdict(self._written)}
            with suppress(BrokenPipeError):
                print(json.dumps(said), flush=True)
        return word


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    capture = Capture(Order.of(json.loads(sys.stdin.readline())))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: capture.stopping.set())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    # What libraries print to standard output is no word of ours.
    answers = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(answers, "w", encoding="utf-8")
    capture.run()


if __name__ == "__main__":
    main()
