"""User data in streams is left out: what devices and encoders write among the pictures, and no decoder needs.

Of H.264 and HEVC it is SEI of types 4 and 5 (ITU-T H.264, D.1; H.265, D.2), of MPEG-2 what follows a user_data start
code (ISO/IEC 13818-2, 6.2.2.2.2). It may be personal: names, places, captions. The pictures' slices are not touched.
"""

from collections.abc import Iterator
from typing import Final

from apps.video.streams import sei
from apps.video.streams.units import START, Framing, escaped, head_of, plain

_H264_SEI: Final = 6
_HEVC_SEI: Final = (39, 40)
_MPEG2_USER_DATA: Final = START + b"\xb2"  # start codes occur nowhere else in MPEG-2 (5.2.3)
_HVCC_ARRAYS: Final = 22  # the byte of an hvcC that says how many arrays follow


class Cleaner:
    """Takes user data out of the packets of one stream. `extradata` tells how these are framed."""

    def __init__(self, codec: str, extradata: bytes) -> None:
        self._codec = codec
        self._header = 2 if codec == "hevc" else 1
        self._framing = head_of(codec, extradata).framing if codec in ("h264", "hevc") else Framing(0)

    def packet(self, data: bytes) -> bytes:
        """The packet without user data; the same object where it holds none."""
        if self._codec == "mpeg2video":
            return _without_segments(data)
        if self._codec not in ("h264", "hevc"):
            return data
        units = list(self._framing.units(data))
        cleaned = [self._unit(unit) for unit in units]
        if all(new is old for new, old in zip(cleaned, units, strict=True)):
            return data
        return self._framing.joined([unit for unit in cleaned if unit])

    def _unit(self, unit: bytes) -> bytes:
        return _information(unit, self._header) if is_information(self._codec, unit) else unit


def is_information(codec: str, unit: bytes) -> bool:
    """Whether a NAL unit of H.264 or HEVC holds SEI."""
    return unit[0] & 31 == _H264_SEI if codec == "h264" else unit[0] >> 1 & 63 in _HEVC_SEI


def _information(unit: bytes, header: int) -> bytes:
    """An SEI unit without messages of user data; nothing if it has no others."""
    messages = list(sei.messages(unit, header))
    kept = [(kind, body) for kind, body in messages if kind not in sei.USER_DATA]
    if len(kept) == len(messages):
        return unit
    if not kept:
        return b""
    payload = b"".join(_number(kind) + _number(len(body)) + body for kind, body in kept)
    return escaped(plain(unit)[:header] + payload + b"\x80")


def _number(value: int) -> bytes:
    """A type or a size as SEI has it: a byte FF for each 255, and the rest (7.3.2.3.1)."""
    return b"\xff" * (value // 255) + bytes([value % 255])


def _without_segments(data: bytes) -> bytes:
    """An MPEG-2 packet without what is between a user_data start code and the next start code."""
    kept, begin = bytearray(), 0
    while (found := data.find(_MPEG2_USER_DATA, begin)) >= 0:
        kept += data[begin:found]
        begin = data.find(START, found + len(_MPEG2_USER_DATA))
        if begin < 0:
            return bytes(kept)
    return bytes(kept + data[begin:]) if begin else data


def clean_head(codec: str, extradata: bytes) -> bytes:
    """The extra data of an H.264 or HEVC stream without SEI, which some encoders put there; parameter sets stay.

    Raises `Refused` (DAMAGED) where it breaks off.
    """
    head = head_of(codec, extradata)
    if codec == "hevc" and head.framing.size:
        return extradata[:_HVCC_ARRAYS] + _counted(list(_arrays(extradata)))
    if head.framing.size:
        return extradata  # an avcC has parameter sets only (ISO/IEC 14496-15, 5.3.3.1)
    return head.framing.joined([unit for unit in head.units if not is_information(codec, unit)])


def _arrays(extradata: bytes) -> Iterator[bytes]:
    """The arrays of an hvcC (ISO/IEC 14496-15, 8.3.3.1.2) but those of SEI."""
    position = _HVCC_ARRAYS + 1
    for _ in range(extradata[_HVCC_ARRAYS]):
        begin = position
        position += 3
        for _ in range(int.from_bytes(extradata[begin + 1 : begin + 3], "big")):
            position += 2 + int.from_bytes(extradata[position : position + 2], "big")
        if extradata[begin] & 63 not in _HEVC_SEI:
            yield extradata[begin:position]


def _counted(arrays: list[bytes]) -> bytes:
    return bytes([len(arrays)]) + b"".join(arrays)
