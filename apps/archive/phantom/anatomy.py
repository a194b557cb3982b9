"""A head made of solids: scalp, skull, brain, eyes, sinuses, jaws with their teeth, neck and head rest.

Positions are of the patient: x to the left, y to the back, z up, in millimetres from the middle of the head.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import numpy as np

from apps.archive.phantom.painting import Image, Slice, Solid

LOWEST, HIGHEST = -104.0, 100.0
AIR, FAT, FLUID, WHITE, GREY, MUSCLE = -1000.0, -95.0, 8.0, 27.0, 38.0, 56.0
SPONGY, BONE, DENTINE, ENAMEL = 420.0, 1250.0, 1700.0, 2500.0

BRAIN = Solid(WHITE, (0, 8, 24), (62.5, 80.5, 59))
CEREBELLUM = Solid(GREY, (0, 42, -12), (43, 32, 21.5))
ETHMOID = Solid(AIR, (0, -50, -9), (13, 22, 10), 3)
MASTOID = Solid(AIR, (51, 31, -29), (9, 12, 15))

SKIN = (
    Solid(MUSCLE, (0, 30, -112), (57, 56, 110), 2.4),
    Solid(MUSCLE, (0, -26, -36), (66, 64, 69), 2.5),
    Solid(MUSCLE, (0, -74, -86), (27, 19, 22)),
    Solid(MUSCLE, (0, -88, -20), (11, 19, 17)),
    Solid(MUSCLE, (0, -95, -27), (15, 12, 9)),
    *Solid(MUSCLE, (72, 24, -8), (9, 15, 29)).mirrored(),
    *Solid(MUSCLE, (48, 30, -34), (20, 24, 28)).mirrored(),
    Solid(MUSCLE, (0, 8, 23), (77, 95, 74)),
)
UNDER_THE_SKIN = (
    Solid(FAT, (0, 30, -112), (54, 53, 108), 2.4),
    Solid(FAT, (0, -26, -36), (63, 61, 66), 2.5),
    Solid(FAT, (0, -74, -86), (23, 15, 18)),
    Solid(FAT, (0, 8, 23), (74.5, 92.5, 71.5)),
    Solid(MUSCLE, (0, 8, 23), (73, 91, 70)),
)
NECK = (
    *Solid(MUSCLE, (17, 62, -84), (15, 15, 62), 3).mirrored(),
    *Solid(MUSCLE, (36, 48, -84), (10, 15, 60), 2.5).mirrored(),
    *Solid(MUSCLE, (43, 22, -90), (8, 14, 66), 3).mirrored(),
    *Solid(MUSCLE, (27, 22, -96), (9, 9, 52), 3).mirrored(),
    *Solid(12, (53, -2, -52), (8, 16, 22)).mirrored(),
    *Solid(65, (26, 4, -95), (3.5, 3.5, 60), 4).mirrored(),
    *Solid(58, (33, 9, -95), (5, 6, 60), 4).mirrored(),
    *Solid(MUSCLE, (53, -28, -62), (5, 15, 24)).mirrored(),
    *Solid(MUSCLE, (50, -36, -14), (6, 22, 22)).mirrored(),
    Solid(MUSCLE, (0, -44, -72), (27, 34, 22)),
    Solid(MUSCLE, (0, -4, -64), (19, 12, 42), 3),
    Solid(MUSCLE, (0, -78, -60), (24, 6, 13)),
)
SKULL = (
    Solid(BONE, (0, 41, -14), (49, 38, 27)),
    Solid(FLUID, (0, 41, -13), (45, 34, 23)),
    Solid(BONE, (0, 8, 24), (71, 89, 67.5)),
    Solid(620, (0, 8, 24), (69.2, 87.2, 66)),
    Solid(BONE + 100, (0, 8, 24), (66.3, 84.3, 63.4)),
    Solid(55, (0, 8, 24), (64.6, 82.6, 61.4)),
    Solid(FLUID, (0, 8, 24), (64, 82, 60.6)),
    Solid(FLUID, (0, 41, -13), (45, 34, 23)),
)
SKULL_BASE = (
    *Solid(BONE, (36, 22, -21), (27, 8, 9)).mirrored(),
    *MASTOID.shell(850, 4).mirrored(),
    Solid(BONE, (0, 4, -26), (13, 20, 9)),
    *Solid(950, (34, -30, -19), (27, 6, 5)).mirrored(),
    *Solid(FLUID, (52, 22, -21), (4, 3.5, 4)).mirrored(),
    *Solid(AIR, (66, 20, -20), (13, 3, 3)).mirrored(),
    *Solid(AIR, (50, 20, -19), (3, 4, 5)).mirrored(),
    Solid(FLUID, (0, 38, -44), (16, 18, 16)),
)
DEEP_BRAIN = (
    Solid(FLUID, (0, 4, -2), (20, 13, 8)),
    Solid(FLUID, (0, 66, -6), (9, 10, 14)),
    Solid(FLUID, (0, 8, 60), (1.9, 58, 20)),
    Solid(FLUID, (0, -50, 34), (1.7, 24, 26)),
    Solid(FLUID, (0, 63, 34), (1.7, 23, 25)),
    Solid(62, (0, 8, 61), (0.8, 56, 20)),
    Solid(62, (0, 64, 36), (0.8, 23, 24)),
    *Solid(FLUID, (50, -8, 16), (15, 11, 3.2)).mirrored(),
    *Solid(GREY + 2, (11, 12, 20), (9, 15, 10)).mirrored(),
    *Solid(GREY + 2, (14, -15, 30), (5, 11, 10)).mirrored(),
    *Solid(GREY + 3, (24, -2, 17), (6.5, 15, 10)).mirrored(),
    *Solid(FLUID, (9.5, -20, 32), (5, 13, 9)).mirrored(),
    *Solid(FLUID, (10.5, 6, 38), (6, 27, 6)).mirrored(),
    *Solid(FLUID, (23, 36, 27), (7, 13, 11)).mirrored(),
    *Solid(FLUID, (21, 55, 25), (4, 12, 5)).mirrored(),
    *Solid(FLUID, (33, 12, 5), (4, 17, 3)).mirrored(),
    *Solid(220, (22, 38, 26), (2.2, 3.6, 2.5)).mirrored(),
    Solid(FLUID, (0, 7, 19), (2.2, 13, 9)),
    Solid(240, (0, 26, 17), (2.2, 2.6, 2.4)),
    Solid(66, (30, -28, 50), (11, 12, 10)),
    Solid(180, (32, -29, 51), (3, 3, 3)),
)
BRAIN_STEM = (
    Solid(GREY - 3, (0, 22, -13), (15, 13, 17)),
    Solid(GREY - 3, (0, 29, -40), (10, 9, 30)),
    Solid(FLUID, (0, 36, -12), (7, 4, 9)),
    Solid(FLUID, (0, 33, -96), (10, 8.5, 66), 6),
    Solid(36, (0, 33, -96), (6.5, 5, 70), 6),
)


def _hollow(solid: Solid, bone: float = 1.8) -> Iterator[Solid]:
    yield from solid.shell(800, bone).mirrored()
    yield from solid.mirrored()


FACE = (
    *Solid(MUSCLE, (33, -62, -5), (22, 26, 20)).mirrored(),
    *Solid(900, (33, -56, -5), (21, 25, 19)).mirrored(),
    *Solid(FAT, (33, -60, -5), (19, 25, 17)).mirrored(),
    *Solid(MUSCLE, (21, -52, -5), (2, 18, 4)).mirrored(),
    *Solid(MUSCLE, (44, -52, -5), (2, 18, 4)).mirrored(),
    *Solid(34, (32, -44, -5), (2.4, 16, 2.4)).mirrored(),
    *Solid(48, (33, -68, -5), (12.8, 12.8, 12.8)).mirrored(),
    *Solid(14, (33, -68, -5), (11.6, 11.6, 11.6)).mirrored(),
    *Solid(95, (33, -78.5, -5), (5, 2.3, 5)).mirrored(),
    *Solid(BONE, (54, -42, -27), (4, 24, 5), 3).mirrored(),
    *Solid(BONE, (46, -60, -25), (13, 8, 10)).mirrored(),
    *_hollow(Solid(AIR, (31, -50, -33), (15, 18, 15), 2.5)),
    *_hollow(Solid(AIR, (9, -76, 15), (8.5, 4.5, 10))),
    *_hollow(Solid(AIR, (7, -16, -22), (7, 12, 9), 3)),
    Solid(BONE, (0, -84, -8), (5, 7, 10)),
    Solid(AIR, (0, -56, -31), (14, 38, 20), 2.5),
    Solid(AIR, (0, -90, -31), (8, 6, 4)),
    Solid(450, (0, -58, -30), (1.1, 38, 21), 3),
    *Solid(48, (7.5, -54, -38), (4, 24, 5)).mirrored(),
    *Solid(48, (7, -50, -26), (3, 19, 4)).mirrored(),
    Solid(900, (0, -54, -50), (26, 27, 2.6), 3),
    Solid(AIR, (0, -6, -52), (10, 6, 40), 3),
    Solid(AIR, (0, -4, -104), (8, 9, 24), 4),
    Solid(AIR, (0, -46, -55.5), (20, 26, 2)),
    Solid(700, (0, -22, -99), (19, 8, 3)),
    *Solid(BONE, (47, -16, -56), (4.5, 14, 31), 3).mirrored(),
    *Solid(SPONGY, (47, -16, -56), (2.4, 11.5, 28), 3).mirrored(),
    *Solid(BONE, (51, -2, -28), (9, 5, 6)).mirrored(),
)


def _vertebra(z: float) -> Iterator[Solid]:
    """One cervical vertebra: body, pedicles, lamina and spinous process. The canal is painted over it."""
    yield Solid(BONE - 300, (0, 33, z - 1), (19, 15.5, 5.5), 3)
    yield Solid(BONE - 200, (0, 53, z - 5), (3.2, 13, 4), 3)
    yield from Solid(BONE - 350, (21, 22, z), (8, 6, 5), 3).mirrored()
    yield from Solid(FLUID + 35, (22, 20, z), (3, 3, 9), 4).mirrored()
    yield Solid(95, (0, 15, z - 8.5), (15, 10, 3), 4)
    yield Solid(BONE - 150, (0, 15, z), (15.5, 10.5, 6.8), 4)
    yield Solid(SPONGY - 120, (0, 15, z), (13.5, 8.6, 5.4), 4)


SPINE = (
    Solid(BONE, (0, 30, -50), (24, 21, 5), 2.4),
    Solid(40, (0, 30, -50), (18, 17, 9), 2.4),
    *chain.from_iterable(_vertebra(z) for z in (-67.0, -84.0, -101.0)),
    Solid(BONE, (0, 14, -54), (5, 5, 12)),
    Solid(SPONGY, (0, 14, -54), (3.2, 3.2, 10)),
)


def _arch(x: float) -> float:
    """Where the dental arch runs: y for each x."""
    return -80.0 + x * x / 18.0


def _tooth(x: float, crown: float, up: int) -> Iterator[Solid]:
    """A tooth at `x` on the arch: a root that points `up` (1) or down (-1), enamel, dentine and pulp."""
    size = 3.1 + abs(x) * 0.07
    y = _arch(x)
    yield Solid(DENTINE, (x, y, crown + up * 8), (size * 0.62, size * 0.75, 12))
    yield Solid(ENAMEL, (x, y, crown), (size, size * 1.05, 4.6), 3)
    yield Solid(DENTINE + 100, (x, y, crown + up), (size * 0.68, size * 0.72, 3.8), 3)
    yield Solid(90, (x, y, crown + up * 7), (0.8, 0.8, 9))


_PLACES = (2.6, 8.4, 14.0, 18.7, 22.6, 26.0, 29.3)
TEETH = tuple(
    chain.from_iterable(
        _tooth(side * x, crown, up) for crown, up in ((-60.0, 1), (-68.5, -1)) for x in _PLACES for side in (1, -1)
    )
)

Texture = Callable[[Slice, Image, Image], Image]


def paint_head(plane: Slice) -> None:
    """Paint the whole head over what is there."""
    _paint(plane, SKIN, UNDER_THE_SKIN, NECK, SKULL)
    _paint_textured(plane, BRAIN, _cortex)
    _paint(plane, DEEP_BRAIN, SKULL_BASE)
    _paint_textured(plane, CEREBELLUM, _folia)
    _paint_jaws(plane)
    _paint(plane, FACE, TEETH, SPINE, BRAIN_STEM)
    for cells in (ETHMOID, *MASTOID.mirrored()):
        _paint_textured(plane, cells, _air_cells)


def paint_head_rest(plane: Slice) -> None:
    """A carbon shell filled with foam, open to the front."""
    outer = Solid(-250.0, (0, 66, 0), (104, 47, 400), 2.6)
    foam = Solid(-960.0, (0, 64, 0), (101, 46, 400), 2.6)
    plane.paint(outer)
    plane.paint(foam)
    plane.image[plane.y[:, 0] < 62] = AIR


def _paint(plane: Slice, *groups: Iterable[Solid]) -> None:
    for solid in chain.from_iterable(groups):
        plane.paint(solid)


def _paint_textured(plane: Slice, solid: Solid, texture: Texture) -> None:
    if (window := plane.window(solid)) is None:
        return
    rows, columns = window
    target = plane.image[rows, columns]
    density = texture(plane, plane.x[:, columns], plane.y[rows])
    target += plane.coverage(solid, rows, columns) * (density - target)


def _cortex(plane: Slice, x: Image, y: Image) -> Image:
    """White matter under folded grey matter, with fluid in the furrows."""
    z = np.float32(plane.z)
    side = np.abs(x)
    (a, b, c), (_, y0, z0) = BRAIN.axes, BRAIN.centre
    depth = 1 - np.sqrt((x / a) ** 2 + ((y - y0) / b) ** 2 + ((z - z0) / c) ** 2)
    bend = 2.2 * np.sin(y * 0.11 + z * 0.07) + 1.6 * np.sin(side * 0.17 - z * 0.13)
    folds = np.sin(side * 0.36 + bend) + np.sin(y * 0.34 - bend) + np.sin(z * 0.33 + bend * 1.3)
    rim = 0.075 + 0.075 * np.tanh(2 * np.abs(folds) ** 0.7 - 1)
    grey = np.clip((rim - depth) * 40 + 0.5, 0, 1)
    furrow = np.clip((0.32 - np.abs(folds)) * 4, 0, 1) * np.clip((0.17 - depth) * 12, 0, 1)
    tissue = WHITE + grey * (GREY - WHITE)
    return (tissue + furrow * (FLUID - tissue)).astype(np.float32)


def _folia(plane: Slice, x: Image, y: Image) -> Image:
    """The fine leaves of the cerebellum."""
    _, y0, z0 = CEREBELLUM.centre
    radius = np.hypot(y - y0 + 14, (plane.z - z0) * 1.6) + np.abs(x) * 0.35
    return (GREY - 3 + 5 * np.sin(radius * 1.7)).astype(np.float32)


def _air_cells(plane: Slice, x: Image, y: Image) -> Image:
    """Air between thin walls of bone, as in the ethmoid and the mastoid."""
    z = np.float32(plane.z)
    bend = 1.4 * np.sin(y * 0.31 + z * 0.43) + 1.2 * np.sin(x * 0.37 - z * 0.29)
    walls = np.sin(np.abs(x) * 0.6 + bend) * np.sin(y * 0.5 - bend) + np.sin(z * 0.55 + bend) * 0.6
    bone = np.clip(1 - np.abs(walls) * 4.5, 0, 1)
    return (AIR + bone * 1450).astype(np.float32)


def _paint_jaws(plane: Slice) -> None:
    """The alveolar bone and the body of the mandible, along the dental arch."""
    for middle, half, thickness in ((-50.0, 8.0, 6.5), (-80.0, 13.0, 7.0)):
        height = 1 - (abs(plane.z - middle) / half) ** 4
        if height > 0:
            _paint_arch(plane, BONE, thickness * height**0.25)
            _paint_arch(plane, SPONGY + 100, thickness * height**0.25 - 2.2)


def _paint_arch(plane: Slice, hounsfield: float, thickness: float) -> None:
    rise = plane.y - (plane.x**2 / 18.0 - 80.0)
    away = np.abs(rise) / np.sqrt(1 + (plane.x / 9.0) ** 2)
    away = np.maximum(away, plane.y + 16 + thickness)
    inside = np.clip((thickness - away) / plane.spacing + 0.5, 0, 1)
    target = plane.image
    target += inside * (np.float32(hounsfield) - target)
