"""The codes of what reports say of lesions (PS3.16 CID 6144 to 6147, TID 1501; NCIt for what DICOM has no code for)."""

from typing import Final

from apps.dicom.sr_tree import NO_CODE, Code
from apps.lesions.models import Role
from apps.lesions.recist.responses import WORDS, Response
from apps.measurements.content.groups import Evaluation

METHOD: Final = Code("Response Evaluation Method", "112021", "DCM")
RECIST: Final = Code("RECIST 1.1", "126081", "DCM")
CURRENT_RESPONSE: Final = Code("Current Response", "112048", "DCM")
SUM: Final = Code("Measurement of Response", "112051", "DCM")
BASELINE_CATEGORY: Final = Code("Baseline Category", "112016", "DCM")
ROLES: Final = {
    Role.TARGET: Code("Target Lesion at Baseline", "112074", "DCM"),
    Role.NON_TARGET: Code("Non-Target Lesion at Baseline", "112075", "DCM"),
    Role.NEW: Code("Non-Lesion at Baseline", "112076", "DCM"),
}
OF_TARGETS: Final = {
    Response.COMPLETE: Code("Target Lesion Complete Response", "112041", "DCM"),
    Response.PARTIAL: Code("Target Lesion Partial Response", "112042", "DCM"),
    Response.PROGRESSIVE: Code("Target Lesion Progressive Disease", "112043", "DCM"),
    Response.STABLE: Code("Target Lesion Stable Disease", "112044", "DCM"),
}
OF_NON_TARGETS: Final = {
    Response.COMPLETE: Code("Non-Target Lesion Complete Response", "112045", "DCM"),
    Response.NEITHER: Code("Non-Target Lesion Incomplete Response or Stable Disease", "112046", "DCM"),
    Response.PROGRESSIVE: Code("Non-Target Lesion Progressive Disease", "112047", "DCM"),
}
OVERALL: Final = {
    Response.COMPLETE: Code("Complete Response", "C4870", "NCIt"),
    Response.PARTIAL: Code("Partial Response", "C18058", "NCIt"),
    Response.STABLE: Code("Stable Disease", "C18213", "NCIt"),
    Response.PROGRESSIVE: Code("Progressive Disease", "C35571", "NCIt"),
    Response.NOT_EVALUABLE: Code("Not Evaluable", "C62222", "NCIt"),
}


def said(response: Response, codes: dict[Response, Code]) -> Evaluation:
    """A response as a report says it: by its code, else in words."""
    code = codes.get(response) or OVERALL.get(response, NO_CODE)
    return Evaluation(CURRENT_RESPONSE, code, "" if code else str(WORDS[response]))
