"""The picture of a score: the slices with most calcium, each lesion in its vessel's colour, and the scores beside them.

It says nothing of who the patient is: that is in the object's header.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from apps.calcium.scoring.vessels import COLOURS, NUMBERS, Vessel
from apps.dicom.windowing import Window
from apps.volumes.drawing import in_window
from apps.volumes.geometry.voxels import Voxels

# Slices side by side, two in a row, each so many pixels wide; and the table's width.
MOST_SLICES: Final = 4
SIDE: Final = 448
TABLE: Final = 512
# Of soft tissue, in which calcium is white.
WINDOW: Final = Window(center=90.0, width=750.0)
# Millimetres about the lesions, and the least width of what is shown.
MARGIN: Final = 25.0
LEAST: Final = 110.0
INK, QUIET, PAPER = (235, 235, 235), (160, 160, 160), (16, 16, 20)
_LINE: Final = 26

Picture = NDArray[np.uint8]
Labels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: its cells, from left to right; `vessel` gives its colour, `is_quiet` makes it small."""

    cells: tuple[str, ...]
    vessel: Vessel | None = None
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """Of all slices, the part that is shown: rows and columns."""

    rows: slice
    columns: slice


def shown(by_slice: Sequence[float]) -> list[int]:
    """The slices with most calcium; the middle one where there is none."""
    most = sorted(range(len(by_slice)), key=lambda k: -by_slice[k])[:MOST_SLICES]
    return sorted(k for k in most if by_slice[k] > 0) or [len(by_slice) // 2]


def picture(voxels: Voxels, counted: Labels, by_slice: Sequence[float], lines: Sequence[Line]) -> Picture:
    """The picture (rows, columns, 3): slices of `voxels` with what `counted` [k, j, i], by `vessels.NUMBERS`.

    `by_slice` are the scores of the slices; the highest are shown, in the patient's order from the feet to the head.
    """
    chosen = shown(by_slice)
    part = _part(voxels, counted)
    images = [_slice(voxels, counted, k, part) for k in chosen]
    width = SIDE * min(2, len(images))
    height = SIDE * -(-len(images) // 2)
    whole = Image.new("RGB", (width + TABLE, max(height, SIDE, (len(lines) + 2) * _LINE)), PAPER)
    for number, image in enumerate(images):
        whole.paste(image, (number % 2 * SIDE, number // 2 * SIDE))
    _table(ImageDraw.Draw(whole), width + 20, lines)
    return np.asarray(whole)


def _part(voxels: Voxels, counted: Labels) -> _Part:
    """A square about all that counts, wide enough to see where it is; the whole slice where nothing does."""
    lattice = voxels.lattice
    rows, columns = np.nonzero(counted.any(axis=(0, 2)))[0], np.nonzero(counted.any(axis=(0, 1)))[0]
    if not len(rows):
        return _Part(slice(0, lattice.shape[1]), slice(0, lattice.shape[2]))
    heights, widths = rows * lattice.row_spacing, columns * lattice.column_spacing
    half = max(LEAST, float(np.ptp(heights)) + 2 * MARGIN, float(np.ptp(widths)) + 2 * MARGIN) / 2
    return _Part(
        _about(float(heights.min() + heights.max()) / 2, half, lattice.row_spacing, lattice.shape[1]),
        _about(float(widths.min() + widths.max()) / 2, half, lattice.column_spacing, lattice.shape[2]),
    )


def _about(middle: float, half: float, spacing: float, size: int) -> slice:
    first, last = int((middle - half) / spacing), int((middle + half) / spacing) + 1
    return slice(max(first, 0), min(last, size))


def _slice(voxels: Voxels, counted: Labels, k: int, part: _Part) -> Image.Image:
    """One slice as large as its place, with its lesions' borders, its place, and which side of the patient is left."""
    box = (k, part.rows, part.columns)
    values = voxels.values[box].astype(np.float32) * voxels.slope + voxels.intercept
    gray = Image.fromarray(in_window(values.astype(np.float32), WINDOW))
    size = _fitted(voxels, part)
    shown = gray.resize(size, Image.Resampling.BILINEAR).convert("RGB")
    labels = Image.fromarray(counted[box]).resize(size, Image.Resampling.NEAREST)
    outlined = _outlined(np.array(shown), np.asarray(labels))
    placed = Image.new("RGB", (SIDE, SIDE))
    placed.paste(Image.fromarray(outlined), ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    draw, font = ImageDraw.Draw(placed), ImageFont.load_default(15)
    told = f"{k + 1}/{voxels.lattice.shape[0]}  z {voxels.lattice.point(k, 0, 0)[2]:.1f} mm"
    draw.text((8, 6), told, fill=INK, font=font, stroke_width=1, stroke_fill=0)
    side = "R" if voxels.lattice.across[0] > 0 else "L"
    draw.text((8, SIDE / 2), side, fill=INK, font=font, stroke_width=1, stroke_fill=0, anchor="lm")
    return placed


def _fitted(voxels: Voxels, part: _Part) -> tuple[int, int]:
    """Width and height of what is shown, in pixels: as large as fits, with square millimetres."""
    lattice = voxels.lattice
    height = (part.rows.stop - part.rows.start) * lattice.row_spacing
    width = (part.columns.stop - part.columns.start) * lattice.column_spacing
    scale = SIDE / max(height, width)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _outlined(image: Picture, labels: NDArray[Any]) -> Picture:
    """The image with each lesion tinted, and its outermost pixels in its vessel's colour: what is within stays seen."""
    inside = labels > 0
    for axis in (0, 1):
        for step in (-2, -1, 1, 2):
            inside &= np.roll(labels, step, axis) == labels
    for vessel, number in NUMBERS.items():
        own, colour = labels == number, np.array(COLOURS[vessel])
        image[own & ~inside] = colour
        image[own & inside] = (0.65 * image[own & inside] + 0.35 * colour).astype(np.uint8)
    return image


def _table(draw: ImageDraw.ImageDraw, left: int, lines: Sequence[Line]) -> None:
    """The lines below each other; the first cell at the left, the others in columns to its right."""
    y = 16
    for line in lines:
        font = ImageFont.load_default(13 if line.is_quiet else 17)
        colour = COLOURS[line.vessel] if line.vessel else QUIET if line.is_quiet else INK
        draw.text((left, y), line.cells[0], fill=colour, font=font)
        for number, cell in enumerate(line.cells[1:], start=1):
            draw.text((left + 130 + 88 * number, y), cell, fill=INK, font=font, anchor="ra")
        y += 20 if line.is_quiet else _LINE
