"""The inflation of a data set in a Deflated transfer syntax (PS3.5 A.5), within bounds."""

import zlib
from collections.abc import Iterable, Iterator
from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile
from typing import Final

from apps.dicom.errors import LimitExceeded, Truncated, Unreadable
from apps.dicom.limits import Limits
from apps.dicom.source import Source
from apps.saying import say

_INPUT: Final = 64 * 1024
_OUTPUT: Final = 1024 * 1024
_IN_MEMORY: Final = 16 * 1024 * 1024
# Some writers leave zlib's head in front; raw deflate never starts with this byte of it.
_ZLIB_START: Final = b"\x78"


def inflate(buffer: Source, start: int, limits: Limits) -> Source:
    """Return the data set that is deflated from `start` on; a large one lies in a temporary file that is mapped.

    Its size is found out before any room is taken, so that one which is too large costs none.
    Raises LimitExceeded, Truncated, or Unreadable if the bytes are no deflate stream.
    """
    window = zlib.MAX_WBITS if bytes(buffer[start : start + 1]) == _ZLIB_START else -zlib.MAX_WBITS
    try:
        size = sum(map(len, _inflated(buffer, start, window, limits.inflated_bytes)))
        pieces = _inflated(buffer, start, window, limits.inflated_bytes)
        return b"".join(pieces) if size <= _IN_MEMORY else _mapped(pieces)
    except zlib.error as error:
        raise Unreadable(say("The deflated data set can't be inflated: its bytes are broken.")) from error


def _mapped(pieces: Iterable[bytes]) -> mmap:
    with TemporaryFile() as file:
        file.writelines(pieces)
        file.flush()
        return mmap(file.fileno(), 0, access=ACCESS_READ)


def _inflated(buffer: Source, start: int, window: int, limit: int) -> Iterator[bytes]:
    inflater, size = zlib.decompressobj(window), 0
    for pos in range(start, len(buffer), _INPUT):
        pending, piece = bytes(buffer[pos : pos + _INPUT]), bytes(_OUTPUT)
        # As long as the output is full there may be more, even if all the input is taken.
        while not inflater.eof and (pending or len(piece) == _OUTPUT):
            piece = inflater.decompress(pending, _OUTPUT)
            pending, size = inflater.unconsumed_tail, size + len(piece)
            if size > limit:
                raise LimitExceeded(say("The deflated data set grows beyond {limit} bytes.", limit=limit))
            yield piece
        if inflater.eof:
            return
    raise Truncated(say("The file is cut off: its deflated data set does not end."))
