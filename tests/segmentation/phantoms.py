"""Volumes of which it is known in closed form what each voxel belongs to, on any lattice.

Solids are told by `depth`: how many millimetres a point lies below their surface, negative above it. They lie in the
patient (x to the left, y to the back, z to the head; millimetres), so that a rotated lattice sees them from aslant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from apps.volumes.geometry.lattice import Lattice, Vector
from apps.volumes.geometry.voxels import Voxels
from tests.volumes.phantoms import centres, lattice_of, vector

Points = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

AIR, LUNG, FAT, SOFT, BLOOD, MARROW, CORTEX = -1000.0, -850.0, -90.0, 40.0, 340.0, 300.0, 900.0


@dataclass(frozen=True)
class Phantom:
    """A volume (int16, HU) and what lies in it: of each thing a mask [k, j, i] of the voxels whose centre is in it."""

    voxels: Voxels
    truth: dict[str, Mask]


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """How well two masks agree: 1 where they are the same, 0 where they have nothing in common."""
    return 2 * int(np.count_nonzero(one & other)) / max(1, int(np.count_nonzero(one) + np.count_nonzero(other)))


def centred(shape: tuple[int, int, int], spacing: Vector, middle: Vector = (0.0, 0.0, 0.0), **lattice: Any) -> Lattice:
    """A lattice (`tests.volumes.phantoms.lattice_of`) whose middle lies at `middle` of the patient."""
    laid = lattice_of(shape, spacing, origin=(0.0, 0.0, 0.0), **lattice)
    origin = vector(np.asarray(middle) - laid.corners.mean(axis=0))
    return lattice_of(shape, spacing, origin=origin, **lattice)


# Solids ---------------------------------------------------------------------------------------------------------------


def ellipsoid(points: Points, centre: ArrayLike, axes: ArrayLike) -> Points:
    """By its half axes; the depth is exact at the surface along the axes, and near it otherwise."""
    halves: Points = np.asarray(axes, np.float32)
    scaled: Points = (points - np.asarray(centre, np.float32)) / halves
    radius = _length(scaled)
    slope = _length(scaled / halves) / np.maximum(radius, 1e-6)
    return np.asarray((1 - radius) / np.maximum(slope, 1e-6))


def tube(points: Points, course: Sequence[ArrayLike] | Points, radius: float) -> Points:
    """A tube with round ends along a course of at least two points."""
    ends = [np.asarray(point, np.float32) for point in course]
    away = np.full(points.shape[:-1], np.inf, np.float32)
    for begin, end in pairwise(ends):
        along, beside = end - begin, points - begin
        share = np.clip(beside @ (along / (along @ along)), 0, 1)
        np.minimum(away, _length(beside - share[..., None] * along), out=away)
    return np.asarray(radius - away)


def _length(vectors: Points) -> Points:
    return np.asarray(np.sqrt(np.einsum("...i,...i", vectors, vectors)))


def _column(points: Points, centre: ArrayLike, axes: ArrayLike) -> Points:
    """An elliptic column along z."""
    return ellipsoid(points * np.array([1, 1, 0], np.float32), centre, axes)


def box(points: Points, centre: ArrayLike, halves: ArrayLike) -> Points:
    """A box along the patient's axes."""
    return np.asarray((np.asarray(halves, np.float32) - np.abs(points - np.asarray(centre, np.float32))).min(axis=-1))


class _Painter:
    """Paints solids over each other; their borders are as soft as voxels are large that lie across them."""

    def __init__(self, lattice: Lattice, value: float) -> None:
        self.lattice, self.points = lattice, centres(lattice).astype(np.float32)
        self.values = np.full(lattice.shape, value, np.float32)
        self.edge = min(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)

    def paint(self, depth: Points, value: float) -> Mask:
        """Lay a solid over what is there; the voxels whose centre is in it."""
        share = np.clip(depth / self.edge + 0.5, 0, 1).astype(np.float32)
        self.values += share * (np.float32(value) - self.values)
        return np.asarray(depth > 0)

    def phantom(self, truth: dict[str, Mask], noise: float, seed: int) -> Phantom:
        noisy = self.values + noise * np.random.default_rng(seed).standard_normal(self.values.shape, np.float32)
        stored = np.clip(np.rint(noisy) + 1024, 0, 4095).astype(np.int16)
        return Phantom(Voxels(stored, self.lattice, intercept=-1024.0, unit="HU", outside=AIR), truth)


# Chest ----------------------------------------------------------------------------------------------------------------

CARINA: Final = (0.0, 12.0, 40.0)
LUNG_MIDDLE, LUNG_AXES = 76.0, (54.0, 82.0, 120.0)
HEART: Final = (28.0, -28.0, -40.0), (52.0, 46.0, 62.0)


def chest_lattice(scale: float = 1.0, **lattice: Any) -> Lattice:
    """400 mm across, 300 deep, 320 high, in voxels of 5 mm times `scale`."""
    shape = (round(64 / scale), round(60 / scale), round(80 / scale))
    return centred(shape, (5.0 * scale, 5.0 * scale, 5.0 * scale), **lattice)


def chest(lattice: Lattice | None = None, *, noise: float = 20.0, seed: int = 1) -> Phantom:
    """A chest on its table. Truth: `left lung`, `right lung` (with the vessels in them), `airway` (the lumen), `bone`,
    `body` (all below the skin), `table`, `heart`."""
    painter = _Painter(lattice or chest_lattice(), AIR)
    points = painter.points
    truth = {"body": painter.paint(_trunk(points), SOFT)}
    truth["table"] = painter.paint(box(points, (0, 128, 0), (170, 6, 1e4)), 100.0)
    truth |= _lungs(painter)
    truth["bone"] = _bones(painter)
    return painter.phantom(truth, noise, seed)


def _trunk(points: Points) -> Points:
    return _column(points, (0, 0, 0), (165, 115, 1e6))


def _lungs(painter: _Painter) -> dict[str, Mask]:
    points = painter.points
    heart = ellipsoid(points, *HEART)
    sides = {
        side: ellipsoid(points, (x, 0, 0), LUNG_AXES) for side, x in (("left", LUNG_MIDDLE), ("right", -LUNG_MIDDLE))
    }
    truth = {}
    for side, depth in sides.items():
        lung = np.minimum(depth, -heart)
        truth[f"{side} lung"] = painter.paint(lung, LUNG)
        for z in (60.0, 0.0, -60.0):
            x = LUNG_MIDDLE if side == "left" else -LUNG_MIDDLE
            vessel = tube(points, [(0.45 * x, 12, 10), (x, 15, z), (1.3 * x, -10, 1.3 * z)], 3.0)
            painter.paint(np.minimum(vessel, lung), SOFT)
    truth["heart"] = heart > 0
    course = [CARINA, (0.0, 5.0, 400.0)]
    bronchi = [[CARINA, (side * 0.55 * LUNG_MIDDLE, 12.0, 5.0)] for side in (1, -1)]
    walls = [tube(points, course, 12.0), *(tube(points, bronchus, 9.0) for bronchus in bronchi)]
    lumen = [tube(points, course, 9.0), *(tube(points, bronchus, 6.0) for bronchus in bronchi)]
    painter.paint(np.maximum.reduce(walls), SOFT)
    truth["airway"] = painter.paint(np.maximum.reduce(lumen), AIR)
    outside = ~(np.maximum.reduce(walls) > 0)
    return {name: mask & outside if name.endswith("lung") else mask for name, mask in truth.items()}


def _bones(painter: _Painter) -> Mask:
    points = painter.points
    spine = _column(points, (0, 78, 0), (22, 20, 1e6))
    sternum = box(points, (0, -98, 10), (18, 6, 90))
    bone = painter.paint(spine, CORTEX) | painter.paint(sternum, 600.0)
    painter.paint(spine - 6, MARROW)
    return bone


# Vessels --------------------------------------------------------------------------------------------------------------


def tubes(lattice: Lattice | None = None, *, noise: float = 15.0, seed: int = 2, bone: bool = False) -> Phantom:
    """Vessels full of contrast agent (340 HU) in soft tissue, with radii of 2, 4 and 6 of the largest voxel spacing.

    Truth: `vessels`, `thin`, `middle`, `thick`, and `bone`, a column with a hard shell beside them where `bone`.
    """
    lattice = lattice or centred((72, 72, 72), (1.0, 1.0, 1.0))
    painter = _Painter(lattice, SOFT)
    unit = max(lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing)
    truth = {
        name: painter.paint(tube(painter.points, course, radius * unit), BLOOD)
        for name, radius, course in zip(("thin", "middle", "thick"), (2, 4, 6), _courses(unit), strict=True)
    }
    truth["vessels"] = np.logical_or.reduce(list(truth.values()))
    if bone:
        column = tube(painter.points, [(26 * unit, 20 * unit, z) for z in (-1e3, 1e3)], 8 * unit)
        truth["bone"] = painter.paint(column, CORTEX) & ~truth["vessels"]
        painter.paint(column - 2 * unit, MARROW)
    return painter.phantom(truth, noise, seed)


def _courses(unit: float) -> list[Points]:
    """A bent one, an S, and a straight one aslant; none is parallel to an axis."""
    turn = np.linspace(-1, 1, 13)[:, None]
    bent = np.hstack([20 * np.cos(turn) - 36, 22 * turn, 26 * turn])
    wave = np.hstack([4 + 6 * np.sin(3 * turn), 26 * turn - 2, -22 * turn])
    straight = np.array([[8.0, -24, -24], [14, 16, 26]])
    return [bent * unit, wave * unit, straight * unit]


# Heart ----------------------------------------------------------------------------------------------------------------

# Of each artery: its course in the heart phantom, and its calcified pieces as (share of the course, radius mm, HU).
ARTERIES: Final[dict[str, tuple[tuple[Vector, ...], tuple[tuple[float, float, float], ...]]]] = {
    "LM": (((2.0, -18.0, 28.0), (14.0, -24.0, 27.0)), ((0.5, 1.8, 320.0),)),
    "LAD": (((14.0, -24.0, 27.0), (26.0, -40.0, 12.0), (30.0, -46.0, -16.0)), ((0.25, 2.4, 480.0), (0.6, 1.6, 260.0))),
    "LCX": (((14.0, -24.0, 27.0), (40.0, -8.0, 14.0), (44.0, 4.0, -8.0)), ((0.55, 1.8, 380.0),)),
    "RCA": (((-14.0, -26.0, 24.0), (-38.0, -22.0, 4.0), (-30.0, -6.0, -24.0)), ((0.4, 2.2, 550.0), (0.8, 1.4, 230.0))),
}


def heart_lattice(slices: float = 3.0, **lattice: Any) -> Lattice:
    """160 by 160 mm in pixels of 1.25 mm, 90 mm high in slices of `slices` mm."""
    return centred((round(90 / slices), 128, 128), (slices, 1.25, 1.25), **lattice)


def heart_with_calcium(lattice: Lattice | None = None, *, noise: float = 12.0, seed: int = 3) -> Phantom:
    """A heart without contrast agent between the lungs, with calcified pieces in each coronary artery, spine and
    sternum. Truth: by artery (`LM`, `LAD`, `LCX`, `RCA`) its calcified voxels; `LM region`, … what a person would draw
    around them; `bone`.
    """
    painter = _Painter(lattice or heart_lattice(), LUNG)
    points = painter.points
    painter.paint(ellipsoid(points, (2, -14, 0), (62, 52, 60)), FAT)
    painter.paint(ellipsoid(points, (2, -12, -2), (50, 42, 50)), SOFT)
    painter.paint(box(points, (0, 62, 0), (80, 22, 1e4)), SOFT)
    spine = _column(points, (0, 58, 0), (18, 16, 1e6))
    bone = painter.paint(spine, CORTEX) | painter.paint(box(points, (0, -70, 0), (15, 5, 60)), 600.0)
    painter.paint(spine - 5, MARROW)
    truth: dict[str, Mask] = {"bone": bone}
    for name, (course, _) in ARTERIES.items():
        painter.paint(tube(points, course, 2.2), SOFT)
        truth[f"{name} region"] = tube(points, course, 5.0) > 0
    for name, (course, pieces) in ARTERIES.items():
        painted = [
            painter.paint(ellipsoid(points, _at(course, share), (radius,) * 3), hu) for share, radius, hu in pieces
        ]
        truth[name] = np.logical_or.reduce(painted)
    return painter.phantom(truth, noise, seed)


def _at(course: Sequence[Vector], share: float) -> Points:
    """The point at a share of a course, by its number of points."""
    places = np.asarray(course)
    at = share * (len(places) - 1)
    return np.array([np.interp(at, range(len(places)), places[:, axis]) for axis in range(3)])
