"""The kind of analysis that scores coronary calcium; `apps.analysis` finds it here when Django starts.

What it is done with is imported when it is: NumPy and all that is for volumes is nothing for a start.
"""

from collections.abc import Sequence
from typing import Any

from apps.analysis.kinds import Choices, Inputs, Kind, Result, Run, Table, register
from apps.archive.models import Study
from apps.calcium.parameters import CalciumParameters
from apps.calcium.scoring import VERSION
from apps.saying import say


def inputs_of(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `making.inputs_of`."""
    from apps.calcium import making

    return making.inputs_of(study, asked)


def make_calcium(run: Run) -> Result:
    """As `making.make_calcium`."""
    from apps.calcium import making

    return making.make_calcium(run)


def choices(study: Study) -> Choices:
    """As `choosing.choices`."""
    from apps.calcium import choosing

    return choosing.choices(study)


def flag_text(flag: str) -> str:
    """As `volumes.derived.choosing.text_of`."""
    from apps.volumes.derived.choosing import text_of

    return text_of(flag)


def tables(summary: dict[str, Any]) -> Sequence[Table]:
    """As `telling.tables`."""
    from apps.calcium import telling

    return telling.tables(summary)


register(
    Kind(
        "calcium", say("Coronary calcium score"), CalciumParameters, inputs_of, make_calcium,
        code_version=VERSION, choices=choices, flag_text=flag_text, tables=tables, is_finding=True,
    )
)  # fmt: skip
