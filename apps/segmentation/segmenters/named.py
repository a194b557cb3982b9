"""The segments that classical segmenters find, by the standard's codes (PS3.16 CID 7150, 7151, 7162, 244)."""

from typing import Final

from apps.dicom.sr_tree import NO_CODE, Code
from apps.segmentation.objects.segments import Algorithm, Colour, Segment

ANATOMY: Final = Code("Anatomical Structure", "91723000", "SCT")
TISSUE: Final = Code("Tissue", "85756007", "SCT")
OBJECT: Final = Code("Physical object", "260787004", "SCT")
ABNORMAL: Final = Code("Morphologically Abnormal Structure", "49755003", "SCT")

LUNG: Final = Code("Lung", "39607008", "SCT")
AIRWAY: Final = Code("Airway structure", "89187006", "SCT")
BONE: Final = Code("Bone", "3138006", "SCT")
TOOTH: Final = Code("Tooth", "38199008", "SCT")
IMPLANT: Final = Code("Implant", "40388003", "SCT")
BODY: Final = Code("Entire body", "38266002", "SCT")
VESSEL: Final = Code("Blood Vessel", "59820001", "SCT")
CALCIFICATION: Final = Code("Pathologic calcification", "18115005", "SCT")
LEFT: Final = Code("Left", "7771000", "SCT")
RIGHT: Final = Code("Right", "24028007", "SCT")

# How they are found (CID 7162).
MORPHOLOGY: Final = Code("Morphological Operations", "123104", "DCM")
NEIGHBOURHOOD: Final = Code("Neighborhood Analysis", "123101", "DCM")
MULTI_SCALE: Final = Code("Multi-Scale/Resolution Filtering", "123106", "DCM")
_FAMILIES: Final = {
    "lung": MORPHOLOGY,
    "airway": MORPHOLOGY,
    "body": MORPHOLOGY,
    "bone": NEIGHBOURHOOD,
    "teeth": MORPHOLOGY,
    "vessels": MULTI_SCALE,
    "calcium-candidates": NEIGHBOURHOOD,
}

# Raised when the same image gives other labels.
VERSION: Final = "1"


def named(
    number: int,
    label: str,
    codes: tuple[Code, Code],
    *,
    by: str,
    colour: Colour,
    modifier: Code = NO_CODE,
) -> Segment:
    """A segment of the category and type `codes`, found by the segmenter `by`."""
    category, kind = codes
    algorithm = Algorithm(f"Fovea {by}", VERSION, family=_FAMILIES[by])
    return Segment(number, label, category, kind, algorithm=algorithm, colour=colour, modifier=modifier)
