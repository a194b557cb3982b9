"""The kind of analysis that measures what people draw; `apps.analysis` finds it here when Django starts.

What it is done with is imported when it is: NumPy and all that is for images is nothing for a start.
"""

from collections.abc import Sequence
from typing import Any

from apps.analysis.kinds import Inputs, Kind, Result, Run, Table, register
from apps.archive.models import Study
from apps.measurements.measuring.parameters import MeasureParameters
from apps.saying import say


def measure_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """As `measuring.making.inputs_of`."""
    from apps.measurements.measuring import making

    return making.inputs_of(study, asked)


def make_report(run: Run) -> Result:
    """As `measuring.making.make_report`."""
    from apps.measurements.measuring import making

    return making.make_report(run)


def tables(summary: dict[str, Any]) -> Sequence[Table]:
    """As `measuring.making.tables_of`."""
    from apps.measurements.measuring import making

    return making.tables_of(summary)


register(Kind("measure", say("Measurements"), MeasureParameters, measure_inputs, make_report, tables=tables))
