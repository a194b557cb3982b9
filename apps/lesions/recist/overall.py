"""The overall response at one time point: Table 1, and Table 2 where there are no targets."""

from typing import Final

from apps.lesions.recist.responses import Response

# What non-targets make of targets that are gone; without non-targets it stays a complete response.
_GONE: Final = {
    None: Response.COMPLETE,
    Response.COMPLETE: Response.COMPLETE,
    Response.NEITHER: Response.PARTIAL,
    Response.NOT_EVALUABLE: Response.PARTIAL,
}


def overall_response(target: Response | None, non_target: Response | None, *, has_new: bool) -> Response:
    """The overall response; None says that there were no such lesions at baseline.

    `has_new` is for unequivocal new lesions. Raises ValueError where there were no lesions at all.
    """
    if has_new or Response.PROGRESSIVE in (target, non_target):
        return Response.PROGRESSIVE
    if target is Response.COMPLETE:
        return _GONE[non_target]
    found = target or non_target
    if found is None:
        raise ValueError("Without lesions at baseline there is no response.")
    return found
