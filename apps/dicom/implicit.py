"""Explicit VR Little Endian as Implicit VR Little Endian (PS3.5 7.1.3, A.1): heads change, values stay."""

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Final

from apps.dicom.errors import Truncated
from apps.dicom.heads import CUT_OFF
from apps.dicom.values import LONG_VRS

_HEAD: Final = Struct("<4s2sH")
_LENGTH: Final = Struct("<I")
_TAG_AND_LENGTH: Final = Struct("<4sI")


def in_implicit_vr(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a data set in Implicit VR from the pieces of one in Explicit VR, as `rewriting` and `elements` write them.

    Sequences and items have defined lengths, and are held in memory; longer values pass as they come.
    Raises Truncated where the pieces end too early.
    """
    stream = _Stream(pieces)
    while head := stream.next(_HEAD.size, may_end=True):
        tag, vr, length = _HEAD.unpack(head)
        if vr in LONG_VRS:
            length = _LENGTH.unpack(stream.next(_LENGTH.size))[0]
        if vr == b"SQ":
            value = _items(memoryview(stream.next(length)))
            yield _TAG_AND_LENGTH.pack(tag, len(value)) + value
        else:
            yield _TAG_AND_LENGTH.pack(tag, length)
            yield from stream.passing(length)


def _items(sequence: memoryview) -> bytes:
    """The items of a sequence, each with its content in Implicit VR."""
    found = []
    pos = 0
    while pos < len(sequence):
        tag, length = _TAG_AND_LENGTH.unpack_from(sequence, pos)
        pos += _TAG_AND_LENGTH.size
        content = b"".join(in_implicit_vr((bytes(sequence[pos : pos + length]),)))
        found.append(_TAG_AND_LENGTH.pack(tag, len(content)) + content)
        pos += length
    return b"".join(found)


class _Stream:
    """Bytes that come in pieces, by the lengths that the reader wants."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = memoryview(b"")

    def next(self, size: int, *, may_end: bool = False) -> bytes:
        """The next so many bytes; none at the end, where it may be here. Raises Truncated."""
        data = b"".join(self.passing(size, may_end=may_end))
        if len(data) not in (size, 0 if may_end else size):
            raise Truncated(CUT_OFF)
        return data

    def passing(self, size: int, *, may_end: bool = False) -> Iterator[bytes]:
        """The next so many bytes, as they come. Raises Truncated."""
        while size:
            if not self._held:
                piece = next(self._pieces, None)
                if piece is None:
                    if may_end:
                        return
                    raise Truncated(CUT_OFF)
                self._held = memoryview(piece)
            taken = bytes(self._held[:size])
            self._held = self._held[len(taken) :]
            size -= len(taken)
            yield taken
