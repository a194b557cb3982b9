"""Making an H.264 stream say what it is: a sequence parameter set of the High profile, at a level that fits.

Constrained Baseline and Main streams are High ones that use less of it (ITU-T H.264, A.2.4): the head of their SPS is
written anew, with what only High ones have (7.3.2.1.1), and all that follows stays bit for bit, as do the pictures.
Whether a stream keeps the limits of the level that it is to declare is for the caller to know (`levels`).
"""

from apps.video.streams import h264
from apps.video.streams.bits import Bits, Writer, damaged_head
from apps.video.streams.units import ANNEX_B, Framing, escaped, head_of, plain

_TELLING = 4  # bytes of an SPS up to its level, with the NAL header
_HIGH_TAIL = b"\xfd\xf8\xf8\0"  # avcC: 4:2:0, eight bits, no SPS extensions (ISO/IEC 14496-15, 5.3.3.1.2)


class Relabeller:
    """Rewrites the SPS of a stream to a profile (High) and a level (level_idc); slices stay as they are.

    Give it the `extradata` first: it tells how packets are framed. Raises `Refused` (DAMAGED) where an SPS is broken.
    """

    def __init__(self, profile: int, level: int) -> None:
        self._profile, self._level = profile, level
        self._framing = ANNEX_B

    def extradata(self, data: bytes) -> bytes:
        """An avcC, or parameter sets after start codes, that tell the profile and level."""
        head = head_of("h264", data)
        self._framing = head.framing
        units = [self._unit(unit) for unit in head.units]
        if not head.framing.size:
            return ANNEX_B.joined(units) if units else data
        return _avcc(units, head.framing, (self._profile, self._level))

    def packet(self, data: bytes) -> bytes:
        """A packet with its SPS rewritten; the same object where it has none."""
        units = list(self._framing.units(data))
        if not any(_is_sequence(unit) for unit in units):
            return data
        return self._framing.joined([self._unit(unit) for unit in units])

    def _unit(self, unit: bytes) -> bytes:
        return relabelled(unit, self._profile, self._level) if _is_sequence(unit) else unit


def _is_sequence(unit: bytes) -> bool:
    return unit[0] & 31 == h264.SPS


def relabelled(sps: bytes, profile: int, level: int) -> bytes:
    """An SPS (with its NAL header) that declares a profile and level; raises `Refused` (DAMAGED) for a broken one."""
    raw = plain(sps)
    if len(raw) < _TELLING + 1:
        raise damaged_head()
    if raw[1] == profile:
        return escaped(raw[:3] + bytes([level]) + raw[_TELLING:])
    bits = Bits(raw)
    bits.skip(8 * _TELLING)
    number = bits.golomb(31)
    if raw[1] in h264.WITH_CHROMA:
        raise damaged_head()  # none of them is part of High, but those that say so already
    written = Writer()
    for byte in (raw[0], profile, 0, level):
        written.unsigned(byte, 8)
    written.golomb(number)
    written.golomb(1)  # chroma_format_idc: 4:2:0
    written.golomb(0)  # bit_depth_luma_minus8
    written.golomb(0)  # bit_depth_chroma_minus8
    written.unsigned(0, 2)  # qpprime_y_zero_transform_bypass_flag, seq_scaling_matrix_present_flag
    _copy_rest(raw, bits, written)
    return escaped(written.bytes())


def _copy_rest(raw: bytes, bits: Bits, written: Writer) -> None:
    """All that follows, up to and with the bit that stops it (7.3.2.11); what fills up the byte is made anew."""
    last = raw.rstrip(b"\0")
    stop = len(last) * 8 - _zeros_below(last[-1])
    count = stop - bits.position
    if count < 1:
        raise damaged_head()
    while count:
        width = min(count, 64)
        written.unsigned(bits.unsigned(width), width)
        count -= width


def _zeros_below(byte: int) -> int:
    """How many bits of a byte follow its last one."""
    return (byte & -byte).bit_length() - 1


def _avcc(units: list[bytes], framing: Framing, label: tuple[int, int]) -> bytes:
    """AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1.2)."""
    profile, level = label
    sequences = [unit for unit in units if _is_sequence(unit)]
    pictures = [unit for unit in units if unit[0] & 31 == h264.PPS]
    first = sequences[0] if sequences else bytes(_TELLING)
    head = bytes([1, profile, first[2], level, 0xFC | framing.size - 1, 0xE0 | len(sequences)])
    sets = b"".join(_sized(unit) for unit in sequences) + bytes([len(pictures)]) + b"".join(map(_sized, pictures))
    return head + sets + (_HIGH_TAIL if profile == h264.HIGH else b"")


def _sized(unit: bytes) -> bytes:
    return len(unit).to_bytes(2, "big") + unit
