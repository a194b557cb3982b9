"""The kind of analysis that measures what people draw; `apps.analysis` finds it here when Django starts."""

from apps.analysis.kinds import Kind, later, register
from apps.measurements.measuring.parameters import MeasureParameters
from apps.saying import say

register(
    Kind(
        "measure", say("Measurements"), MeasureParameters,
        later("apps.measurements.measuring.making:inputs_of"), later("apps.measurements.measuring.making:make_report"),
        tables=later("apps.measurements.measuring.making:tables_of"),
    )
)  # fmt: skip
