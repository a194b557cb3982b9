"""Where a video stream ends by its own container: fragments are even, and so may be one byte longer (PS3.5 A.4).

Encapsulated Pixel Data Value Total Length (7FE0,0003) tells the same; many objects are without it.
"""

from collections.abc import Callable
from typing import Final

from apps.dicom.video import Container

ReadAt = Callable[[int, int], bytes]

# A fragmented MP4 has two boxes for each fragment: so many are some hours. Longer ones keep what may be their pad.
MAX_BOXES: Final = 20_000
_BOX: Final = 8
_LARGE_BOX: Final = 16
_TO_THE_END, _IS_LARGE = 0, 1
# Sequence end and program end (ISO 13818-1 2.5.3.1, 13818-2 6.2.1).
_MPEG_ENDS: Final = (b"\0\0\1\xb7", b"\0\0\1\xb9")
_TAIL: Final = 5


def own_end(read_at: ReadAt, size: int, container: Container) -> int:
    """The length in bytes of a stream without its pad; `size` where the container doesn't tell of one.

    `read_at(offset, length)` gives bytes of the stream, which with its pad has `size` of them.
    """
    if not size or size % 2 or read_at(size - 1, 1) != b"\0":
        return size
    # Packets of a transport stream are even.
    is_padded = _after_boxes if container is Container.MP4 else _after_codes
    return size - 1 if is_padded(read_at, size) else size


def _after_boxes(read_at: ReadAt, size: int) -> bool:
    """Whether one byte is left after the last box (ISO 14496-12 4.2)."""
    at = 0
    for _ in range(MAX_BOXES):
        if at >= size - 1:
            return at == size - 1
        length = _box_length(read_at(at, min(_LARGE_BOX, size - at)))
        if length < _BOX:
            return False
        at += length
    return False


def _box_length(head: bytes) -> int:
    """The length of a box by how it begins; 0 where it goes to the end, or is none."""
    length = int.from_bytes(head[:4], "big")
    if length == _IS_LARGE and len(head) == _LARGE_BOX:
        return int.from_bytes(head[8:], "big")
    return 0 if length == _TO_THE_END or len(head) < _BOX else length


def _after_codes(read_at: ReadAt, size: int) -> bool:
    """Whether the last byte comes after a code that ends the stream."""
    return size >= _TAIL and read_at(size - _TAIL, _TAIL - 1) in _MPEG_ENDS
