"""The inflation of a data set in a Deflated transfer syntax (PS3.5 A.5), within bounds."""

import zlib
from typing import Final

from apps.dicom.errors import LimitExceeded, Truncated, Unreadable
from apps.dicom.limits import Limits
from apps.dicom.source import Source

_INPUT: Final = 64 * 1024
_OUTPUT: Final = 1024 * 1024
# Some writers leave zlib's head in front; raw deflate never starts with this byte of it.
_ZLIB_START: Final = b"\x78"


def inflate(buffer: Source, start: int, limits: Limits) -> bytes:
    """Return the data set that is deflated from `start` on.

    Its size is found out before any memory is taken, so that one which is too large costs none.
    Raises LimitExceeded, Truncated, or Unreadable if the bytes are no deflate stream.
    """
    window = zlib.MAX_WBITS if bytes(buffer[start : start + 1]) == _ZLIB_START else -zlib.MAX_WBITS
    try:
        size = _inflated_size(buffer, start, window, limits.inflated_bytes)
        with memoryview(buffer) as whole, whole[start:] as deflated:
            return zlib.decompressobj(window).decompress(deflated, max(size, 1))
    except zlib.error as error:
        raise Unreadable("The deflated data set can't be inflated: its bytes are broken.") from error


def _inflated_size(buffer: Source, start: int, window: int, limit: int) -> int:
    inflater, size = zlib.decompressobj(window), 0
    for pos in range(start, len(buffer), _INPUT):
        pending, inflated = bytes(buffer[pos : pos + _INPUT]), _OUTPUT
        # As long as the output is full there may be more, even if all the input is taken.
        while not inflater.eof and (pending or inflated == _OUTPUT):
            inflated = len(inflater.decompress(pending, _OUTPUT))
            size, pending = size + inflated, inflater.unconsumed_tail
            if size > limit:
                raise LimitExceeded(f"The deflated data set grows beyond {limit} bytes.")
        if inflater.eof:
            return size
    raise Truncated("The file is cut off: its deflated data set does not end.")
