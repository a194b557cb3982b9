"""Teeth, jaws and metal of a CT or a cone beam."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.segmenters.answers import Found, Mask, Tell
from apps.segmentation.segmenters.greys import greys_of
from apps.segmentation.segmenters.grids import Coarse, below, coarse
from apps.segmentation.segmenters.refining import refined
from apps.segmentation.segmenters.shapes import closed, of_numbers, opened, pieces
from apps.volumes.geometry.voxels import Voxels

BONE, TEETH, METAL = 1, 2, 3
# Millimetres: of a block; half of what is too thin for a tooth; half of a pulp, which is filled in.
BLOCK: Final = 0.5
THIN: Final = 0.75
PULP: Final = 1.0
# mm³ of the smallest tooth and of the enamel or metal that it has at least, and mL of the smallest piece of jaw.
TOOTH: Final = 60.0
ENAMEL: Final = 4.0
JAW: Final = 0.5
_STEPS: Final = 4


def segment(voxels: Voxels, options: Mapping[str, Any], tell: Tell) -> Found:
    """Label jaws 1, teeth 2 and metal 3 of a CT or a cone beam.

    By HU, or by values that are made comparable to them by the air and the soft tissue in the image. Teeth are what is
    `tooth` or more, too thick for the bone's shell, and has something of `enamel` or more; what they enclose is theirs.
    Raises Unanswerable where the values can't be compared.
    """
    greys = greys_of(voxels)
    if greys is None:
        raise Unanswerable("no-greys")
    limits = {name: greys.value_of(options[name]) for name in ("bone", "tooth", "enamel", "metal")}
    image = coarse(voxels, BLOCK)
    tell(1, _STEPS)
    metal = image.values >= limits["metal"]
    teeth = _teeth(image, limits) & ~metal
    tell(2, _STEPS)
    jaws = _large(image.values >= limits["bone"], image, JAW * 1000) & ~teeth & ~metal
    tell(3, _STEPS)
    labels = np.zeros(voxels.lattice.shape, np.uint8)
    for number, region, name in ((METAL, metal, "metal"), (TEETH, teeth, "tooth"), (BONE, jaws, "bone")):
        refined(region, image, labels, number, partial(_reaching, voxels, limits[name]))
    return Found(labels, {"air": round(greys.air, 1), "soft": round(greys.soft, 1)})


def _reaching(voxels: Voxels, value: float, k: int) -> Mask:
    """Which voxels of a slice have that value or more."""
    return ~below(voxels, value, k)


def _teeth(image: Coarse, limits: Mapping[str, float]) -> Mask:
    filled = closed(image.values >= limits["tooth"], PULP, image.spacing)
    numbers, sizes = pieces(opened(filled, THIN, image.spacing))
    enamel = np.bincount(numbers[image.values >= limits["enamel"]], minlength=len(sizes))
    block = image.block_ml * 1000
    return of_numbers(numbers, (sizes * block >= TOOTH) & (enamel * block >= ENAMEL))


def _large(mask: Mask, image: Coarse, smallest: float) -> Mask:
    """Pieces of so many mm³ or more."""
    numbers, sizes = pieces(mask)
    return of_numbers(numbers, sizes * image.block_ml * 1000 >= smallest)
