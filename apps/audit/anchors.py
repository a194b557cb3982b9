"""Where the chains ended each day, in a file outside the database, each line sealed with the one before it.

Whoever holds the database alone can't take the end off a chain without contradicting this file. Keep it, or copies of
it, where the database's administrators don't write.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from apps.audit import chain
from apps.audit.models import Head

_LINE: Final = re.compile(r"(\S{20}) (\d{1,19}) (\d{1,19}) ([0-9a-f]{64}) ([0-9a-f]{64})")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_LONGEST: Final = 256


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a chain ended once. `problem` says what is wrong with the line itself."""

    line: int
    when: str = ""
    chain: int = chain.SITE
    sequence: int = 0
    hash: str = ""
    problem: str = ""


def write() -> int:
    """Add a line for each chain; gives how many. Durable when it returns. Raises OSError."""
    heads = list(Head.objects.order_by("chain"))
    file = Path(settings.AUDIT_ANCHOR)
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as lines:
        fcntl.flock(lines, fcntl.LOCK_EX)
        last = _last_line(descriptor)
        text = "".join(_lines(heads, last.rpartition(" ")[2].strip() or chain.NOTHING))
        lines.write((text if not last or last.endswith("\n") else f"\n{text}").encode())
        os.fsync(descriptor)
    return len(heads)


def write_when_due() -> bool:
    """Add the day's lines unless they are there; tells whether it did. Raises OSError."""
    file = Path(settings.AUDIT_ANCHOR)
    if file.exists():
        with file.open("rb") as lines:
            last = _last_line(lines.fileno())
        if last[:10] >= f"{timezone.now().astimezone(UTC):%Y-%m-%d}":
            return False
    return write() > 0


def read() -> Iterator[Anchor]:
    """The anchors in the order they were written, those that can't be relied on with what is wrong with them."""
    file = Path(settings.AUDIT_ANCHOR)
    if not file.exists():
        return
    previous = chain.NOTHING
    with file.open(encoding="ascii", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            anchor, previous = _read_line(number, line.rstrip("\n"), previous)
            yield anchor


def _lines(heads: list[Head], seal: str) -> Iterator[str]:
    now = timezone.now().astimezone(UTC).strftime(_TIME)
    for head in heads:
        facts = f"{now} {head.chain} {head.sequence} {head.hash}"
        seal = chain.keyed("anchor", seal, facts)
        yield f"{facts} {seal}\n"


def _read_line(number: int, line: str, previous: str) -> tuple[Anchor, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        return Anchor(number, problem="can't be read"), line.rpartition(" ")[2]
    when, name, sequence, hash_, seal = match.groups()
    facts = line.rpartition(" ")[0]
    fits = seal == chain.keyed("anchor", previous, facts)
    problem = "" if fits else "was changed, or a line before it was removed"
    return Anchor(number, when, int(name), int(sequence), hash_, problem), seal


def _last_line(descriptor: int) -> str:
    """The file's last line with its line feed, "" for an empty file."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _LONGEST, max(0, size - _LONGEST)).decode("ascii", "replace")
    return "".join(tail.splitlines(keepends=True)[-1:])
