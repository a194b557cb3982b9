"""The process of one recording as the recorder sees it: started, listened to without waiting, asked to end."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[3]
# Only what an interpreter needs: no keys and passwords of the site.
ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8"}
_MOST_LINE: Final = 64 << 10


@dataclass(slots=True)
class CaptureProcess:
    """`order` is JSON, as `capture.Order` reads it. It ends when this process does, having finished what it writes."""

    order: dict[str, Any]
    heard: dict[str, Any] = field(default_factory=dict)
    _process: "subprocess.Popen[bytes]" = field(init=False)
    _rest: bytes = b""

    def __post_init__(self) -> None:
        tied = (sys.executable, "-m", "apps.ops.tied", str(os.getpid()))
        self._process = subprocess.Popen(
            (*tied, sys.executable, "-m", "apps.video.live.capture"),
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # FFmpeg's libraries quote addresses, with passwords.
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("a process without pipes")
        os.set_blocking(self._process.stdout.fileno(), False)
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(self.order).encode() + b"\n")
            self._process.stdin.close()

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    def listen(self) -> dict[str, Any]:
        """What it last said; empty before its first word."""
        if self._process.stdout is None or self._process.stdout.closed:
            return self.heard
        while data := self._read(self._process.stdout.fileno()):
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._rest = self._rest[:_MOST_LINE]
            for line in lines:
                self._take(line)
        return self.heard

    def stop(self) -> None:
        """Ask it to finish what it writes and end."""
        if not self.is_over:
            self._process.terminate()

    def close(self, seconds: float = 0.0) -> None:
        """Wait for its end for so long, then make it end."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._process.kill()
        self._process.wait()
        self.listen()
        if self._process.stdout is not None:
            self._process.stdout.close()

    @staticmethod
    def _read(descriptor: int) -> bytes:
        try:
            return os.read(descriptor, _MOST_LINE)
        except BlockingIOError:
            return b""

    def _take(self, line: bytes) -> None:
        """Its words are not trusted further than this: it may have been taken over by what it reads."""
        with suppress(ValueError):
            said = json.loads(line)
            if isinstance(said, dict):
                self.heard = said
