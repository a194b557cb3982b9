"""Where the upload of a batch waits for its job: files by number in a folder of its own, below `FOVEA_DATA/batches`.

What is uploaded is said in `plan.json`, written last.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from apps.archive.objects import disk_errors
from apps.archive.storage import staging, write_whole
from apps.archive.waiting import WaitingFolder
from apps.core.errors import Conflict
from apps.saying import say

PLAN: Final = "plan.json"
LOST: Final = say(
    "The upload of this batch is not here any more. Send the files again."
    " (Where workers run on other machines, they must share FOVEA_DATA.)"
)


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file of the upload: its place, from 0, and what the caller calls it."""

    number: int
    name: str
    size: int


@dataclass(slots=True)
class Plan:
    """What was uploaded, and the facts that were given of all files and of some by their names."""

    files: list[StagedFile] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    named: dict[str, dict[str, Any]] = field(default_factory=dict)


class Folder(WaitingFolder):
    """The folder of one upload."""

    root = "batches"

    def file(self, number: int) -> Path:
        return self.path / f"{number:06}"

    def add(self, number: int, chunks: Iterable[bytes | memoryview]) -> int:
        """Write a file, and return its size in bytes. Raises OutOfSpace, and what reading `chunks` raises."""
        size = 0
        try:
            with self.file(number).open("xb", buffering=0) as file:
                for chunk in chunks:
                    staging().check_space()
                    write_whole(file.fileno(), chunk)
                    size += len(chunk)
        except OSError as error:
            raise disk_errors(error) from error
        return size

    def link(self, number: int, path: Path) -> None:
        """Have a file that lies in FOVEA_DATA already, without copying it. Raises OutOfSpace and Unavailable."""
        try:
            self.file(number).hardlink_to(path)
        except OSError as error:
            raise disk_errors(error) from error

    def close(self, plan: Plan) -> None:
        """The upload is complete. Raises OutOfSpace and Unavailable."""
        try:
            (self.path / PLAN).write_bytes(orjson.dumps(asdict(plan)))
        except OSError as error:
            raise disk_errors(error) from error

    def plan(self) -> Plan:
        """Raises Conflict where the upload is gone."""
        try:
            read = orjson.loads((self.path / PLAN).read_bytes())
        except FileNotFoundError as error:
            raise Conflict(LOST) from error
        return Plan([StagedFile(**file) for file in read["files"]], read["facts"], read["named"])
