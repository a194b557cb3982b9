"""The response of the non-target lesions (4.3.3), which are judged and not measured."""

from collections.abc import Sequence
from typing import Final

from apps.lesions.recist.findings import Finding, State
from apps.lesions.recist.responses import Response

_SEEN: Final = frozenset({State.MEASURED, State.TOO_SMALL, State.PRESENT})


def non_target_response(non_targets: Sequence[Finding]) -> Response | None:
    """None where there are none. Of images alone: a complete response also takes normal tumour markers."""
    if not non_targets:
        return None
    if any(each.state is State.PROGRESSED for each in non_targets):
        return Response.PROGRESSIVE
    if any(each.state is State.NOT_EVALUABLE for each in non_targets):
        return Response.NOT_EVALUABLE
    return Response.COMPLETE if all(each.is_cleared for each in non_targets) else Response.NEITHER


def is_back(non_target: Finding) -> bool:
    """Whether one that was gone is there again. A node is only when it has unequivocally progressed, which is
    progression by itself."""
    return non_target.state in _SEEN and not non_target.is_node and not non_target.is_cleared
