"""Volumes of which the truth is known in closed form, on any lattice: what every reformat is measured against."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.geometry.lattice import Lattice, Vector
from apps.volumes.geometry.voxels import Voxels

Points = NDArray[np.float64]
# Of the linear phantom: a value, and what is added per millimetre of x, y and z.
LINEAR: Final = (20.0, 1.5, -2.0, 0.75)
AIR: Final = -1000.0


def rotation_of(angles: Sequence[float]) -> Points:
    """3 by 3: turned by `angles` degrees about x, then about y, then about z."""
    turned = np.eye(3)
    for axis, angle in enumerate(np.radians(angles)):
        first, second = [other for other in range(3) if other != axis]
        sign = -1.0 if axis == 1 else 1.0
        turn = np.eye(3)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[first, second], turn[second, first] = -sign * np.sin(angle), sign * np.sin(angle)
        turned = turn @ turned
    return turned


def lattice_of(
    shape: tuple[int, int, int] = (24, 28, 32),
    spacing: Vector = (1.0, 1.0, 1.0),
    *,
    rotation: Sequence[float] = (0.0, 0.0, 0.0),
    origin: Vector = (-15.0, -12.0, -10.0),
    tilt: float = 0.0,
    offsets: Sequence[float] | None = None,
    gaps: tuple[int, ...] = (),
) -> Lattice:
    """A lattice of axial slices, turned by `rotation` degrees; `shape` and `spacing` are (slice, row, column).

    `tilt` is the gantry's, in degrees: the slices are turned about x against the table, which goes on along z.
    `offsets` are the slices' places where they aren't even.
    """
    turned, angle = rotation_of(rotation), np.radians(tilt)
    along, down, across = (
        turned @ np.array(axis) for axis in ((0, 0, 1), (0, np.cos(angle), np.sin(angle)), (1, 0, 0))
    )
    places = [k * spacing[0] for k in range(shape[0])] if offsets is None else [float(offset) for offset in offsets]
    return Lattice(
        shape=shape,
        origin=origin,
        along=vector(along),
        down=vector(down),
        across=vector(across),
        offsets=tuple(places),
        row_spacing=spacing[1],
        column_spacing=spacing[2],
        gaps=gaps,
    )


def vector(values: NDArray[np.floating]) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def centres(lattice: Lattice) -> Points:
    """`[k, j, i, 3]`: where each voxel lies."""
    _, rows, columns = lattice.shape
    k = np.multiply.outer(np.asarray(lattice.offsets), lattice.along)[:, None, None]
    j = np.multiply.outer(np.arange(rows) * lattice.row_spacing, lattice.down)[None, :, None]
    i = np.multiply.outer(np.arange(columns) * lattice.column_spacing, lattice.across)[None, None]
    return np.asarray(lattice.origin) + k + j + i


def middle(lattice: Lattice) -> Vector:
    """The middle of what was imaged."""
    return vector(lattice.corners.mean(axis=0))


def linear_at(points: Points, a: float, b: float, c: float, d: float) -> Points:
    """The linear phantom's value at patient coordinates `[..., 3]`: a + b·x + c·y + d·z."""
    return a + points @ np.array([b, c, d])


def linear(
    lattice: Lattice, a: float = LINEAR[0], b: float = LINEAR[1], c: float = LINEAR[2], d: float = LINEAR[3]
) -> Voxels:
    """Values that are linear in the patient's millimetres (float32): whoever interpolates linearly is exact."""
    values = linear_at(centres(lattice), a, b, c, d).astype(np.float32)
    return Voxels(values, lattice, unit="HU", outside=AIR)


def sphere(
    lattice: Lattice,
    centre: Vector | None = None,
    radius: float = 8.0,
    *,
    inside: float = 1000.0,
    outside: float = 0.0,
    edge: float = 1.0,
) -> Voxels:
    """A ball (int16, HU) about `centre`, or the middle; its border rises over `edge` mm, half way up at `radius`."""
    beside = centres(lattice) - np.asarray(centre or middle(lattice))
    return _body(lattice, radius - np.linalg.norm(beside, axis=-1), inside, outside, edge)


def cylinder(
    lattice: Lattice,
    axis: Vector,
    centre: Vector | None = None,
    radius: float = 6.0,
    *,
    inside: float = 1000.0,
    outside: float = 0.0,
    edge: float = 1.0,
) -> Voxels:
    """An endless rod (int16, HU) along the unit vector `axis` through `centre`, or the middle; its border as above."""
    beside = centres(lattice) - np.asarray(centre or middle(lattice))
    across = beside - (beside @ np.asarray(axis))[..., None] * np.asarray(axis)
    return _body(lattice, radius - np.linalg.norm(across, axis=-1), inside, outside, edge)


def _body(lattice: Lattice, depth: Points, inside: float, outside: float, edge: float) -> Voxels:
    """What lies `depth` millimetres below a surface, and what above."""
    share = np.clip(depth / edge + 0.5, 0.0, 1.0)
    values = np.rint(outside + (inside - outside) * share).astype(np.int16)
    return Voxels(values, lattice, unit="HU", outside=AIR)
