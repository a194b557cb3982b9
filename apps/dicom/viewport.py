"""Regions and viewports: which part of an image is shown, and how large (PS3.18 8.3.5.1.3)."""

import math
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PIL import Image

from apps.dicom.attributes import Attributes, numbers
from apps.dicom.parameters import InvalidParameter, decimal, decimals
from apps.saying import say

MAX_VIEWPORT = 8192
_MAX_PIXEL_ASPECT = 20
# Pixel Aspect Ratio, Pixel, Imager Pixel and Nominal Scanned Pixel Spacing: each vertical, horizontal.
_PIXEL_SHAPE = ("00280034", "00280030", "00181164", "00182010")


@dataclass(frozen=True, slots=True)
class Viewport:
    """A viewport of `vw` x `vh` pixels, and the region of the source image that is fitted into it.

    `sx`, `sy` is the region's top left corner and `sw`, `sh` its size, in source pixels; without `sw` or `sh`
    the region reaches to the right or bottom edge. A negative `sw` flips the region horizontally, a negative
    `sh` vertically. Without `enlarge` a smaller image keeps its size; with `square_pixels` pixels that aren't
    square are stretched until they are. With `is_relative` the region counts in parts of the image's sides, 0 to 1.
    """

    vw: int
    vh: int
    sx: float = 0.0
    sy: float = 0.0
    sw: float | None = None
    sh: float | None = None
    enlarge: bool = True
    square_pixels: bool = False
    is_relative: bool = False

    def crop(self, frame: NDArray[Any]) -> NDArray[Any]:
        """Return the region of a frame (rows, columns[, 3]), flipped as asked, without copying it.

        Raises InvalidParameter when the region lies outside the frame.
        """
        rows, columns = frame.shape[:2]
        across, down = (columns, rows) if self.is_relative else (1, 1)
        return frame[_span(self.sy, self.sh, rows, down), _span(self.sx, self.sw, columns, across)]

    def fit(self, image: Image.Image, pixel_aspect: float = 1.0) -> Image.Image:
        """Return the image scaled to touch the viewport's sides from within.

        `pixel_aspect` is the height of a source pixel over its width; it counts with `square_pixels` only.
        """
        stretch = pixel_aspect if self.square_pixels else 1.0
        width, height = image.width * max(1.0, 1 / stretch), image.height * max(1.0, stretch)
        scale = min(self.vw / width, self.vh / height)
        if not self.enlarge:
            scale = min(scale, 1.0)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        return _resize(image, size)


def _span(start: float, length: float | None, size: int, unit: float) -> slice:
    """The pixels of one side, of `size` pixels, from `start` on; both numbers count in `unit` pixels."""
    first = round(start * unit)
    last = size if length is None else min(size, round((start + abs(length)) * unit))
    if first >= last:
        raise InvalidParameter(
            say(
                "viewport: a region that starts at {start:g} lies outside the image of {size} pixels.",
                start=start,
                size=size,
            )
        )
    if length is None or length > 0:
        return slice(first, last)
    return slice(last - 1, first - 1 if first else None, -1)


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Shrink by whole factors first, which is many times faster than to filter every source pixel."""
    factor = image.width // size[0], image.height // size[1]
    if max(factor) > 1:
        image = image.reduce((max(1, factor[0]), max(1, factor[1])))
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)


def parse_viewport(value: str) -> Viewport:
    """Read "vw,vh[,sx,sy,sw,sh]", of which the last four may be empty or missing. Raises InvalidParameter."""
    given = decimals("viewport", value, 2, 6)
    vw, vh = (_side(side) for side in given[:2])
    sx, sy, sw, sh = (*given[2:], None, None, None, None)[:4]
    if sw == 0 or sh == 0:
        raise InvalidParameter(say("viewport: the region's width and height can't be 0."))
    return Viewport(vw, vh, abs(sx or 0.0), abs(sy or 0.0), sw, sh)


def parse_uri_viewport(rows: str, columns: str, region: str) -> Viewport | None:
    """Read WADO-URI's `rows`, `columns` and `region`, "xmin,ymin,xmax,ymax" from 0 to 1 (PS3.18 9.4.1.2.3 and on).

    None where all are empty. One of rows and columns alone leaves the other side free. Raises InvalidParameter.
    """
    if not (rows or columns or region):
        return None
    vw, vh = (_side(decimal("rows, columns", side)) if side else MAX_VIEWPORT for side in (columns, rows))
    is_sized = bool(rows or columns)
    if not region:
        return Viewport(vw, vh)
    left, top, right, bottom = (edge or 0.0 for edge in decimals("region", region, 4, 4))
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InvalidParameter(say("region: xmin,ymin,xmax,ymax go from 0 to 1, the smaller ones first."))
    return Viewport(vw, vh, left, top, right - left, bottom - top, enlarge=is_sized, is_relative=True)


def _side(side: float | None) -> int:
    if side is None or side != int(side) or not 1 <= side <= MAX_VIEWPORT:
        raise InvalidParameter(
            say("viewport: width and height are whole numbers from 1 to {max_viewport}.", max_viewport=MAX_VIEWPORT)
        )
    return int(side)


def pixel_aspect(attributes: Attributes) -> float:
    """Return the height of a pixel over its width; 1 where the header doesn't say, or can't be right."""
    for tag in _PIXEL_SHAPE:
        shape = numbers(attributes, tag)
        if len(shape) >= 2 and shape[0] > 0 and shape[1] > 0:
            aspect = shape[0] / shape[1]
            is_square = math.isclose(aspect, 1, rel_tol=0.01)
            return 1.0 if is_square or not 1 / _MAX_PIXEL_ASPECT <= aspect <= _MAX_PIXEL_ASPECT else aspect
    return 1.0
