"""Images of planes through a volume (multiplanar reconstruction), and of slabs about them."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from apps.saying import say
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.resampling import affine
from apps.volumes.resampling import aligned as along
from apps.volumes.resampling.indexing import Floats, grid_of, walk_of
from apps.volumes.resampling.planes import Plane, Projection, Slab
from apps.volumes.resampling.projecting import Image, Mask, projector, raw
from apps.volumes.resampling.sampling import rescaled
from apps.volumes.resampling.slabs import depths, step_through

MOST_PIXELS: Final = 1 << 24
# Through a slab that doesn't coincide with voxels: some seconds of work.
MOST_SAMPLES: Final = 1 << 27
MOST_DEPTHS: Final = 1 << 12


def reformat(voxels: Voxels, plane: Plane, slab: Slab | None = None) -> NDArray[np.float32]:
    """The image `(plane.rows, plane.columns)` of a plane, or of a slab about it, in `voxels.unit`; trilinear.

    A plane that coincides with voxels has their values exactly. A slab's samples are those of the plane and of planes
    parallel to it, on both sides as far as half the thickness, at most a voxel apart; those where nothing was imaged
    don't count. `voxels.outside` where there is nothing else: beyond the centres of the outermost voxels, and between
    slices where some are missing. The image is the caller's own.

    Raises ValueError with a text for people if the plane is no plane, the slab no slab, or the work too much.
    """
    check(plane)
    lattice, shape = voxels.lattice, (plane.rows, plane.columns)
    grid = grid_of(lattice)
    walk = walk_of(grid, plane)
    projection = Projection.MAXIMUM if slab is None else raw(slab.projection, voxels.slope)
    places = np.zeros(1) if slab is None else depths(lattice, plane, _checked(slab), step_through(lattice, grid, walk))
    image = along.aligned(grid, walk, places, shape)
    if image is None or image.cut() is None:
        _check_work(places, plane)
    if image is not None:
        return _finished(*along.project(voxels.values, image, projection), voxels)
    taking = projector(projection, shape)
    affine.project(voxels.values, grid, walk, places, shape, taking)
    return _finished(*taking.result(), voxels)


def samples(voxels: Voxels, plane: Plane, slab: Slab) -> Floats:
    """Where `reformat` samples a slab: millimetres along the plane's normal, `across` x `down`."""
    grid = grid_of(voxels.lattice)
    return depths(voxels.lattice, plane, _checked(slab), step_through(voxels.lattice, grid, walk_of(grid, plane)))


def check(plane: Plane) -> None:
    """Raises ValueError, with a text for people, unless `plane` is one that can be drawn."""
    numbers = (*plane.origin, *plane.across, *plane.down, plane.row_spacing, plane.column_spacing)
    if not all(map(math.isfinite, numbers)) or min(plane.row_spacing, plane.column_spacing) <= 0:
        raise ValueError(say("A plane needs a position, two directions and spacings above 0."))
    if min(plane.rows, plane.columns) < 1 or plane.rows * plane.columns > MOST_PIXELS:
        raise ValueError(say("An image has at least 1 and at most {most} pixels.", most=MOST_PIXELS))


def _checked(slab: Slab) -> Slab:
    if not (math.isfinite(slab.thickness) and slab.thickness >= 0):
        raise ValueError(say("A slab's thickness is a number of millimetres, 0 or more."))
    return slab


def _check_work(places: Floats, plane: Plane) -> None:
    if len(places) > MOST_DEPTHS or len(places) * plane.rows * plane.columns > MOST_SAMPLES:
        raise ValueError(say("That is too much for one image: take a thinner slab or fewer pixels."))


def _finished(image: Image, inside: Mask, voxels: Voxels) -> Image:
    values = rescaled(image, voxels)
    np.copyto(values, np.float32(voxels.outside), where=~inside)
    return values
