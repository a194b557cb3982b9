"""The coronary arteries that calcium is told of by, and which of them a segment means."""

import re
from enum import StrEnum
from typing import Final

from apps.dicom.sr_tree import Code
from apps.segmentation.objects.segments import Colour, Segment


class Vessel(StrEnum):
    """By the names that scores are reported with; CORONARY where nobody says which artery it is."""

    LM = "LM"
    LAD = "LAD"
    LCX = "LCX"
    RCA = "RCA"
    CORONARY = "CORONARY"


# In an array of labels: the value of each. 0 is what counts for none.
NUMBERS: Final = {vessel: number for number, vessel in enumerate(Vessel, start=1)}
# PS3.16 CID 3015 (Coronary Artery), and the whole of it from CID 3604.
CODES: Final = {
    Vessel.LM: Code("Left Main Coronary Artery", "3227004", "SCT"),
    Vessel.LAD: Code("Left Anterior Descending Coronary Artery", "59438005", "SCT"),
    Vessel.LCX: Code("Circumflex Coronary Artery", "57396003", "SCT"),
    Vessel.RCA: Code("Right Coronary Artery", "13647002", "SCT"),
    Vessel.CORONARY: Code("Coronary artery", "41801008", "SCT"),
}
COLOURS: Final[dict[Vessel, Colour]] = {
    Vessel.LM: (240, 228, 66),
    Vessel.LAD: (230, 90, 60),
    Vessel.LCX: (86, 180, 233),
    Vessel.RCA: (60, 200, 120),
    Vessel.CORONARY: (230, 159, 0),
}
# Their parts and branches in CID 3014 and 3015, which count for the artery that they belong to.
_BRANCHES: Final = {
    Vessel.LAD: ("68787002", "91748002", "36672000", "91750005", "91751009", "91752002", "244251006"),
    Vessel.LCX: (
        "52433000", "91753007", "6511003", "91754001", "91755000", "91756004", "91757008", "91758003", "91759006",
        "57823005", "75902001", "91760001",
    ),
    Vessel.RCA: (
        "91083009", "450960006", "41879009", "53655008", "17269004", "22765000", "12800002", "56789007", "91761002",
        "91762009", "91763004",
    ),
    Vessel.LM: ("1256091001",),
    Vessel.CORONARY: (),
}  # fmt: skip
_BY_CODE: Final = {code.value: vessel for vessel, code in CODES.items()} | {
    value: vessel for vessel, values in _BRANCHES.items() for value in values
}
# What people call them in a segment's label; the first that is found counts.
_NAMES: Final = (
    (Vessel.LM, r"\b(lm|lmca|lms|left main)\b"),
    (Vessel.LAD, r"\b(lad|left anterior descending|anterior descending)\b"),
    (Vessel.LCX, r"\b(lcx|cx|lcirc|circumflex)\b"),
    (Vessel.RCA, r"\b(rca|right coronary)\b"),
    (Vessel.CORONARY, r"\b(coronary|coronaries)\b"),
)


def vessel_of(segment: Segment) -> Vessel | None:
    """The artery that a segment is of: by the codes of its anatomy or type, else by its label; None for no artery."""
    for code in (segment.anatomy, segment.type):
        if code.scheme == "SCT" and code.value in _BY_CODE:
            vessel = _BY_CODE[code.value]
            # A code for the whole may have a label that says more.
            return vessel if vessel is not Vessel.CORONARY else vessel_named(segment.label) or vessel
    return vessel_named(segment.label)


def vessel_named(label: str) -> Vessel | None:
    """The artery that a person means by a label; None where it names none."""
    words = re.sub(r"[\W_]+", " ", label.lower())
    return next((vessel for vessel, pattern in _NAMES if re.search(pattern, words)), None)
