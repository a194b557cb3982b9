"""The images that a segmentation lies over: one for each slice of the volume that was segmented."""

from dataclasses import dataclass

from apps.dicom.attributes import Attributes
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.lattice import Lattice, Vector


@dataclass(frozen=True, slots=True)
class SourceImage:
    """The image of a slice: its object, which of its frames (from 1), and its own Image Position (Patient)."""

    sop_class_uid: str
    sop_instance_uid: str
    frame_number: int
    position: Vector


@dataclass(frozen=True, slots=True)
class Source:
    """A volume as its segmentation sees it.

    `header` is that of one of its slices as it leaves the archive (DICOM JSON), what its functional groups say beside
    the rest. `images` are all slices in their order, `lattice` says where they lie, `thickness` (mm) how thick one is,
    None where that isn't known. `is_multiframe` is true where an object has more images than one.
    """

    header: Attributes
    lattice: Lattice
    images: tuple[SourceImage, ...]
    is_multiframe: bool = False
    thickness: float | None = None
    flags: tuple[Flag, ...] = ()
