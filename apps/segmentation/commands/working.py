"""An external command at work, watched by the process that `analysis.apart` starts for it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from apps.analysis.apart.child import Tell
from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.bundles.answering import answer, as_labels
from apps.segmentation.bundles.placing import Floats, Grid, grid_of, labels_on
from apps.segmentation.commands import keeping, nifti
from apps.segmentation.segmenters.opening import voxels_of

# Seconds between two signs of life, of which the command itself gives none.
TICK: Final = 1.0
# Only what programs need to start: nothing of the site's.
ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8"}
# Of a voxel: how far apart the corners of what was given and of what came may be.
_NEAR: Final = 0.1


def segment(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Have a program segment the volume that was handed (`volumes.handing`).

    `arguments`, `environment`, `seconds` and `numbers` are what `listing.run_function` says. The program
    gets a NIfTI file of the volume on an orthogonal, even grid, in Hounsfield units (int16) or as it is (float32), and
    writes one of labels over the same place. The answer is as `segmenters.working.segment` gives it. Raises
    Unanswerable (`bundles.wording`).
    """
    voxels = voxels_of(asked)
    folder = Path(asked["folder"]) / "command"
    folder.mkdir()
    given = grid_of(voxels)
    nifti.write(folder / "input.nii.gz", _written(given, voxels.unit))
    places = {"input": folder / "input.nii.gz", "output": folder / "output.nii.gz", "folder": folder}
    _run([_placed(each, places) for each in asked["arguments"]], asked, folder, tell)
    found = _found(places["output"], given)
    return answer(asked, labels_on(voxels.lattice, found), {})


def _written(grid: Grid, unit: str) -> Grid:
    """The values as they go to a program: Hounsfield units are whole numbers there."""
    if unit != "HU":
        return grid
    bounds = np.iinfo(np.int16)
    return Grid(np.clip(np.rint(grid.values), bounds.min, bounds.max).astype(np.int16), grid.affine)


def _placed(argument: str, places: dict[str, Path]) -> str:
    for name, path in places.items():
        argument = argument.replace(f"{{{name}}}", str(path))
    return argument


def _run(arguments: list[str], asked: dict[str, Any], folder: Path, tell: Tell) -> None:
    """Raises Unanswerable for a program that fails or takes too long."""
    keeper = [sys.executable, "-I", keeping.__file__, str(asked["seconds"]), str(folder), *arguments]
    own = {"HOME": str(folder), "TMPDIR": str(folder), **asked["environment"]}
    with subprocess.Popen(
        keeper, env={**ENVIRONMENT, **own}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        while _is_running(process):
            tell(0, 0)
        said = process.stdout.read(100) if process.stdout else ""
    match said.strip():
        case "0":
            return
        case "unstarted":
            raise Unanswerable("command-unstarted")
        case "late":
            raise Unanswerable("command-late", minutes=asked["seconds"] // 60)
        case status:
            raise Unanswerable("command-failed", status=status)


def _is_running(process: "subprocess.Popen[str]") -> bool:
    """Wait a moment for it; its standard input stays open, for that it is wanted."""
    try:
        process.wait(TICK)
    except subprocess.TimeoutExpired:
        return True
    return False


def _found(path: Path, given: Grid) -> Grid:
    """What the program wrote. Raises Unanswerable for what doesn't lie where the volume does."""
    try:
        found = nifti.read(path, most_voxels=given.values.size)
    except OSError as error:
        raise Unanswerable("command-no-output") from error
    except nifti.BadNifti as error:
        raise Unanswerable("command-unreadable") from error
    if found.values.size != given.values.size or not _is_over(found, given):
        raise Unanswerable("command-elsewhere")
    return Grid(as_labels(found.values), found.affine)


def _is_over(found: Grid, given: Grid) -> bool:
    """Whether two grids are of the same voxels, whichever way about their axes go."""
    theirs, ours = _corners(found), _corners(given)
    apart = np.linalg.norm(theirs[:, None] - ours[None], axis=-1)
    nearest = np.abs(given.affine[:3, :3]).max(axis=0).min() * _NEAR
    return bool((apart.min(axis=0) <= nearest).all() and (apart.min(axis=1) <= nearest).all())


def _corners(grid: Grid) -> Floats:
    """8x3: the centres of the outermost voxels."""
    ends = np.array([(i, j, k, 1) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    ends[:, :3] *= np.array(grid.values.shape) - 1
    return np.asarray((ends @ grid.affine.T)[:, :3])
