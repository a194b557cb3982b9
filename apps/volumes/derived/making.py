"""Derived series as they are made: image after image into the run's folder, each told of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from apps.analysis.kinds import Run
from apps.saying import Sentence, say
from apps.volumes.cache import opened
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume

# Of the whole, in thousandths: where the volume is open.
WHOLE: Final = 1000
OPENED: Final = 300
OPENING: Final = say("Opening the volume")
MAKING: Final = say("Making the images")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. Both raise what `run.tell` raises: Cancelled, where it is to stop."""

    run: Run

    def opening(self, done: int, total: int) -> None:
        self.run.tell(OPENED * done // max(total, 1), WHOLE, OPENING)

    def making(self, done: int, total: int, text: Sentence = MAKING) -> None:
        self.run.tell(OPENED + (WHOLE - OPENED) * done // max(total, 1), WHOLE, text)


def opened_for(run: Run, volume: Volume) -> Voxels:
    """The voxels, with progress while they are read. Raises what `cache.opened` does."""
    return opened(volume, tell=Progress(run).opening)


def written(run: Run, name: str, objects: Iterable[bytes], done: int, total: int) -> Iterator[Path]:
    """Write the objects, `total` together with `done` other ones that are there already, one at a time."""
    progress = Progress(run)
    progress.making(done, total)
    for number, data in enumerate(objects, start=1):
        path = run.folder / f"{name}-{number}.dcm"
        path.write_bytes(data)
        progress.making(done + number, total)
        yield path
