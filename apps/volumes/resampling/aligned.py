"""Planes along an array's own axes: views of it where they coincide with voxels, else one axis after the other."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from apps.volumes.resampling.indexing import ROUNDING, Floats, Grid, Walk, imaged, indices, within
from apps.volumes.resampling.planes import Projection
from apps.volumes.resampling.projecting import Image, Mask, projector


@dataclass(frozen=True, slots=True)
class Places:
    """Indices along one axis of an array, in the order of an image's rows, its columns or a slab's samples: which voxel
    each lies at or behind, its share of the way to the next, and whether something was imaged there."""

    first: NDArray[np.intp]
    share: NDArray[np.float32]
    inside: Mask

    @classmethod
    def along(cls, grid: Grid, axis: int, coordinates: Floats) -> Self:
        inside = within(grid, axis, coordinates)
        exact = np.empty_like(coordinates)
        indices(grid, axis, coordinates, out=exact)
        near = np.rint(exact)
        exact = np.where(np.abs(exact - near) <= ROUNDING, near, exact)
        seen = imaged(grid, exact) if axis == 0 else None
        first = np.floor(exact)
        share = (exact - first).astype(np.float32)
        return cls(first.astype(np.intp), share, inside if seen is None else inside & seen)

    def only_inside(self) -> Self:
        """Those at which something was imaged, the first voxel's first: NumPy is slow at going back."""
        kept = np.flatnonzero(self.inside)
        kept = kept[np.argsort(self.first[kept], kind="stable")]
        return type(self)(self.first[kept], self.share[kept], self.inside[kept])

    def run(self) -> slice | None:
        """The voxels as a slice of the axis; None where there are none, some lie between, or steps differ."""
        if not len(self.first) or self.share.any():
            return None
        first = int(self.first[0])
        if len(self.first) == 1:
            return slice(first, first + 1)
        steps = np.diff(self.first)
        step = int(steps[0])
        if step == 0 or np.any(steps != step):
            return None
        stop = int(self.first[-1]) + step
        return slice(first, stop if stop >= 0 else None, step)


@dataclass(frozen=True, slots=True)
class Aligned:
    """An image of an array along its axes: `axes` are those of its depth, its rows and its columns. Of depths only
    those at which something was imaged."""

    axes: tuple[int, int, int]
    depths: Places
    rows: Places
    columns: Places

    def cut(self) -> tuple[slice, slice, slice] | None:
        """The voxels `[k, j, i]` that it coincides with; None where it lies between some."""
        depth, row, column = self.depths.run(), self.rows.run(), self.columns.run()
        if depth is None or row is None or column is None:
            return None
        by_axis = dict(zip(self.axes, (depth, row, column), strict=True))
        return by_axis[0], by_axis[1], by_axis[2]


def aligned(grid: Grid, walk: Walk, depths: Floats, shape: tuple[int, int]) -> Aligned | None:
    """The image of `shape` at `depths` (mm along the plane's normal), if it lies along the array's axes."""
    farthest = float(np.abs(depths).max(initial=0.0))
    reaches = np.abs([walk.normal * farthest, walk.row * (shape[0] - 1), walk.column * (shape[1] - 1)])
    axes = _axes(walk)
    others = [np.delete(reach, axis) for reach, axis in zip(reaches, axes, strict=True)]
    if len(set(axes)) < 3 or np.max(others) > ROUNDING:
        return None
    steps = (walk.normal, depths), (walk.row, np.arange(shape[0])), (walk.column, np.arange(shape[1]))
    depth, row, column = (
        Places.along(grid, axis, walk.origin[axis] + step[axis] * numbers)
        for axis, (step, numbers) in zip(axes, steps, strict=True)
    )
    return Aligned(axes, depth.only_inside(), row, column)


def _axes(walk: Walk) -> tuple[int, int, int]:
    """Along which of the array's axes the rows and the columns go most, and which is left."""
    row, column = int(np.argmax(np.abs(walk.row))), int(np.argmax(np.abs(walk.column)))
    return (3 - row - column) % 3, row, column


def project(values: NDArray[Any], image: Aligned, projection: Projection) -> tuple[Image, Mask]:
    """The image, and where something was imaged."""
    inside = np.logical_and.outer(image.rows.inside, image.columns.inside)
    flat, cut = values.view(np.ndarray), image.cut()
    if cut is not None:
        return _projected(flat[cut], image.axes, projection), inside
    turned = flat.transpose(image.axes)
    taking = projector(projection, inside.shape)
    everywhere = slice(None), slice(None)
    for first, share in zip(image.depths.first.tolist(), image.depths.share.tolist(), strict=True):
        taking.add(everywhere, _between(turned, first, share, image), None)
    values, found = taking.result()
    return values, inside & found


def _projected(voxels: NDArray[Any], axes: tuple[int, int, int], projection: Projection) -> Image:
    """The projection of whole voxels along the first of `axes`, drawn along the other two."""
    depth, row, column = axes
    image = _reduced(voxels, depth, projection)
    return np.ascontiguousarray(image if row < column else image.T)


def _reduced(voxels: NDArray[Any], axis: int, projection: Projection) -> Image:
    """The projection along an axis; the mean of 16-bit numbers is exact."""
    count = voxels.shape[axis]
    if count == 1:
        return voxels.squeeze(axis).astype(np.float32)
    if projection is Projection.MEAN:
        # As many slices as a series may have don't overflow it.
        total = voxels.sum(axis=axis, dtype=np.int32 if voxels.dtype == np.int16 else np.float64)
        return np.asarray(total / count, dtype=np.float32)
    extreme = voxels.max(axis=axis) if projection is Projection.MAXIMUM else voxels.min(axis=axis)
    return np.asarray(extreme, dtype=np.float32)


def _between(turned: NDArray[Any], first: int, share: float, image: Aligned) -> Image:
    """The image at one depth."""
    plane = turned[first].astype(np.float32)
    if share:
        plane += np.float32(share) * (turned[first + 1].astype(np.float32) - plane)
    return _taken(_taken(plane, image.rows, 0), image.columns, 1)


def _taken(plane: Image, places: Places, axis: int) -> Image:
    """Values between the lines of `plane` along `axis`."""
    near = plane.take(places.first, axis=axis)
    if not places.share.any():
        return near
    far = plane.take(np.minimum(places.first + 1, plane.shape[axis] - 1), axis=axis)
    far -= near
    far *= np.expand_dims(places.share, 1 - axis)
    near += far
    return near
