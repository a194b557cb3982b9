"""The headings of imaging reports (PS3.16 CID 7001), and what the elements below each are called (CID 7002)."""

from typing import Final

from apps.dicom.sr_tree import Code

KEY_IMAGES: Final = Code("Key Images", "55113-5", "LN")
FINDING: Final = Code("Finding", "121071", "DCM")
IMPRESSION: Final = Code("Impression", "121073", "DCM")
RECOMMENDATION: Final = Code("Recommendation", "121075", "DCM")
CONCLUSION: Final = Code("Conclusion", "121077", "DCM")
PREVIOUS_FINDING: Final = Code("Previous Finding", "121069", "DCM")
PROCEDURE_DESCRIPTION: Final = Code("Procedure Description", "121065", "DCM")
COMPLICATION: Final = Code("Complication of Procedure", "116224001", "SCT")
HISTORY: Final = Code("History", "11329-0", "LN")
REQUEST: Final = Code("Request", "55115-0", "LN")
PRESENTATION: Final = Code("Patient Presentation", "55108-5", "LN")
SUMMARY: Final = Code("Summary", "55112-7", "LN")

# By LOINC's code of the heading, and by the one of DICOM's own that it had before 2016.
_ELEMENTS: Final = {
    "59776-5": FINDING, "121070": FINDING,
    "19005-8": IMPRESSION, "121072": IMPRESSION,
    "18783-1": RECOMMENDATION, "121074": RECOMMENDATION,
    "55110-1": CONCLUSION, "121076": CONCLUSION,
    "18834-2": PREVIOUS_FINDING, "121068": PREVIOUS_FINDING,
    "55111-9": PROCEDURE_DESCRIPTION, "121064": PROCEDURE_DESCRIPTION,
    "55114-3": PROCEDURE_DESCRIPTION, "121066": PROCEDURE_DESCRIPTION,
    "55109-3": COMPLICATION, "121113": COMPLICATION,
    "11329-0": HISTORY, "121060": HISTORY, "55752-0": HISTORY,
    "55115-0": REQUEST, "121062": REQUEST, "18785-6": REQUEST, "121109": REQUEST,
    "55108-5": PRESENTATION, "121110": PRESENTATION,
    "55112-7": SUMMARY, "121111": SUMMARY,
}  # fmt: skip


def element_of(heading: Code) -> Code:
    """What a statement below this heading is, where its field says nothing: a finding, unless the heading does."""
    return _ELEMENTS.get(heading.value, FINDING)
