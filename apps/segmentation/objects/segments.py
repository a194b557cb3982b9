"""What a segment is (PS3.3 C.8.20.2), whoever drew it."""

from dataclasses import dataclass
from typing import Final

from apps.dicom.sr_tree import NO_CODE, Code

# Segment Number; a label map of 8 bits keeps 0 for what is in no segment (PS3.3 C.8.20.2.3.3).
MOST_SEGMENTS: Final = 255

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What made a segment: its name, its version, and whether a person had a part in it (SEMIAUTOMATIC).

    `family` is of CID 7162 (Morphological Operations, Artificial Intelligence, …); without it the object tells the name
    and the version alone.
    """

    name: str
    version: str
    is_automatic: bool = True
    family: Code = NO_CODE


@dataclass(frozen=True, slots=True)
class Segment:
    """`number` is its value in an array of labels, 1 to 255. `category` and `type` are of CID 7150 and its like,
    `anatomy` of CID 4 where the type isn't the anatomy itself. `algorithm` is None where a person drew it.
    `colour` is RGB, 0 to 255. The Tracking UID is the same for the same thing in other objects. `modifier` is
    Segmented Property Type Modifier, such as left and right (CID 244).
    """

    number: int
    label: str
    category: Code
    type: Code
    anatomy: Code = NO_CODE
    algorithm: Algorithm | None = None
    colour: Colour = (200, 160, 120)
    tracking_uid: str = ""
    tracking_identifier: str = ""
    modifier: Code = NO_CODE
