"""The best overall response where complete and partial ones are to be confirmed (4.6): Table 3, along the studies."""

from collections.abc import Sequence
from typing import Final

from apps.lesions.recist.responses import Response

_CR, _PR, _SD, _PD, _NE = (
    Response.COMPLETE, Response.PARTIAL, Response.STABLE, Response.PROGRESSIVE, Response.NOT_EVALUABLE,
)  # fmt: skip
# Of two time points in a row: what is confirmed, and what falls back to stable disease if that lasted long enough,
# else to the response named here. Disease that is back after CR makes the second one progression (note a).
_CONFIRMED: Final = {(_CR, _CR): _CR, (_PR, _CR): _PR, (_PR, _PR): _PR, (_PR, _SD): _SD, (_NE, _NE): _NE}
_FALLS_BACK: Final = {
    (_CR, _PR): _PD, (_CR, _SD): _PD, (_CR, _PD): _PD, (_CR, _NE): _NE, (_PR, _PD): _PD, (_PR, _NE): _NE,
}  # fmt: skip


# From the best to the worst; what could not be evaluated says less than progression.
_RANKS: Final = (_CR, _PR, _SD, _PD, _NE)
# A response is confirmed no sooner than four weeks later.
CONFIRMING_DAYS: Final = 28


def best_of(responses: Sequence[tuple[int, Response]], stable_days: int) -> Response | None:
    """The best overall response of a patient with target lesions; None before the first study after baseline.

    `responses` are overall ones up to any, each with the days since baseline, in the order of time; `stable_days` is
    how long after baseline stable disease counts as such. What comes after progression doesn't count. Raises ValueError
    for Non-CR/Non-PD, which patients without targets have.
    """
    found = [
        _best_at(number, responses, is_long_enough=days >= stable_days)
        for number, (days, _) in enumerate(responses)
        if all(earlier is not _PD for _, earlier in responses[:number])
    ]
    return min(found, key=_RANKS.index, default=None)


def _best_at(number: int, responses: Sequence[tuple[int, Response]], *, is_long_enough: bool) -> Response:
    """What the response at one time point comes to, with the one that may confirm it."""
    days, response = responses[number]
    if response in (_CR, _PR):
        later = (then for day, then in responses[number + 1 :] if then is _PD or day - days >= CONFIRMING_DAYS)
        # Nothing came after it yet: it is as good as what could not be evaluated.
        return best_response(response, next(later, _NE), is_long_enough=is_long_enough)
    return _NE if response is _SD and not is_long_enough else response


def best_response(first: Response, second: Response, *, is_long_enough: bool) -> Response:
    """The best overall response of two time points in a row.

    `is_long_enough` says that the first one was as long after baseline as the protocol asks of stable disease. Raises
    ValueError for a pair that Table 3 doesn't have.
    """
    pair = first, second
    if pair in _CONFIRMED:
        return _CONFIRMED[pair]
    if pair not in _FALLS_BACK:
        raise ValueError("Table 3 is of complete and partial responses.")
    return _SD if is_long_enough else _FALLS_BACK[pair]
