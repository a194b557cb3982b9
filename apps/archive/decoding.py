"""The archive's way to whatever decodes bytes from outside: in child processes, so that a codec can't hurt.

Both functions are safe in any thread, and import NumPy only when an array is to be had.
"""

from typing import TYPE_CHECKING, Any

from apps.core.errors import Unavailable
from apps.dicom.description import PixelDescription
from apps.dicom.isolation import decoding, pool
from apps.saying import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BUSY = say("The server is busy with other images. Try again in a moment.")


def decode_frame(data: bytes, description: PixelDescription, transfer_syntax_uid: str) -> "NDArray[Any]":
    """One frame's samples, as `apps.dicom.pixels.decode_frame` gives them. Raises Undecodable and Unavailable."""
    try:
        return decoding.decode_frame(data, description, transfer_syntax_uid)
    except pool.Busy as error:
        raise Unavailable(_BUSY) from error


def call(task: str, data: bytes | memoryview, *arguments: Any, seconds: float = pool.CALL_SECONDS) -> Any:
    """`function(data, *arguments)` in a child: bytes or an array; `task` is the function's dotted path in apps.dicom.

    See `apps.dicom.isolation.pool.Pool.call`. Raises Undecodable, Unavailable, and what the function raises.
    """
    try:
        return pool.call(task, data, *arguments, seconds=seconds)
    except pool.Busy as error:
        raise Unavailable(_BUSY) from error
