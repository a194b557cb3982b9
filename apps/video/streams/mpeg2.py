"""The heads of MPEG-2 (and MPEG-1) video: sequence header, its extensions, and what a picture's head tells.

Paragraphs are of ITU-T H.262 | ISO/IEC 13818-2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from apps.video.streams.bits import Bits, damaged_head
from apps.video.streams.facts import Chroma
from apps.video.streams.units import START

_PICTURE_START = START + b"\0"
PICTURE, USER_DATA, SEQUENCE, EXTENSION = 0x00, 0xB2, 0xB3, 0xB5
FIRST_SLICE, LAST_SLICE = 0x01, 0xAF
_SEQUENCE_EXTENSION, _PICTURE_EXTENSION = 1, 8
_WHOLE_FRAME = 3  # picture_structure (table 6-14)
_MOST_CODES = 4096  # start codes that are looked at in one packet
_CHROMA = (Chroma.OTHER, Chroma.HALF, Chroma.WIDE, Chroma.FULL)
_RATES = (
    None, Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(50),
    Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
_DISPLAY_ASPECTS = {2: Fraction(4, 3), 3: Fraction(16, 9), 4: Fraction(221, 100)}  # table 6-3


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence header with its extension (6.2.2.1, 6.2.2.3); profile and level are 0 for MPEG-1."""

    profile: int
    level: int
    columns: int
    rows: int
    chroma: Chroma
    aspect_code: int  # aspect_ratio_information
    sample_aspect: Fraction
    rate: Fraction | None
    is_progressive: bool  # progressive_sequence


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's head (6.2.3, 6.2.3.1)."""

    is_field: bool
    is_progressive: bool  # progressive_frame


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The start codes of a packet before its first slice, each with the bytes up to the next one (5.2.3)."""
    begin = data.find(START)
    for _ in range(_MOST_CODES):
        if begin < 0 or begin + 4 > len(data) or FIRST_SLICE <= data[begin + 3] <= LAST_SLICE:
            return
        end = data.find(START, begin + 4)
        yield data[begin + 3], data[begin + 4 : end if end >= 0 else len(data)]
        begin = end


def sequence(data: bytes) -> Sequence | None:
    """The first sequence header in a packet or in extra data; None without one, `Refused` where it is damaged."""
    header = extension = None
    for code, body in segments(data):
        if code == SEQUENCE and header is None:
            header = body
        elif header is not None and code == EXTENSION and body[:1] and body[0] >> 4 == _SEQUENCE_EXTENSION:
            extension = body
            break
    return None if header is None else _sequence(Bits(header), Bits(extension) if extension else None)


def _sequence(header: Bits, extension: Bits | None) -> Sequence:
    columns, rows = header.unsigned(12), header.unsigned(12)
    aspect, rate_code = header.unsigned(4), header.unsigned(4)
    rate = _RATES[rate_code] if rate_code < len(_RATES) else None
    profile = level = 0
    chroma, is_progressive = Chroma.HALF, True
    if extension:
        extension.skip(5)
        profile, level, is_progressive = extension.unsigned(3), extension.unsigned(4), extension.flag()
        chroma = _CHROMA[extension.unsigned(2)]
        columns, rows = columns | extension.unsigned(2) << 12, rows | extension.unsigned(2) << 12
        extension.skip(22)
        rate = rate and rate * (extension.unsigned(2) + 1) / (extension.unsigned(5) + 1)
    if not columns or not rows:
        raise damaged_head()
    pixel = _sample_aspect(aspect, columns, rows) if extension else Fraction(1)
    return Sequence(profile, level, columns, rows, chroma, aspect, pixel, rate, is_progressive)


def _sample_aspect(code: int, columns: int, rows: int) -> Fraction:
    """A pixel's width over its height, from the picture's (6.3.3); 1 where square, forbidden or reserved."""
    display = _DISPLAY_ASPECTS.get(code)
    return display * rows / columns if display else Fraction(1)


def picture(data: bytes) -> Picture | None:
    """The head of the first picture in a packet; None without one."""
    has_picture = False
    for code, body in segments(data):
        has_picture = has_picture or code == PICTURE
        if has_picture and code == EXTENSION and len(body) >= 5 and body[0] >> 4 == _PICTURE_EXTENSION:
            return _picture(Bits(body))
    return Picture(False, True) if has_picture else None


def _picture(bits: Bits) -> Picture:
    bits.skip(22)
    structure = bits.unsigned(2)
    bits.skip(8)
    return Picture(structure != _WHOLE_FRAME, bits.flag())


def has_user_data(data: bytes) -> bool:
    """Whether a packet holds user data (6.2.2.2.2), which may also precede the slices of a second field."""
    return START + bytes([USER_DATA]) in data


def has_two_pictures(data: bytes) -> bool:
    """Whether two pictures begin in a packet: both fields of a frame."""
    first = data.find(_PICTURE_START)
    return first >= 0 and data.find(_PICTURE_START, first + 4) >= 0
