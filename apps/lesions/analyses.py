"""The kinds of analyses of lesions; `apps.analysis` finds them here when Django starts."""

from typing import Final

from apps.analysis.kinds import Kind, later, register
from apps.lesions.parameters import AssessmentParameters, TrackingParameters
from apps.saying import say

_FLAG_TEXT: Final = later("apps.volumes.derived.choosing:text_of")

register(
    Kind(
        "lesion-tracking", say("Lesions of an earlier study found again"), TrackingParameters,
        later("apps.lesions.following:inputs_of"), later("apps.lesions.following:run"),
        choices=later("apps.lesions.choosing:volumes"), flag_text=_FLAG_TEXT,
        tables=later("apps.lesions.telling:tracked"), is_finding=True, is_long=True,
    )
)  # fmt: skip
register(
    Kind(
        "recist", say("Assessment by RECIST 1.1"), AssessmentParameters,
        later("apps.lesions.concluding:inputs_of"), later("apps.lesions.concluding:run"),
        choices=later("apps.lesions.choosing:assessable"), flag_text=_FLAG_TEXT,
        tables=later("apps.lesions.telling:assessed"), is_finding=True,
    )
)  # fmt: skip
