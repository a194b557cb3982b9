"""Where runs put the files they make: a folder each, below `FOVEA_DATA/analysis`, gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from apps.archive.waiting import WaitingFolder

# After which a folder belongs to a worker that was killed: no run lasts as long.
HOURS: Final = 24


class Folder(WaitingFolder):
    """The folder of one attempt."""

    root = "analysis"


@contextmanager
def work() -> Iterator[Path]:
    """An empty folder for an attempt. Raises OutOfSpace and Unavailable."""
    folder = Folder.new()
    try:
        yield folder.path
    finally:
        folder.discard()


def on_minute(**_: Any) -> None:
    """Remove the folders of attempts whose worker was killed."""
    for folder in Folder.left_behind(HOURS):
        folder.discard()
