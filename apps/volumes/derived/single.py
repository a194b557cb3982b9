"""One derived image as an object, for who asks for it there and then; it is not stored."""

import hashlib

import numpy as np
import orjson
from numpy.typing import ArrayLike, NDArray

from apps.analysis.uids import uid
from apps.core.version import VERSION
from apps.volumes.derived.facts import SeriesFacts
from apps.volumes.derived.naming import panoramic_name, plane_name
from apps.volumes.derived.objects import Calibration, panoramic_object, plane_object
from apps.volumes.derived.parent import Parent, parent_of
from apps.volumes.derived.sources import corners
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume
from apps.volumes.resampling.planes import Plane, Slab


def plane_file(volume: Volume, voxels: Voxels, image: NDArray[np.float32], plane: Plane, slab: Slab | None) -> bytes:
    """The file (PS3.10) of an image (rows, columns; in the volume's unit) that was reformatted in this plane.

    The same image has the same UIDs. Raises NotFound where objects of the volume are gone.
    """
    parent = parent_of(volume, voxels)
    facts = _facts(parent, volume, plane_name(plane, slab), slab, plane)
    points = corners(plane, slab.thickness if slab else 0.0)
    return plane_object(parent.header, image, plane, series=facts, number=1, sources=parent.sources(points))


def panoramic_file(
    volume: Volume,
    voxels: Voxels,
    image: NDArray[np.float32],
    calibration: Calibration,
    slab: Slab | None,
    points: ArrayLike,
) -> bytes:
    """The file of a panoramic (rows, columns; in the volume's unit); `points` (n, 3) are the outermost ones it shows.

    Raises NotFound where objects of the volume are gone.
    """
    parent = parent_of(volume, voxels)
    facts = _facts(parent, volume, panoramic_name(slab), slab, calibration, image.tobytes())
    return panoramic_object(parent.header, image, calibration, series=facts, sources=parent.sources(points))


def _facts(parent: Parent, volume: Volume, description: str, slab: Slab | None, *parts: object) -> SeriesFacts:
    """A series of its own for each image; `parts` are what it follows from besides."""
    told = (VERSION, volume.inputs, description, slab, *parts)
    seed = hashlib.sha256(repr(told).encode() + orjson.dumps(parent.header)).hexdigest()
    return SeriesFacts(
        uid=uid(seed, "series"),
        seed=seed,
        description=description,
        encoding=parent.encoding,
        slab=slab,
        thickness=slab.thickness if slab else None,
        flags=parent.flags,
    )
