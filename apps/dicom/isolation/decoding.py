"""The decoder of frames with the compressed ones in a child process; it may be used where a crash would cost."""

from typing import TYPE_CHECKING, Any, Final

from apps.dicom.description import PixelDescription
from apps.dicom.isolation import pool
from apps.dicom.syntax import NATIVE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DECODE: Final = "apps.dicom.pixels.decode_frame"
_BASE_SECONDS: Final = 10.0
# A tenth of what the slowest codec does on an idle machine.
_SAMPLES_A_SECOND: Final = 2_000_000


def decode_frame(data: bytes, description: PixelDescription, transfer_syntax_uid: str) -> "NDArray[Any]":
    """The same as `pixels.decode_frame`, which see, but a codec that crashes or hangs is one more Undecodable.

    Native frames need no codec and are decoded here. Raises Undecodable and `pool.Busy`.
    """
    if transfer_syntax_uid in NATIVE:
        from apps.dicom import pixels

        return pixels.decode_frame(data, description, transfer_syntax_uid)
    description.check()
    frame: NDArray[Any] = pool.call(_DECODE, data, description, transfer_syntax_uid, seconds=allowance(description))
    return frame


def allowance(description: PixelDescription) -> float:
    """How many seconds a frame may take to decode: from ten for a small one to 77 for the largest."""
    return _BASE_SECONDS + description.samples / _SAMPLES_A_SECOND
