"""The heads of HEVC streams: sequence parameter sets, and the timing of video parameter sets.

Paragraphs are of ITU-T H.265 (08/2021).
"""

from dataclasses import dataclass
from fractions import Fraction

from apps.video.errors import Refused
from apps.video.streams.bits import Bits, damaged_head
from apps.video.streams.facts import Chroma
from apps.video.streams.h264 import sample_aspect, signal_type, timing
from apps.video.streams.units import plain

LAST_SLICE, VPS, SPS, PREFIX_SEI, SUFFIX_SEI = 31, 32, 33, 39, 40
_CHROMA = (Chroma.MONOCHROME, Chroma.HALF, Chroma.WIDE, Chroma.FULL)
_CROP = {Chroma.HALF: (2, 2), Chroma.WIDE: (2, 1)}
_MOST_SAMPLES = 16888  # across or down: the square root of eight times the largest picture (A.4.1)
_LAYER_BITS = 88  # of a sub-layer's profile; its level has 8


@dataclass(frozen=True, slots=True)
class Vui:
    """Video usability information (E.2.1), as far as it matters here."""

    sample_aspect: Fraction = Fraction(1)
    is_full_range: bool = False
    transfer: int = 2
    rate: Fraction | None = None  # pictures a second
    has_fields: bool = False  # field_seq_flag: each picture is a field


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set (7.3.2.2.1)."""

    profile: int
    compatible: int  # general_profile_compatibility_flag[0] is the highest of the 32 bits
    tier: int  # 0 Main, 1 High
    level: int  # thirty times the level's number
    is_interlaced: bool  # the source's scan, as it claims (7.4.4)
    chroma: Chroma
    bits: int
    references: int  # sps_max_dec_pic_buffering_minus1 of the highest sub-layer
    columns: int
    rows: int
    vui: Vui


def kind_of(unit: bytes) -> int:
    """nal_unit_type (7.3.1.2)."""
    return unit[0] >> 1 & 63


def is_of_base_layer(unit: bytes) -> bool:
    """Whether nuh_layer_id is 0."""
    return len(unit) > 1 and not unit[0] & 1 and not unit[1] >> 3


def sequence(unit: bytes) -> Sps:
    """Read an SPS, with its NAL header; raises `Refused` (DAMAGED) for what can't be one."""
    bits = Bits(plain(unit)[2:])
    bits.skip(4)
    layers = bits.unsigned(3)
    bits.skip(1)
    profile, tier, compatible, is_interlaced, level = _profile(bits, layers)
    bits.golomb(15)
    chroma = _CHROMA[bits.golomb(3)]
    if chroma is Chroma.FULL:
        bits.skip(1)
    columns, rows = _size(bits, chroma)
    depth = max(bits.golomb(8), bits.golomb(8)) + 8
    order_bits = bits.golomb(12) + 4
    references = _buffering(bits, layers)
    try:
        vui = _after_buffering(bits, order_bits)
    except Refused:
        vui = Vui()  # what breaks off there is nothing that a decoder needs to show the pictures
    return Sps(
        profile, compatible, tier, level, is_interlaced or vui.has_fields, chroma, depth, references, columns, rows, vui
    )


def _profile(bits: Bits, layers: int) -> tuple[int, int, int, bool, int]:
    """profile_tier_level() (7.3.3): profile, tier, compatibility flags, whether the source is interlaced, and level."""
    bits.skip(2)
    tier, profile, compatible = bits.unsigned(1), bits.unsigned(5), bits.unsigned(32)
    is_progressive, is_interlaced = bits.flag(), bits.flag()
    bits.skip(46)
    level = bits.unsigned(8)
    present = [(bits.flag(), bits.flag()) for _ in range(layers)]
    if layers:
        bits.skip(2 * (8 - layers))
    for has_profile, has_level in present:
        bits.skip(_LAYER_BITS * has_profile + 8 * has_level)
    return profile, tier, compatible, is_interlaced and not is_progressive, level


def _size(bits: Bits, chroma: Chroma) -> tuple[int, int]:
    columns, rows = bits.golomb(_MOST_SAMPLES), bits.golomb(_MOST_SAMPLES)
    if bits.flag():
        left, right, top, bottom = (bits.golomb(_MOST_SAMPLES) for _ in range(4))
        across, down = _CROP.get(chroma, (1, 1))
        columns, rows = columns - across * (left + right), rows - down * (top + bottom)
    if columns < 1 or rows < 1:
        raise damaged_head()
    return columns, rows


def _buffering(bits: Bits, layers: int) -> int:
    most = 0
    for _ in range(layers + 1 if bits.flag() else 1):
        most = bits.golomb(15)
        bits.golomb()
        bits.golomb()
    return most


def _after_buffering(bits: Bits, order_bits: int) -> Vui:
    """All that stands between the buffers and the VUI, only to be passed over; and the VUI."""
    for _ in range(6):
        bits.golomb()
    if bits.flag() and bits.flag():
        _scaling_lists(bits)
    bits.skip(2)
    if bits.flag():
        bits.skip(8)
        bits.golomb()
        bits.golomb()
        bits.skip(1)
    _reference_sets(bits)
    if bits.flag():
        for _ in range(bits.golomb(32)):
            bits.skip(order_bits + 1)
    bits.skip(2)
    return _vui(bits) if bits.flag() else Vui()


def _scaling_lists(bits: Bits) -> None:
    """Pass over scaling_list_data() (7.3.4)."""
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not bits.flag():
                bits.golomb()
                continue
            if size > 1:
                bits.signed_golomb()
            for _ in range(min(64, 1 << (4 + (size << 1)))):
                bits.signed_golomb()


def _reference_sets(bits: Bits) -> None:
    """Pass over the st_ref_pic_set() of an SPS (7.3.7)."""
    pictures = 0
    for index in range(bits.golomb(64)):
        pictures = _predicted(bits, pictures) if index and bits.flag() else _listed(bits)


def _predicted(bits: Bits, pictures: int) -> int:
    """A set that is told by the one before, which has `pictures`: how many it has itself."""
    bits.skip(1)
    bits.golomb()
    kept = 0
    for _ in range(pictures + 1):
        kept += bits.flag() or bits.flag()
    return kept


def _listed(bits: Bits) -> int:
    pictures = bits.golomb(16) + bits.golomb(16)
    for _ in range(pictures):
        bits.golomb()
        bits.skip(1)
    return pictures


def _vui(bits: Bits) -> Vui:
    aspect = sample_aspect(bits)
    if bits.flag():
        bits.skip(1)
    is_full_range, transfer = signal_type(bits)
    if bits.flag():
        bits.golomb()
        bits.golomb()
    bits.skip(1)
    has_fields = bits.flag()
    bits.skip(1)
    if bits.flag():
        for _ in range(4):
            bits.golomb()
    return Vui(aspect, is_full_range, transfer, timing(bits, 1), has_fields)


def timing_of(unit: bytes) -> Fraction | None:
    """Pictures a second, as a VPS (with its NAL header) tells them (7.3.2.1); None where it is silent."""
    bits = Bits(plain(unit)[2:])
    bits.skip(12)
    layers = bits.unsigned(3)
    bits.skip(17)
    _profile(bits, layers)
    _buffering(bits, layers)
    highest = bits.unsigned(6)
    bits.skip(bits.golomb(1023) * (highest + 1))
    return timing(bits, 1)
