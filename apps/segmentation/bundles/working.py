"""A MONAI bundle at work, in the process that `analysis.apart` starts for it."""

import os
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from apps.analysis.apart.child import Tell
from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.bundles.answering import answer, as_labels
from apps.segmentation.bundles.building import Built, built
from apps.segmentation.bundles.inferring import device_of, inferred, keep_within
from apps.segmentation.bundles.placing import Floats, Grid, Labels, grid_of, labels_on
from apps.segmentation.segmenters.opening import voxels_of

_ANSWER: Final = "pred"


def segment(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Have the `bundle` (a folder) segment the volume that was handed (`volumes.handing`).

    `weights`, `sums`, `numbers`, `channels` and `memory` are what `listing.run_function` says. The answer is as
    `segmenters.working.segment` gives it; `told` has the `device`. Raises
    Unanswerable (`bundles.wording` has the words for it).
    """
    _offline()
    torch.manual_seed(0)
    voxels = voxels_of(asked)
    parts = built(Path(asked["bundle"]), asked["weights"], asked["sums"])
    found, told = _found(parts, grid_of(voxels), asked, tell)
    return answer(asked, labels_on(voxels.lattice, found), told)


def _offline() -> None:
    """Have the libraries fetch nothing, whatever they are asked."""
    os.environ["HF_HUB_OFFLINE"] = "1"


def _found(parts: Built, grid: Grid, asked: dict[str, Any], tell: Tell) -> tuple[Grid, dict[str, Any]]:
    data = parts.preprocessing({parts.key: image_of(grid, has_channel=parts.has_channel)})
    image = data[parts.key]
    shapes = (image.shape[1:], grid.values.shape)
    keep_within(asked["memory"], asked["channels"], *shapes)
    device, gathered = device_of(asked["channels"], *shapes)
    data[_ANSWER] = inferred(image.to(gathered), parts.network, parts.inferer, device, tell)
    pred = parts.postprocessing(data)[_ANSWER]
    return Grid(_values(pred), _affine(pred)), {"device": device.type}


def image_of(grid: Grid, *, has_channel: bool) -> Any:
    """The volume as MONAI's LoadImage would give it: what its axes mean is said, and never guessed."""
    from monai.data import MetaTensor
    from monai.utils import MetaKeys, SpaceKeys

    values = torch.from_numpy(grid.values)
    affine = torch.from_numpy(grid.affine)
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
