"""Both jaws as a cone beam sees them: bone, teeth with enamel, dentine and pulp, the nerve's canal, an implant.

Positions are of the patient: x to the left, y to the back, z up, in millimetres; z is 0 where the teeth meet. What
belongs to the dental arch is told in the arch's own coordinates: `along` it from its apex, to the patient's left, and
`outwards` from it, to lips and cheeks. Two teeth aren't where they should be: at the patient's left the implant stands
for the lower first molar (36), and at the right the lower third molar (48) lies impacted above the nerve.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Image = NDArray[np.float32]
Places = NDArray[np.floating[Any]]
Number = TypeVar("Number", float, Places)

# What is imaged of it: a cylinder this wide, from LOWEST to HIGHEST.
FIELD_OF_VIEW, LOWEST, HIGHEST = 100.0, -45.0, 35.0
# The arch: y = FRONT + BEND * x².
FRONT, BEND = -38.0, 1 / 18
AIR, FAT, SOFT, NERVE = -1000.0, -120.0, 40.0, 10.0
SPONGY, CORTEX, DENTINE, ENAMEL, METAL = 380.0, 1150.0, 1550.0, 2450.0, 3000.0

# From the middle: central incisor to third molar, in millimetres along the arch, and from cheek to tongue.
UPPER_WIDTHS: Final = (8.3, 6.7, 7.6, 7.0, 6.8, 9.8, 9.2, 8.6)
LOWER_WIDTHS: Final = (5.6, 6.0, 7.0, 7.2, 7.2, 10.8, 10.4, 10.0)
DEPTHS: Final = (6.4, 6.2, 7.8, 8.6, 8.8, 10.4, 10.2, 9.6)
LENGTHS: Final = (21.5, 20.5, 24.0, 20.5, 20.0, 19.5, 19.0, 17.5)
CROWN, FURCATION, ENAMEL_THICKNESS = 7.5, 11.5, 1.2
IMPACTED_TILT = np.float32(np.radians(62))
IMPLANT_RADIUS, IMPLANT_TOP, IMPLANT_END = 2.1, -9.0, -21.0


@dataclass(frozen=True, slots=True)
class Where:
    """Points, also in the arch's coordinates; arrays that broadcast together."""

    x: Places
    y: Places
    z: Places
    along: Places
    outwards: Places

    @classmethod
    def of(cls, x: Places, y: Places, z: Places) -> Self:
        """Look the points up on the arch."""
        return cls(x, y, z, *arch_coordinates(x, y))

    def at(self, z: float) -> Self:
        """The same points at another height."""
        return replace(self, z=np.asarray([[z]], dtype=self.x.dtype))


@dataclass(frozen=True, slots=True)
class Row:
    """The teeth of one jaw from the patient's right to the left; `up` is 1 where the roots point up, else -1."""

    up: int
    middles: Places
    ends: Places
    halves: Places
    depths: Places
    lengths: Places
    is_molar: NDArray[np.bool_]
    is_there: NDArray[np.bool_]
    tilts: Places
    sunk: Places


def arch(x: Number) -> Number:
    """The y of the arch at an x."""
    return FRONT + BEND * x * x


def arch_coordinates(x: Places, y: Places) -> tuple[Places, Places]:
    """How far along the arch the nearest point of it is, and how far outwards (x, y) lies from there, in millimetres.

    The nearest point of a parabola is the real root of a cubic: Cardano's where there is one, Viète's where, deep in
    the mouth, there are three.
    """
    p = (1 - 2 * BEND * (y - FRONT)) / (2 * BEND * BEND)
    half = x / (4 * BEND * BEND)
    third = p / 3
    discriminant = half * half + third**3
    root = np.sqrt(np.maximum(discriminant, 0))
    single = np.cbrt(half + root) + np.cbrt(half - root)
    radius = np.sqrt(np.maximum(-third, 1e-9))
    angle = np.arccos(np.clip(np.abs(half) / radius**3, -1, 1)) / 3
    near = np.where(discriminant >= 0, single, np.copysign(2 * radius * np.cos(angle), x))
    away = np.hypot(x - near, y - FRONT - BEND * near * near)
    return arch_length(near), np.where(y < FRONT + BEND * x * x, away, -away)


def arch_length(x: Places) -> Places:
    """Millimetres along the arch from its apex to where it is at `x`; to the patient's right they are negative."""
    slope = 2 * BEND * x
    return (slope * np.sqrt(1 + slope * slope) + np.arcsinh(slope)) / (4 * BEND)


def canal(along: Places) -> tuple[Places, Places]:
    """Where the canal of the inferior alveolar nerve runs: its z, and how far outwards, at millimetres `along`.

    From the ramus it falls behind the third molar, runs below the roots and leaves at the mental foramen, 26 mm from
    the middle.
    """
    away = np.abs(along)
    z = np.interp(away, (25, 28, 34, 50, 60, 68, 78), (-24.0, -26.0, -28.5, -29.0, -26.5, -18.0, 0.0))
    outwards = np.interp(away, (25, 27, 31, 45, 78), (8.0, 4.5, 1.0, -0.8, -1.0))
    return z, outwards


def hounsfield(where: Where, softness: float) -> Image:
    """What the jaws are at these points; edges are `softness` millimetres wide, as the voxels are that they fill."""
    image: Image = np.full(np.broadcast_shapes(where.x.shape, where.y.shape, where.z.shape), AIR, np.float32)
    painter = _Painter(image, softness)
    _paint_soft_tissue(painter, where)
    _paint_bones(painter, where)
    _paint_canal(painter, where)
    _paint_teeth(painter, where, UPPER)
    _paint_teeth(painter, where, LOWER)
    _paint_implant(painter, where)
    return image


def streaks(where: Where, strength: float) -> Image:
    """What the metal adds around itself: light and dark rays of `strength` at its surface, fading over 2 cm."""
    x, y = _implant_axis()
    dx, dy = where.x - x, where.y - y
    away, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    rays = np.sin(5 * angle + 0.7) * 0.6 + np.sin(11 * angle) * 0.4
    level = np.exp(-(((where.z - 0.5 * (IMPLANT_TOP + IMPLANT_END)) / 9.0) ** 2))
    return (strength * rays * level * np.exp(-np.maximum(away - IMPLANT_RADIUS, 0) / 20)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Painter:
    image: Image
    softness: float

    def paint(self, distance: Places, value: float) -> None:
        """Lay a value over what is there wherever `distance` to its surface (millimetres) is negative."""
        inside = np.clip(0.5 - distance / self.softness, 0, 1).astype(np.float32)
        self.image[...] += inside * (np.float32(value) - self.image)


def _ellipsoid(where: Where, centre: tuple[float, float, float], axes: tuple[float, float, float]) -> Places:
    (x, y, z), (a, b, c) = centre, axes
    radius = np.sqrt(((where.x - x) / a) ** 2 + ((where.y - y) / b) ** 2 + ((where.z - z) / c) ** 2)
    return (radius - 1) * min(axes)


def _band(where: Where, middle: float, half: float, thickness: float) -> Places:
    """Distance to a band along the arch: `half` its height, `thickness` its half width, with rounded edges."""
    squares = np.square(where.outwards / thickness), np.square((where.z - middle) / half)
    return (np.sqrt(np.sqrt(np.square(squares[0]) + np.square(squares[1]))) - 1) * min(thickness, half)


def _paint_soft_tissue(painter: _Painter, where: Where) -> None:
    painter.paint(where.outwards - 15.0, FAT)
    painter.paint(where.outwards - 11.0, SOFT)
    painter.paint(_ellipsoid(where, (0, -8, 5), (16, 22, 5)), AIR)
    painter.paint(_ellipsoid(where, (0, 31, 0), (10, 6, 70)), AIR)
    painter.paint(_ellipsoid(where, (0, 54, 0), (13, 10, 400)), CORTEX - 300)
    painter.paint(_ellipsoid(where, (0, 54, 0), (11, 8, 400)), SPONGY - 100)


def _paint_bones(painter: _Painter, where: Where) -> None:
    for shrunk, value in ((0.0, CORTEX), (1.9, SPONGY)):
        ends = np.abs(where.along) - 62 + shrunk
        palate = np.maximum(np.abs(where.z - 20) - 1.8 + shrunk, np.maximum(where.outwards, where.y - 8))
        painter.paint(np.maximum(_band(where, 16, 9 - shrunk, 6.3 - shrunk), ends), value)
        painter.paint(palate, value)
        painter.paint(_band(where, -22.5, 14.5 - shrunk, 7.2 - shrunk), value)
        back = np.maximum(np.abs(np.abs(where.along) - 80) - 14, np.abs(where.z - 4) - 38) + shrunk
        painter.paint(np.maximum(back, np.abs(where.outwards) - 4.6 + shrunk), value)
    for side in (1, -1):
        painter.paint(_ellipsoid(where, (side * 24, 0, 32), (11.5, 18.5, 12.5)), CORTEX - 250)
        painter.paint(_ellipsoid(where, (side * 24, 0, 32), (10.2, 17.2, 11.2)), AIR)
    painter.paint(_ellipsoid(where, (0, 0, 32), (11, 30, 10.5)), AIR)
    painter.paint(np.maximum(np.abs(where.x) - 1.0, np.maximum(np.abs(where.z - 32) - 11, where.y - 16)), SPONGY)


def _paint_canal(painter: _Painter, where: Where) -> None:
    if where.z.max() < -33 or where.z.min() > 3:
        return
    z, outwards = canal(where.along)
    # Where the canal is steep, what lies level with it is nearer than the difference in height.
    slope = np.gradient(canal(_SLOPES)[0], _SLOPES[1])
    steep = np.sqrt(1 + np.interp(np.abs(where.along), _SLOPES, slope) ** 2)
    distance = np.hypot((where.z - z) / steep, where.outwards - outwards)
    distance = np.maximum(distance, 1.5 + np.maximum(24 - np.abs(where.along), np.abs(where.along) - 78))
    painter.paint(np.where(where.outwards < 6, distance - 2.1, 9.0), CORTEX - 300)
    painter.paint(distance - 1.5, NERVE)


_SLOPES: Final = np.arange(0.0, 100.0, 1.0)


def _row(up: int, widths: tuple[float, ...], gone: tuple[int, ...], impacted: tuple[int, ...]) -> Row:
    ends = np.concatenate(([0.0], np.cumsum(widths)))
    middles, order = (ends[1:] + ends[:-1]) / 2, np.r_[7:-1:-1, 0:8]
    numbers = np.arange(16)
    lies = np.isin(numbers, impacted)
    return Row(
        up,
        _single(np.concatenate((-middles[::-1], middles))),
        _single(np.concatenate((-ends[:0:-1], ends))),
        _single(widths)[order] / 2 - np.float32(0.15),
        _single(DEPTHS)[order] / 2,
        _single(LENGTHS)[order],
        order >= 5,
        ~np.isin(numbers, gone),
        _single(np.where(lies, IMPACTED_TILT, 0)),
        _single(np.where(lies, 5, 0)),
    )


def _single(values: ArrayLike) -> Image:
    return np.asarray(values, np.float32)


# By place in the row from the patient's right: 13 is the left first molar, 15 the left third, 0 the right third.
UPPER: Final = _row(1, UPPER_WIDTHS, (), ())
LOWER: Final = _row(-1, LOWER_WIDTHS, (13, 15), (0,))


def _paint_teeth(painter: _Painter, where: Where, row: Row) -> None:
    below = np.asarray(where.z * row.up)
    if below.max() < -1 or below.min() > 27:
        return
    which = np.clip(np.searchsorted(row.ends, where.along) - 1, 0, 15)
    from_middle, depth = _of_tooth(where, row, which)
    is_there = row.is_there[which] & (np.abs(where.along) < row.ends[-1] + 8)
    body, core = _tooth(from_middle, where.outwards, depth, row, which)
    in_crown = depth < CROWN
    painter.paint(np.where(is_there & ~in_crown, body - 0.35, 9.0), SOFT)
    painter.paint(np.where(is_there, body, 9.0), DENTINE)
    shell = np.maximum(body, -(body + ENAMEL_THICKNESS))
    painter.paint(np.where(is_there & in_crown, shell, 9.0), ENAMEL)
    painter.paint(np.where(is_there, core, 9.0), SOFT)


def _of_tooth(where: Where, row: Row, which: NDArray[np.intp]) -> tuple[Places, Places]:
    """Millimetres from the middle of each point's tooth, along the arch, and from its crown's end to its root's."""
    away = where.along - row.middles[which]
    depth = where.z * row.up - 0.3 - row.sunk[which]
    # A tooth that lies turns about its middle, its crown to the front: at the patient's right, to the left.
    cosine, sine = np.cos(row.tilts[which]), np.sin(row.tilts[which])
    return away * cosine + (depth - 9) * sine, (depth - 9) * cosine - away * sine + 9


def _tooth(
    from_middle: Places, outwards: Places, depth: Places, row: Row, which: NDArray[np.intp]
) -> tuple[Places, Places]:
    """Distances to the surface of the tooth and to that of its pulp."""
    length = row.lengths[which]
    taper = np.clip(1 - 0.62 * (depth - CROWN + 1.5) / (length - CROWN), 0.3, 1)
    # Front teeth end in an edge, and a molar's root is two.
    edge = np.where(row.is_molar[which], 1, np.clip(0.35 + depth / 8, 0.35, 1))
    is_forked = row.is_molar[which] & (depth > FURCATION)
    half = row.halves[which]
    across = np.where(is_forked, np.abs(from_middle) - half * 0.5, from_middle)
    half = np.where(is_forked, half * 0.55, half) * taper
    deep = row.depths[which] * taper * edge
    radius = np.sqrt((across / half) ** 2 + (outwards / deep) ** 2)
    ends = np.maximum(-depth, depth - length)
    body = np.maximum((radius - 1) * np.minimum(half, deep), ends)
    wide = np.where(depth < CROWN, np.where(row.is_molar[which], 1.7, 0.9), 0.55)
    core = np.maximum(np.hypot(across, outwards) - wide, np.maximum(3.2 - depth, depth - length + 1))
    return body, core


def _implant_axis() -> tuple[float, float]:
    x = np.linspace(0, 40, 4001)
    at = float(np.interp(LOWER.middles[13], arch_length(x), x))
    return at, arch(at)


def _paint_implant(painter: _Painter, where: Where) -> None:
    """A screw of titanium, and the crown on it."""
    x, y = _implant_axis()
    away = np.hypot(where.x - x, where.y - y)
    thread = 0.25 * np.sin(2 * np.pi * where.z)
    painter.paint(
        np.maximum(away - IMPLANT_RADIUS + thread, np.maximum(IMPLANT_END - where.z, where.z - IMPLANT_TOP)), METAL
    )
    painter.paint(np.maximum(away - 1.3, np.maximum(IMPLANT_TOP - where.z, where.z + 5)), METAL)
    painter.paint(np.maximum(away - 4.6, np.maximum(-7.5 - where.z, where.z + 0.5)), ENAMEL + 300)
