"""The process that draws as its parent sees it: started, listened to, and ended when it is no longer wanted."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.analysis.apart import asking as apart
from apps.analysis.apart.asking import ApartFailed
from apps.core.errors import Conflict, FoveaError
from apps.jobs.processes.asking import Listen
from apps.saying import say
from apps.volumes.derived.picturing.grid import Grid
from apps.volumes.derived.picturing.presets import TRANSFERS, Preset, Transfer
from apps.volumes.derived.picturing.views import View

ENVIRONMENT: Final = {"MESA_SHADER_CACHE_DISABLE": "true"}
MEMORY: Final = 4 << 30
DRAW: Final = "apps.volumes.derived.picturing.drawing:draw"
# Percent of the voxels below the ends of what a volume without HU shows.
_ENDS: Final = (1.0, 99.9)
_LOOKED_AT: Final = 100_000


class DrawingFailed(FoveaError):
    """The process ended without pictures; another attempt may end otherwise. `kind` is what it said of that."""

    def __init__(self, kind: str = "") -> None:
        super().__init__(
            say(
                "The pictures could not be drawn. Drawing needs OpenGL (Debian's packages libegl1 and"
                " libgl1-mesa-dri) and memory."
            )
        )
        self.kind = kind


def check_installed() -> None:
    """Raises Conflict where this site has no VTK; it isn't imported."""
    if importlib.util.find_spec("vtkmodules") is None:
        raise Conflict(
            say("Pictures in three dimensions need VTK, which this site doesn't have (requirements/render.txt).")
        )


def pictures(
    grid: Grid, preset: Preset, views: Sequence[View], size: int, folder: Path, listen: Listen
) -> Iterator[NDArray[np.uint8]]:
    """The volume from each side: `size` x `size` x 3 of RGB each. `folder` is for what passes between the processes.

    Raises Conflict, DrawingFailed, and what `listen` raises.
    """
    check_installed()
    voxels = folder / "voxels.npy"
    np.save(voxels, grid.numbers)
    transfer = _numbers(_transfer(grid, preset), grid)
    asked = {
        "voxels": str(voxels),
        "spacing": grid.spacing,
        "matrix": grid.matrix.ravel().tolist(),
        "opacity": transfer.opacity,
        "colour": transfer.colour,
        "views": [(view.azimuth, view.elevation) for view in views],
        "size": size,
        "folder": str(folder),
    }
    _run(asked, listen)
    voxels.unlink()
    return (_read(folder / f"{number}.npy", size) for number in range(len(views)))


def _transfer(grid: Grid, preset: Preset) -> Transfer:
    """In values; where these are no HU, the preset is laid between the darkest and the brightest there are."""
    if grid.encoding.unit == "HU":
        return TRANSFERS[preset]
    numbers = grid.numbers.reshape(-1)
    low, high = np.percentile(numbers[:: max(1, numbers.size // _LOOKED_AT)], _ENDS)
    scale = grid.encoding
    return TRANSFERS[preset].scaled(low * scale.slope + scale.intercept, high * scale.slope + scale.intercept)


def _numbers(transfer: Transfer, grid: Grid) -> Transfer:
    """In the grid's numbers; of a negative slope, in ascending order."""
    scale = grid.encoding
    opacity = sorted(((value - scale.intercept) / scale.slope, each) for value, each in transfer.opacity)
    colour = sorted(((value - scale.intercept) / scale.slope, r, g, b) for value, r, g, b in transfer.colour)
    return Transfer(tuple(opacity), tuple(colour))


def _read(path: Path, size: int) -> NDArray[np.uint8]:
    """A picture, once; that it is one is looked at, since it comes from another process."""
    try:
        picture: NDArray[np.uint8] = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DrawingFailed("picture") from error
    if picture.shape != (size, size, 3) or picture.dtype != np.uint8:
        raise DrawingFailed("picture")
    path.unlink()
    return picture


def _run(asked: dict[str, Any], listen: Listen) -> None:
    try:
        apart.answer(DRAW, asked, listen, memory=MEMORY, environment=ENVIRONMENT)
    except ApartFailed as error:
        raise DrawingFailed(error.kind) from error
