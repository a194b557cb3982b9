"""Planes that lie anyhow in an array: sampled tile by tile, the samples through a slab within each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.volumes.resampling.indexing import ROUNDING, Floats, Grid, Walk
from apps.volumes.resampling.projecting import Image, Mask, Projector
from apps.volumes.resampling.sampling import clamp
from apps.volumes.resampling.trilinear import TILE, Trilinear

# Of a tile's pixels, which are a TILE: neither long, as what lies near in an image lies near in memory, nor high, as
# NumPy takes each row on its own.
ROWS: Final = 64
COLUMNS: Final = TILE // ROWS
# Of rows, of which it is worked out at once where they enter the array and leave it.
STRIP: Final = 4 * ROWS

Columns = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Band:
    """Some rows of a plane moved along its normal: the coordinates `[3, rows]` of their first pixels, and each row's
    columns between the outermost voxels' centres: from `first` to before `stop`."""

    starts: Floats
    first: Columns
    stop: Columns

    def tiles(self) -> Iterator[slice]:
        """The columns of tiles in which something was imaged."""
        met = self.stop > self.first
        if met.any():
            begin, end = int(self.first[met].min()), int(self.stop[met].max())
            for column in range(begin, end, COLUMNS):
                yield slice(column, min(column + COLUMNS, end))

    def inside(self, columns: slice) -> Mask:
        """Which of these columns lie there, in each row."""
        numbers = np.arange(columns.start, columns.stop)
        return (numbers >= self.first[:, None]) & (numbers < self.stop[:, None])


def project(
    values: NDArray[Any], grid: Grid, walk: Walk, depths: Floats, shape: tuple[int, int], projector: Projector
) -> None:
    """Give `projector` the samples at `depths` (mm along the plane's normal) of an image of `shape`."""
    trilinear = Trilinear(values)
    for row in range(0, shape[0], STRIP):
        strip = slice(row, min(row + STRIP, shape[0]))
        for rows, band in _bands(grid, walk, depths, strip, shape[1]):
            for columns in band.tiles():
                image, inside = _sampled(grid, trilinear, band, columns, walk.column)
                projector.add((rows, columns), image, inside)


def _bands(grid: Grid, walk: Walk, depths: Floats, strip: slice, columns: int) -> Iterator[tuple[slice, Band]]:
    """The bands of the rows in `strip`, each at all of `depths` before the next."""
    begins = walk.origin[:, None] + np.multiply.outer(walk.row, np.arange(strip.start, strip.stop))
    starts = begins + np.multiply.outer(depths, walk.normal)[:, :, None]
    first, stop = _spans(grid, starts, walk.column, columns)
    for row in range(strip.start, strip.stop, ROWS):
        rows = slice(row, min(row + ROWS, strip.stop))
        part = slice(rows.start - strip.start, rows.stop - strip.start)
        for band in map(Band, starts[:, :, part], first[:, part], stop[:, part]):
            yield rows, band


def _spans(grid: Grid, starts: Floats, step: Floats, columns: int) -> tuple[Columns, Columns]:
    """The first and the stop of rows that begin at `starts` `[…, 3, rows]` and have as many columns."""
    # A step of 0 makes infinities, which say as well whether all of a row lies there or nothing.
    with np.errstate(divide="ignore", invalid="ignore"):
        low = (-ROUNDING - starts) / step[:, None]
        high = (grid.last[:, None] + ROUNDING - starts) / step[:, None]
    first = np.clip(np.ceil(np.fmax.reduce(np.fmin(low, high), axis=-2)), 0, columns)
    stop = np.clip(np.floor(np.fmin.reduce(np.fmax(low, high), axis=-2)) + 1, first, columns)
    return first.astype(np.intp), stop.astype(np.intp)


def _sampled(grid: Grid, trilinear: Trilinear, band: Band, columns: slice, step: Floats) -> tuple[Image, Mask | None]:
    """The values of a tile, and where something was imaged; None: everywhere."""
    across = np.multiply.outer(step, np.arange(columns.start, columns.stop))
    shape = band.starts.shape[1], across.shape[1]
    places = trilinear.places(shape[0] * shape[1])
    np.add(band.starts[:, :, None], across[:, None, :], out=places.reshape(3, *shape))
    inside = None
    if not _is_plain(grid, band.starts, across):
        seen = clamp(grid, trilinear, places)
        inside = band.inside(columns)
        inside = inside if seen is None else inside & seen.reshape(shape)
    return trilinear.at(places.shape[1]).reshape(shape), inside


def _is_plain(grid: Grid, starts: Floats, across: Floats) -> bool:
    """Whether a tile's coordinates, sums of these, are indices as they are, and all within the array."""
    if grid.offsets is not None or grid.gaps is not None:
        return False
    # Both are linear: their extremes are at their ends.
    corners = starts[:, [0, 0, -1, -1]] + across[:, [0, -1, 0, -1]]
    return bool((corners.min(axis=1) >= ROUNDING).all() and (corners.max(axis=1) <= grid.last - ROUNDING).all())
