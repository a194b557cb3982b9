"""The response of the target lesions (4.3.1): by the sum of their diameters against baseline and nadir."""

from collections.abc import Sequence
from typing import Final

from apps.lesions.recist.findings import MICROMETRES, Finding
from apps.lesions.recist.responses import Response

# Progression: a fifth more than the smallest sum so far, and so much in absolute terms.
LEAST_GROWTH_MM: Final = 5


def sum_of(targets: Sequence[Finding]) -> int | None:
    """The sum of diameters in micrometres; None where there are no targets or one of them could not be evaluated."""
    known = known_sum_of(targets)
    return known if targets and all(each.size is not None for each in targets) else None


def known_sum_of(targets: Sequence[Finding]) -> int:
    """What is known of the sum, in micrometres: the least that it is."""
    return sum(each.size or 0 for each in targets)


def target_response(targets: Sequence[Finding], baseline: int | None, nadir: int | None) -> Response | None:
    """The response against the sum at baseline and the smallest one so far, baseline's among them (micrometres).

    None where there are no targets. Where some could not be evaluated it is progression if those that were say so
    already, else not evaluable (4.4.2, "missing assessments"). Nodes that are all normal again are a complete response,
    whatever their sum.
    """
    if not targets:
        return None
    if all(each.is_cleared for each in targets):
        return Response.COMPLETE
    if nadir is not None and has_grown(known_sum_of(targets), nadir):
        return Response.PROGRESSIVE
    whole = sum_of(targets)
    if whole is None or baseline is None:
        return Response.NOT_EVALUABLE
    return Response.PARTIAL if has_shrunk(whole, baseline) else Response.STABLE


def has_grown(now: int, nadir: int) -> bool:
    """At least 20 % more than the nadir, and at least 5 mm."""
    return 5 * now >= 6 * nadir and now - nadir >= LEAST_GROWTH_MM * MICROMETRES


def has_shrunk(now: int, baseline: int) -> bool:
    """At least 30 % less than at baseline."""
    return 10 * now <= 7 * baseline
