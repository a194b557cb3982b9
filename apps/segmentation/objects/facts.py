"""What is said of a segmentation as a whole, and how its pixels are kept."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.analysis.uids import uid

# Label Map Segmentation Storage and Segmentation Storage (PS3.4 B.5).
LABEL_MAP: Final = "1.2.840.10008.5.1.4.1.1.66.7"
SEGMENTATION: Final = "1.2.840.10008.5.1.4.1.1.66.4"
SOP_CLASSES: Final = (SEGMENTATION, LABEL_MAP)


class Encoding(StrEnum):
    """How the pixels are kept (PS3.3 C.8.20.2.3): labels, or a bit for each segment, which older viewers know too."""

    LABELMAP = "labelmap"
    LABELMAP_RLE = "labelmap-rle"
    LABELMAP_NATIVE = "labelmap-native"
    BINARY = "binary"

    @property
    def is_labelmap(self) -> bool:
        return self is not Encoding.BINARY


@dataclass(frozen=True, slots=True)
class Facts:
    """`seed` is what all UIDs follow from. `description` is Series Description, at most 64 characters, and `label`
    Content Label (a CS). `comments` are Image Comments; `is_unverified` says that no person has looked at it yet.
    """

    seed: str
    description: str
    label: str = "SEGMENTATION"
    encoding: Encoding = Encoding.LABELMAP
    comments: str = ""
    is_unverified: bool = True

    @property
    def series_instance_uid(self) -> str:
        return uid(self.seed, "series")

    @property
    def sop_instance_uid(self) -> str:
        return uid(self.seed, "segmentation")

    @property
    def sop_class_uid(self) -> str:
        return LABEL_MAP if self.encoding.is_labelmap else SEGMENTATION
