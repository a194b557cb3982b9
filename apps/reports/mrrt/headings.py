"""Headings of reports (PS3.16 CID 7001), which are LOINC's, by what templates without codes call them in English."""

from collections.abc import Mapping
from typing import Final

from apps.dicom.sr_tree import Code

_FINDINGS: Final = Code("Findings", "59776-5", "LN")
_IMPRESSIONS: Final = Code("Impressions", "19005-8", "LN")
_PROCEDURE: Final = Code("Current Procedure Descriptions", "55111-9", "LN")
_CLINICAL: Final = Code("Clinical Information", "55752-0", "LN")
_RECOMMENDATIONS: Final = Code("Recommendations", "18783-1", "LN")
_CONCLUSIONS: Final = Code("Conclusions", "55110-1", "LN")

HEADINGS: Final[Mapping[str, Code]] = {
    "findings": _FINDINGS,
    "observations": _FINDINGS,
    "impression": _IMPRESSIONS,
    "impressions": _IMPRESSIONS,
    "conclusion": _CONCLUSIONS,
    "conclusions": _CONCLUSIONS,
    "procedure": _PROCEDURE,
    "procedure information": _PROCEDURE,
    "technique": _PROCEDURE,
    "clinical information": _CLINICAL,
    "history": Code("History", "11329-0", "LN"),
    "indication": Code("Indications for Procedure", "18785-6", "LN"),
    "comparison": Code("Previous Findings", "18834-2", "LN"),
    "recommendation": _RECOMMENDATIONS,
    "recommendations": _RECOMMENDATIONS,
}
