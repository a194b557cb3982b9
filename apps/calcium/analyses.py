"""The kind of analysis that scores coronary calcium; `apps.analysis` finds it here when Django starts."""

from apps.analysis.kinds import Kind, later, register
from apps.calcium.parameters import CalciumParameters
from apps.calcium.scoring import VERSION
from apps.saying import say

register(
    Kind(
        "calcium", say("Coronary calcium score"), CalciumParameters,
        later("apps.calcium.making:inputs_of"), later("apps.calcium.making:make_calcium"), code_version=VERSION,
        choices=later("apps.calcium.choosing:choices"), flag_text=later("apps.volumes.derived.choosing:text_of"),
        tables=later("apps.calcium.telling:tables"), is_finding=True,
    )
)  # fmt: skip
