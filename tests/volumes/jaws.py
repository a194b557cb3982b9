"""The jaw phantom in memory, also as a patient's who holds the head aslant, and where its arch then runs."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from apps.archive.phantom import jaw
from apps.volumes.geometry.voxels import Voxels
from tests.volumes.phantoms import Points, centres, lattice_of, rotation_of


def jaw_voxels(
    spacing: float = 0.8,
    *,
    turned: Sequence[float] = (0.0, 0.0, 0.0),
    moved: Sequence[float] = (0.0, 0.0, 0.0),
    noise: float = 45.0,
    streaks: float = 260.0,
    slope: float = 1.0,
    intercept: float = 0.0,
    seed: int = 1,
) -> Voxels:
    """Axial slices of both jaws (int16), 80 mm high and 100 mm wide, in which a cylinder was imaged.

    The head is turned by `turned` degrees about x, y and z, and `moved` by millimetres; the device's grey values are
    the phantom's, less `intercept`, divided by `slope`.
    """
    slices, size = round((jaw.HIGHEST - jaw.LOWEST) / spacing), round(jaw.FIELD_OF_VIEW / spacing)
    half = (size - 1) / 2 * spacing
    lattice = lattice_of(
        (slices, size, size), (spacing, spacing, spacing), origin=(-half, -half, jaw.LOWEST + spacing / 2)
    )
    values = _values(centres(lattice), spacing, turned, moved, streaks)
    values += np.random.default_rng(seed).normal(0, noise, values.shape).astype(np.float32)
    x = (np.arange(size) - (size - 1) / 2) * spacing
    values[:, np.hypot(x[None, :], x[:, None]) > jaw.FIELD_OF_VIEW / 2] = jaw.AIR
    stored = np.rint((values - intercept) / slope).astype(np.int16)
    return Voxels(stored, lattice, slope, intercept, outside=jaw.AIR)


def _values(
    points: Points, spacing: float, turned: Sequence[float], moved: Sequence[float], streaks: float
) -> NDArray[np.float32]:
    x, y, z = np.moveaxis((points - np.asarray(moved)) @ rotation_of(turned), -1, 0).astype(np.float32)
    if any(turned):
        where = jaw.Where.of(x, y, z)
        return jaw.hounsfield(where, spacing) + jaw.streaks(where, streaks)
    level = jaw.Where.of(x[0], y[0], np.zeros((1, 1), np.float32))
    planes = [level.at(float(height)) for height in z[:, 0, 0]]
    return np.stack([jaw.hounsfield(plane, spacing) + jaw.streaks(plane, streaks) for plane in planes])


def true_arch(turned: Sequence[float] = (0.0, 0.0, 0.0), moved: Sequence[float] = (0.0, 0.0, 0.0)) -> Points:
    """Points (n, 3) along the middle of the teeth, where they meet, from the patient's right to the left."""
    x = np.linspace(-29, 29, 117)
    points = np.stack([x, jaw.FRONT + jaw.BEND * x * x, np.zeros_like(x)], axis=1)
    return points @ rotation_of(turned).T + np.asarray(moved)
