"""AAC as transport streams carry it (ADTS, ISO/IEC 13818-7 6.2), made what MP4 holds (ISO/IEC 14496-3 1.6.2.1)."""

from typing import Any, Final

_RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_LOW_COMPLEXITY: Final = 2
_HEAD: Final = 7
_HEAD_WITH_CHECKSUM: Final = 9


def configuration(stream: Any) -> bytes | None:
    """The AudioSpecificConfig of an AAC stream that comes without one; None where it is not to be had that simply."""
    context = stream.codec_context
    channels = context.layout.nb_channels
    if context.sample_rate not in _RATES or not 1 <= channels <= 6:
        return None
    rate = _RATES.index(context.sample_rate)
    return (_LOW_COMPLEXITY << 11 | rate << 7 | channels << 3).to_bytes(2, "big")


def bare(packet: Any) -> Any:
    """The packet without its ADTS header; itself where it has none."""
    import av

    data = bytes(packet)
    if len(data) <= _HEAD_WITH_CHECKSUM or data[0] != 0xFF or data[1] & 0xF6 != 0xF0:
        return packet
    made: Any = av.Packet(data[_HEAD if data[1] & 1 else _HEAD_WITH_CHECKSUM :])
    made.pts, made.dts, made.duration, made.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
    return made
