"""The kinds of analyses of lesions; `apps.analysis` finds them here when Django starts.

What they are done with is imported when they are: NumPy and all that is for volumes is nothing for a start.
"""

from collections.abc import Sequence
from typing import Any, Final

from apps.analysis.kinds import Choices, Inputs, Kind, Result, Run, Table, register
from apps.archive.models import Study
from apps.lesions.parameters import AssessmentParameters, TrackingParameters
from apps.saying import say

MODALITIES: Final = ("CT", "MR", "PT")


def tracking_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `following.inputs_of`."""
    from apps.lesions import following

    return following.inputs_of(study, asked)


def track(run: Run) -> Result:
    """As `following.run`."""
    from apps.lesions import following

    return following.run(run)


def volumes(study: Study) -> Choices:
    """As `choosing.volumes`."""
    from apps.lesions import choosing

    return choosing.volumes(study, *MODALITIES)


def assessment_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `concluding.inputs_of`."""
    from apps.lesions import concluding

    return concluding.inputs_of(study, asked)


def assess(run: Run) -> Result:
    """As `concluding.run`."""
    from apps.lesions import concluding

    return concluding.run(run)


def assessable(study: Study) -> Choices:
    """As `choosing.assessable`."""
    from apps.lesions import choosing

    return choosing.assessable(study)


def tracking_tables(summary: dict[str, Any]) -> Sequence[Table]:
    """As `telling.tracked`."""
    from apps.lesions import telling

    return telling.tracked(summary)


def assessment_tables(summary: dict[str, Any]) -> Sequence[Table]:
    """As `telling.assessed`."""
    from apps.lesions import telling

    return telling.assessed(summary)


def flag_text(flag: str) -> str:
    """As `volumes.derived.choosing.text_of`."""
    from apps.volumes.derived import choosing

    return choosing.text_of(flag)


register(
    Kind(
        "lesion-tracking", say("Lesions of an earlier study found again"), TrackingParameters, tracking_inputs, track,
        choices=volumes, flag_text=flag_text, tables=tracking_tables, is_finding=True, is_long=True,
    )
)  # fmt: skip
register(
    Kind(
        "recist", say("Assessment by RECIST 1.1"), AssessmentParameters, assessment_inputs, assess,
        choices=assessable, flag_text=flag_text, tables=assessment_tables, is_finding=True,
    )
)  # fmt: skip
