"""Calcium made in code: what lies where in a block of soft tissue, and what it must score."""

from collections.abc import Sequence
from math import pi

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from tests.volumes.series import step

TISSUE = 40
Rod = tuple[float, float, float, int]
# Six rods that stand upright: x, y and radius (mm), and Hounsfield units.
RODS: tuple[Rod, ...] = (
    (12.1, 11.3, 5.0, 150), (30.4, 12.7, 4.0, 250), (48.2, 13.1, 3.0, 350),
    (12.9, 37.6, 6.0, 450), (31.3, 36.8, 5.5, 320), (49.5, 38.3, 4.5, 199),
)  # fmt: skip
# Rods reach from here to there (mm), for any step that divides both.
FROM, TO = 15.0, 45.0


def weight(hounsfield: float) -> int:
    return sum(hounsfield >= limit for limit in (130, 200, 300, 400))


def rods_truth(rods: Sequence[Rod] = RODS) -> float:
    return sum(pi * radius**2 * weight(value) for _, _, radius, value in rods) * (TO - FROM) / 3


def rods(dz: float, pixel: float = 0.25, tilt: float = 0.0) -> Voxels:
    """The rods in slices so many millimetres apart."""
    side, slices = round(60 / pixel), round(60 / dz)
    y, x = np.mgrid[:side, :side] * pixel
    image = np.full((side, side), TISSUE, np.int16)
    for across, down, radius, value in RODS:
        image[np.hypot(x - across, y - down) <= radius] = value
    k = np.arange(slices) * dz
    inside = (k >= FROM) & (k < TO)
    return voxels(np.where(inside[:, None, None], image, np.int16(TISSUE)), (dz, pixel, pixel), tilt)


def voxels(values: NDArray[np.int16], spacing: tuple[float, float, float], tilt: float = 0.0) -> Voxels:
    """Hounsfield units as a volume of stored values with an intercept; `tilt` in degrees shears the slices."""
    along = step(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), tilt)
    return Voxels((values + 1024).astype(np.int16), lattice(values.shape, spacing, along), 1.0, -1024.0, "HU", -1000.0)


def lattice(
    shape: tuple[int, ...], spacing: tuple[float, float, float], along: NDArray[np.float64] | None = None
) -> Lattice:
    slices, rows, columns = shape
    x, y, z = (0.0, 0.0, 1.0) if along is None else along.tolist()
    return Lattice(
        shape=(slices, rows, columns),
        origin=(0.0, 0.0, 0.0),
        along=(x, y, z),
        down=(0.0, 1.0, 0.0),
        across=(1.0, 0.0, 0.0),
        offsets=tuple(k * spacing[0] for k in range(slices)),
        row_spacing=spacing[1],
        column_spacing=spacing[2],
    )


def box() -> Voxels:
    """5 x 5 mm of 150 HU through seven slices 3 mm apart: 25 x 1 x 7 = 175."""
    values = np.full((9, 24, 24), TISSUE, np.int16)
    values[1:8, 6:16, 6:16] = 150
    return voxels(values, (3.0, 0.5, 0.5))


def speckled(seed: int = 1, shape: tuple[int, int, int] = (12, 48, 48)) -> Voxels:
    """Calcium of all sizes and weights at random places, lone pixels too."""
    random = np.random.default_rng(seed)
    values = random.normal(60, 60, shape)
    for _ in range(40):
        k, j, i = (random.integers(0, size) for size in shape)
        values[k : k + random.integers(1, 4), j : j + random.integers(1, 6), i : i + random.integers(1, 6)] += (
            random.integers(80, 500)
        )
    return voxels(np.rint(values).astype(np.int16), (2.5, 0.4, 0.4))
