"""NAL units of H.264 and HEVC: where they begin and end in a packet, and their bytes without emulation prevention."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.video.streams.bits import damaged_head

START = b"\0\0\1"
MOST_UNITS = 4096  # in one packet or head: a picture of 8K has fewer slices
_MOST_SETS = 64  # parameter sets in a container's head; 32 SPS are the most that H.264 knows


@dataclass(frozen=True, slots=True)
class Framing:
    """How units follow each other: each after its length in `size` bytes (1 to 4), or after start codes (size 0)."""

    size: int

    def units(self, data: bytes) -> Iterator[bytes]:
        """The units of a packet, without lengths and start codes; what is broken at its end is left out."""
        return _after_lengths(data, self.size) if self.size else _after_starts(data)

    def joined(self, units: list[bytes]) -> bytes:
        """A packet of these units."""
        if self.size:
            return b"".join(len(unit).to_bytes(self.size, "big") + unit for unit in units)
        return b"".join(b"\0" + START + unit for unit in units)


ANNEX_B = Framing(0)


def _after_starts(data: bytes) -> Iterator[bytes]:
    begin = data.find(START)
    for _ in range(MOST_UNITS):
        if begin < 0:
            return
        end = data.find(START, begin + 3)
        unit = data[begin + 3 : end if end >= 0 else len(data)]
        # The zero before a start code of four bytes, and zeros that fill up, are no part of the unit (B.1.1).
        if unit := unit.rstrip(b"\0"):
            yield unit
        begin = end


def _after_lengths(data: bytes, size: int) -> Iterator[bytes]:
    position = 0
    for _ in range(MOST_UNITS):
        begin = position + size
        position = begin + int.from_bytes(data[position:begin], "big")
        if begin >= len(data) or position > len(data):
            return
        if position > begin:
            yield data[begin:position]


def plain(unit: bytes) -> bytes:
    """The bytes of a unit without emulation prevention (H.264 7.4.1, HEVC 7.4.2)."""
    if b"\0\0\3" not in unit:
        return unit
    kept, begin = bytearray(), 0
    while (found := unit.find(b"\0\0\3", begin)) >= 0:
        kept += unit[begin : found + 2]
        begin = found + 3
    return bytes(kept + unit[begin:])


def escaped(unit: bytes) -> bytes:
    """The inverse of `plain`."""
    written, zeros = bytearray(), 0
    for byte in unit:
        if zeros >= 2 and byte <= 3:
            written.append(3)
            zeros = 0
        written.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(written)


@dataclass(frozen=True, slots=True)
class Head:
    """What a container keeps of a stream's head: the parameter sets, and how the packets are framed."""

    framing: Framing
    units: tuple[bytes, ...]


def head_of(codec: str, extradata: bytes) -> Head:
    """Read the extra data of an H.264 or HEVC stream: avcC, hvcC (ISO/IEC 14496-15, 5.3.3 and 8.3.3) or Annex B.

    Raises `Refused` (DAMAGED) where it breaks off.
    """
    if not extradata or extradata.startswith((START, b"\0" + START)):
        return Head(ANNEX_B, tuple(ANNEX_B.units(extradata))[:_MOST_SETS])
    return _avcc(extradata) if codec == "h264" else _hvcc(extradata)


def _avcc(data: bytes) -> Head:
    if len(data) < 7:
        raise damaged_head()
    sets, position = _sets(data, 6, data[5] & 31)
    pictures, _ = _sets(data, position + 1, data[position] if position < len(data) else 0)
    return Head(Framing((data[4] & 3) + 1), (*sets, *pictures))


def _hvcc(data: bytes) -> Head:
    if len(data) < 23:
        raise damaged_head()
    units: list[bytes] = []
    position = 23
    for _ in range(data[22]):
        count = int.from_bytes(data[position + 1 : position + 3], "big")
        found, position = _sets(data, position + 3, count)
        units += found
    return Head(Framing((data[21] & 3) + 1), tuple(units[:_MOST_SETS]))


def _sets(data: bytes, position: int, count: int) -> tuple[list[bytes], int]:
    """`count` units, each after its length of 16 bits, from `position` on; and where they end."""
    found = []
    for _ in range(min(count, _MOST_SETS)):
        begin = position + 2
        position = begin + int.from_bytes(data[begin - 2 : begin], "big")
        if begin > len(data) or position > len(data):
            raise damaged_head()
        found.append(data[begin:position])
    return found, position
