"""The head of a JPEG picture in a motion JPEG stream (ITU-T T.81, B.2.2)."""

from dataclasses import dataclass

from apps.video.streams.bits import damaged_head
from apps.video.streams.facts import Chroma

BASELINE = 0xC0
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF markers; the rest are DHT, JPG and DAC
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_MOST_SEGMENTS = 1000
_SAMPLINGS = {(2, 2): Chroma.HALF, (2, 1): Chroma.WIDE, (1, 1): Chroma.FULL}


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A frame header (SOF)."""

    process: int  # the SOF marker's second byte: 0xC0 is baseline
    bits: int
    columns: int
    rows: int
    chroma: Chroma


def head(data: bytes) -> Jpeg:
    """Read a picture's frame header; raises `Refused` (DAMAGED) without one."""
    position = 2
    for _ in range(_MOST_SEGMENTS):
        if data[:2] != b"\xff\xd8" or position + 4 > len(data) or data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker in _FRAMES:
            return _frame(marker, data[position + 4 : position + 4 + 6 + 3 * 4])
        if marker == 0xFF:
            position += 1
        elif marker in _BARE:
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    raise damaged_head()


def _frame(marker: int, body: bytes) -> Jpeg:
    if len(body) < 9 or len(body) < 6 + 3 * body[5]:
        raise damaged_head()
    rows, columns = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    if not rows or not columns:
        raise damaged_head()
    samplings = tuple((body[at] >> 4, body[at] & 15) for at in range(7, 7 + 3 * min(body[5], 4), 3))
    return Jpeg(marker, body[0], columns, rows, _chroma(samplings))


def _chroma(samplings: tuple[tuple[int, int], ...]) -> Chroma:
    """By how many times the luma is sampled more often than both colours, across and down (A.1.1)."""
    if len(samplings) == 1:
        return Chroma.MONOCHROME
    if len(samplings) != 3 or samplings[1] != samplings[2]:
        return Chroma.OTHER
    (luma_across, luma_down), (across, down) = samplings[:2]
    if not across or not down or luma_across % across or luma_down % down:
        return Chroma.OTHER
    return _SAMPLINGS.get((luma_across // across, luma_down // down), Chroma.OTHER)
