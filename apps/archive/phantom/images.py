"""The phantoms as scanners give them: noisy slices of head and jaws, or the shadow of the whole head."""

from collections.abc import Iterator

import numpy as np

from apps.archive.phantom import jaw
from apps.archive.phantom.anatomy import AIR, HIGHEST, LOWEST, paint_head, paint_head_rest
from apps.archive.phantom.objects import cone_beam_image, ct_image, x_ray_image
from apps.archive.phantom.painting import Image, Slice

FIELD_OF_VIEW = 240.0
NOISE = 9.0
CONE_BEAM_NOISE, STREAKS = 45.0, 260.0


def slices(count: int = 160, size: int = 320, name: str = "head") -> Iterator[bytes]:
    """An axial CT of a head: `count` Part 10 files from the neck up, `size` x `size` pixels of 12 bits in 16.

    The slices lie closely one on the other and cover 204 mm; the field of view is 240 mm. The bytes and UIDs
    depend on the arguments alone; another `name` gives another study of the same head.
    """
    step = (HIGHEST - LOWEST) / count
    for index in range(count):
        plane = _empty(size, LOWEST + (index + 0.5) * step)
        paint_head_rest(plane)
        paint_head(plane)
        stored = np.clip(np.rint(plane.image + _noise(size, index)) + 1024, 0, 4095)
        yield ct_image(name, index, FIELD_OF_VIEW / size, step, stored)


def cone_beam(count: int = 160, size: int = 200, name: str = "jaw") -> Iterator[bytes]:
    """A dental cone beam volume of both jaws: `count` Part 10 files from the chin up, `size` x `size` pixels.

    The slices cover 80 mm and the pixels 100 mm, of which a cylinder is imaged; noise and metal show as they do there.
    The bytes and UIDs depend on the arguments alone.
    """
    step, spacing = (jaw.HIGHEST - jaw.LOWEST) / count, jaw.FIELD_OF_VIEW / size
    across = _centred(size, spacing)
    where = jaw.Where.of(across[None, :], across[:, None], np.zeros((1, 1), np.float32))
    is_outside = np.hypot(where.x, where.y) > jaw.FIELD_OF_VIEW / 2
    for index in range(count):
        plane = where.at(jaw.LOWEST + (index + 0.5) * step)
        image = jaw.hounsfield(plane, spacing) + jaw.streaks(plane, STREAKS) + _noise(size, index, CONE_BEAM_NOISE)
        image[is_outside] = AIR
        yield cone_beam_image(name, index, spacing, step, np.clip(np.rint(image) + 1024, 0, 4095))


def radiograph(size: int = 480, name: str = "head") -> bytes:
    """A lateral digital X-ray of the same head as one Part 10 file, `size` columns wide, bone white."""
    spacing = FIELD_OF_VIEW / size
    rows = round((HIGHEST - LOWEST) / spacing)
    shadow = np.stack([_shadow(size // 2, HIGHEST - (row + 0.5) * spacing) for row in range(rows)])
    columns = np.linspace(0, shadow.shape[1] - 1, size)
    wide = np.stack([np.interp(columns, np.arange(shadow.shape[1]), row) for row in shadow])
    return x_ray_image(name, spacing, np.clip(wide / np.percentile(wide, 99.8), 0, 1) ** 0.9 * 4000)


def _empty(size: int, z: float) -> Slice:
    spacing = FIELD_OF_VIEW / size
    across = _centred(size, spacing)
    image = np.full((size, size), AIR, np.float32)
    return Slice(image, across[None, :], across[:, None], z, spacing)


def _centred(size: int, spacing: float) -> Image:
    return ((np.arange(size) - (size - 1) / 2) * spacing).astype(np.float32)


def _noise(size: int, index: int, strength: float = NOISE) -> Image:
    """Noise whose grain is wider than a pixel, as a reconstruction kernel leaves it."""
    white = np.random.default_rng((20260317, index)).normal(0, strength, (size, size)).astype(np.float32)
    return (white + np.roll(white, 1, 0) + np.roll(white, 1, 1)) / np.float32(1.9)


def _shadow(size: int, z: float) -> Image:
    """How much one plane of the head takes from rays along x, front to back."""
    plane = _empty(size, z)
    paint_head(plane)
    attenuation: Image = (plane.image / 1000 + 1).sum(axis=1)
    return attenuation
