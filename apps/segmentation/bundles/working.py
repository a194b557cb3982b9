"""A MONAI bundle at work, in the process that `analysis.apart` starts for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from apps.analysis.apart.child import Tell
from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.bundles.answering import answer, as_labels
from apps.segmentation.bundles.building import Built, brings_outputs_back, built
from apps.segmentation.bundles.inferring import devices_for, inferred, keep_within, memory_here
from apps.segmentation.bundles.placing import Floats, Grid, Labels, grid_of, labels_on
from apps.segmentation.segmenters.opening import voxels_of

_ANSWER: Final = "pred"


def segment(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Have the `bundle` (a folder) segment the volume that was handed (`volumes.handing`).

    `weights`, `sums`, `numbers` and `channels` are what `listing.run_function` says. The answer is as
    `segmenters.working.segment` gives it; `told` has the `device`. Raises
    Unanswerable (`bundles.wording` has the words for it).
    """
    _offline()
    torch.manual_seed(0)
    voxels = voxels_of(asked)
    parts = built(Path(asked["bundle"]), asked["weights"], asked["sums"])
    with failures_told():
        found, told = _found(parts, grid_of(voxels), asked, tell)
    return answer(asked, labels_on(voxels.lattice, found), told)


@contextmanager
def failures_told() -> Iterator[None]:
    """What fails in a bundle's parts is told as such, and too little memory as what it is."""
    try:
        yield
    except (RuntimeError, ValueError, TypeError, ImportError) as error:
        if _is_of_memory(error):
            raise MemoryError from error
        raise Unanswerable("bundle-failed", error=type(error).__name__) from error


def _is_of_memory(error: BaseException | None) -> bool:
    """Whether PyTorch had no room: the processor's has no error of its own, and MONAI wraps either."""
    if error is None:
        return False
    is_it = isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
    return is_it or _is_of_memory(error.__cause__)


def _offline() -> None:
    """Have the libraries fetch nothing, whatever they are asked."""
    os.environ["HF_HUB_OFFLINE"] = "1"


def _found(parts: Built, grid: Grid, asked: dict[str, Any], tell: Tell) -> tuple[Grid, dict[str, Any]]:
    data = parts.preprocessing({parts.key: image_of(grid, has_channel=parts.has_channel)})
    image = data[parts.key]
    shapes = [image.shape[1:], *([grid.values.shape] if brings_outputs_back(parts.postprocessing) else [])]
    keep_within(memory_here(), asked["channels"], *shapes)
    devices = devices_for(asked["channels"], *shapes)
    data[_ANSWER] = inferred(image, parts.network, parts.inferer, devices, tell)
    pred = parts.postprocessing(data)[_ANSWER]
    return Grid(_values(pred), _affine(pred)), {"device": devices.working.type}


def image_of(grid: Grid, *, has_channel: bool) -> Any:
    """The volume as MONAI's LoadImage would give it: what its axes mean is said, and never guessed."""
    from monai.data import MetaTensor
    from monai.utils import MetaKeys, SpaceKeys

    values = torch.from_numpy(grid.values)
    # As NIfTI files have it, which networks are trained on: MONAI's Spacing takes another grid for the last bits' sake.
    affine = torch.from_numpy(grid.affine.astype(np.float32).astype(np.float64))
    known = {
        MetaKeys.SPACE: SpaceKeys.RAS,
        MetaKeys.ORIGINAL_AFFINE: affine.clone(),
        MetaKeys.SPATIAL_SHAPE: np.array(grid.values.shape),
        MetaKeys.ORIGINAL_CHANNEL_DIM: 0 if has_channel else float("nan"),
    }
    return MetaTensor(values[None] if has_channel else values, affine=affine, meta=known)


def _values(pred: Any) -> Labels:
    """The labels [i, j, k] that the postprocessing answers with, whether as such or as a mask for each of them."""
    values = np.asarray(pred.detach().cpu().numpy())
    if len(values) == 1:
        return as_labels(values[0])
    masks = values > 0
    if np.any(masks.sum(axis=0) > 1):
        raise Unanswerable("overlapping")
    numbers = np.arange(1, len(masks) + 1, dtype=np.uint8)[:, None, None, None]
    return np.asarray((masks * numbers).sum(axis=0), dtype=np.uint8)


def _affine(pred: Any) -> Floats:
    """Where the answer lies; that it says so is MONAI's part (MetaTensor)."""
    return np.asarray(pred.affine.cpu().numpy(), dtype=np.float64)
