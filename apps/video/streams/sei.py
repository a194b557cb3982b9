"""Supplemental enhancement information of H.264 and HEVC: which messages a unit holds (H.264 7.3.2.3, HEVC 7.3.5)."""

from collections.abc import Iterator

from apps.video.streams.bits import Bits
from apps.video.streams.units import plain

# Annex D: registered by ITU-T T.35 (captions, among others), and unregistered (whatever a device or encoder likes).
USER_DATA = frozenset({4, 5})
FRAME_PACKING = 45
_MOST_MESSAGES = 256  # in one unit


def messages(unit: bytes, header: int) -> Iterator[tuple[int, bytes]]:
    """The kind and the body of each message; `header` is the length of the NAL header (1 or 2 bytes).

    What breaks off ends the list, since decoders pass over it; but not user data, which could be read all the same.
    """
    data, position = plain(unit), header
    for _ in range(_MOST_MESSAGES):
        # rbsp_trailing_bits alone are left, or nothing.
        if position + 1 >= len(data):
            return
        kind, position = _number(data, position)
        size, position = _number(data, position)
        if position + size > len(data) and kind not in USER_DATA:
            return
        yield kind, data[position : position + size]
        position += size


def _number(data: bytes, position: int) -> tuple[int, int]:
    """A number in bytes of 255 and one less than that, and where it ends."""
    value = 0
    while position < len(data) and data[position] == 255:
        value, position = value + 255, position + 1
    return value + (data[position] if position < len(data) else 0), position + 1


def has_user_data(unit: bytes, header: int) -> bool:
    """Whether a message of a unit is user data."""
    return any(kind in USER_DATA for kind, _ in messages(unit, header))


def is_packed(body: bytes) -> bool:
    """Whether a message of frame packing (D.1.26) begins such an arrangement, rather than ending one."""
    bits = Bits(body)
    bits.golomb()  # frame_packing_arrangement_id
    return not bits.flag()
