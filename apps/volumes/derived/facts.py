"""What all images of a derived series have in common."""

from dataclasses import dataclass
from typing import Final

from apps.volumes.derived.encoding import Encoding
from apps.volumes.geometry.flags import Flag
from apps.volumes.resampling.planes import Projection, Slab

# Of sources named one by one in an image; of more it says only the first and the last.
MOST_NAMED: Final = 32


@dataclass(frozen=True, slots=True)
class Source:
    """An object that images are made of, and which of its frames, where it has several."""

    sop_class_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """`uid` is its Series Instance UID; SOP Instance UIDs follow from `seed` and each image's number, from 1.

    `description` is Series Description (at most 64 characters). `slab` is what each image shows the depth of, None for
    samples in the plane itself. `thickness` and `spacing` are the millimetres that an image stands for and those
    to the next one, None where that can't be said. `count` images are in the series.
    """

    uid: str
    seed: str
    description: str
    encoding: Encoding
    count: int = 1
    slab: Slab | None = None
    thickness: float | None = None
    spacing: float | None = None
    flags: tuple[Flag, ...] = ()

    @property
    def projection(self) -> Projection | None:
        return self.slab.projection if self.slab else None
