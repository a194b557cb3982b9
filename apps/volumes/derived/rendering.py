"""The run that stores pictures in three dimensions."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.kinds import Inputs, Result, Run
from apps.analysis.uids import uid
from apps.archive.models import Study
from apps.dicom.attributes import text
from apps.saying import say
from apps.volumes import slices
from apps.volumes.derived import naming
from apps.volumes.derived.facts import SeriesFacts
from apps.volumes.derived.making import Progress, opened_for
from apps.volumes.derived.objects import picture_object
from apps.volumes.derived.parent import Parent, parent_of
from apps.volumes.derived.picturing.asking import check_installed, pictures
from apps.volumes.derived.picturing.grid import grid_of
from apps.volumes.derived.picturing.presets import Preset
from apps.volumes.derived.picturing.views import View, turn
from apps.volumes.derived.reaching import volume_in

DRAWING: Final = say("Drawing the pictures")
SIDES: Final = {
    "front": View(0),
    "right": View(-90),
    "left": View(90),
    "back": View(180),
    "above": View(0, 90),
    "below": View(0, -90),
}
_DESCRIPTION: Final = "0008103E"


def rendering_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """Raises Invalid for a volume that is none of the study's, Conflict where this site can't draw."""
    check_installed()
    return slices.inputs_of(volume_in(study, asked))


def make_rendering(run: Run) -> Result:
    """The pictures as a series. Raises Invalid, Conflict, DrawingFailed, and what `cache.opened` and `run.tell` do."""
    asked, volume = run.parameters, volume_in(run.study, run.parameters)
    voxels = opened_for(run, volume)
    parent = parent_of(volume, voxels)
    views = [SIDES[side] for side in asked["views"]] + turn(asked["turn"])
    preset = Preset(asked["preset"])
    progress, count = Progress(run), 0

    def listen(done: int, total: int) -> None:
        nonlocal count
        count = max(count, done)
        progress.making(count, len(views), DRAWING)

    grid = grid_of(voxels, is_fine=asked["fine"])
    drawn = pictures(grid, preset, views, asked["size"], run.folder, listen)
    facts = SeriesFacts(
        uid=uid(run.seed, "rendering series"),
        seed=f"{run.seed}/rendering",
        description=naming.of_source(f"3D {preset.value}", text(parent.header, _DESCRIPTION)),
        encoding=parent.encoding,
        count=len(views),
        flags=parent.flags,
    )
    told = {"seriesInstanceUid": facts.uid, "description": facts.description, "images": len(views)}
    return Result(tuple(_files(run, parent, facts, drawn)), {"series": [told]})


def _files(run: Run, parent: Parent, facts: SeriesFacts, drawn: Iterator[NDArray[np.uint8]]) -> Iterator[Any]:
    sources = parent.sources(parent.lattice.corners)
    for number, picture in enumerate(drawn, start=1):
        path = run.folder / f"picture-{number}.dcm"
        path.write_bytes(picture_object(parent.header, picture, series=facts, number=number, sources=sources))
        yield path
