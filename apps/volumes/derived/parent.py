"""The volume that derived images are made of, as far as their objects are concerned."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from apps.dicom.attributes import Attributes
from apps.volumes import slices
from apps.volumes.derived import heritage
from apps.volumes.derived.classes import PT, class_of
from apps.volumes.derived.encoding import Encoding, encoding_of
from apps.volumes.derived.facts import Source
from apps.volumes.derived.sources import crossed, grouped
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume


@dataclass(frozen=True, slots=True)
class Parent:
    """`header` is the middle slice's as it leaves the archive (DICOM JSON), flattened; `images` are all slices."""

    header: Attributes
    lattice: Lattice
    encoding: Encoding
    images: tuple[slices.Source, ...]
    flags: tuple[Flag, ...]

    def sources(self, points: ArrayLike) -> list[Source]:
        """The objects whose slices lie between these points (n, 3; patient millimetres)."""
        return grouped(self.images[k] for k in crossed(self.lattice, points))


def parent_of(volume: Volume, voxels: Voxels) -> Parent:
    """Raises NotFound where objects of the volume are gone."""
    images = tuple(slices.sources_of(volume))
    header = heritage.flattened(slices.first_header(volume), images[len(images) // 2].frame_number)
    return Parent(
        header=header,
        lattice=voxels.lattice,
        encoding=encoding_of(voxels, has_intercept=class_of(header).sop_class_uid != PT),
        images=images,
        flags=volume.known_flags,
    )
