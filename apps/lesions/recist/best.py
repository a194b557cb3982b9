"""The best overall response where complete and partial ones are to be confirmed: Table 3."""

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
