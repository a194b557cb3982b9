"""The heads of H.264 streams: sequence parameter sets, and the beginnings of slices.

Paragraphs are of ITU-T H.264 (08/2021).
"""

from dataclasses import dataclass
from fractions import Fraction

from apps.video.errors import Refused
from apps.video.streams.bits import Bits, damaged_head
from apps.video.streams.facts import Chroma
from apps.video.streams.units import plain

SLICE, PARTITION_A, IDR_SLICE, SEI, SPS, PPS, SUBSET_SPS = 1, 2, 5, 6, 7, 8, 15
HIGH, MULTIVIEW_HIGH, STEREO_HIGH = 100, 118, 128
# The profiles whose SPS tells the sampling of colour and the depth (7.3.2.1.1).
WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_CHROMA = (Chroma.MONOCHROME, Chroma.HALF, Chroma.WIDE, Chroma.FULL)
_CROP = {Chroma.HALF: (2, 2), Chroma.WIDE: (2, 1)}  # units of cropping (table 6-1)
_MOST_MACROBLOCKS = 1055  # across or down: the square root of eight times the largest frame (A.3.1)
_EXTENDED_ASPECT = 255
# The width of a sample over its height, by aspect_ratio_idc (table E-1); 0 says nothing.
ASPECTS = (
    (0, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11), (15, 11),
    (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
)  # fmt: skip
HIGH_DYNAMIC_RANGE = frozenset({16, 18})  # transfer_characteristics: PQ and HLG (table E-4)


@dataclass(frozen=True, slots=True)
class Vui:
    """Video usability information (E.1.1), as far as it matters here."""

    sample_aspect: Fraction = Fraction(1)
    is_full_range: bool = False
    transfer: int = 2  # transfer_characteristics; 2 is unspecified
    rate: Fraction | None = None  # pictures a second
    buffered: int | None = None  # max_dec_frame_buffering


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set (7.3.2.1.1)."""

    profile: int
    constraints: int  # the byte of constraint flags
    level: int
    number: int  # seq_parameter_set_id
    chroma: Chroma
    bits: int
    has_colour_planes: bool
    frame_number_bits: int
    references: int  # max_num_ref_frames
    macroblocks_across: int
    macroblocks_down: int
    is_frames_only: bool
    columns: int  # after cropping
    rows: int
    vui: Vui
    order_bits: int  # of pic_order_cnt_lsb in a slice's header; 0 where pic_order_cnt_type is another


def sequence(unit: bytes) -> Sps:
    """Read an SPS or a subset SPS, with its NAL header; raises `Refused` (DAMAGED) for what can't be one."""
    bits = Bits(plain(unit)[1:])
    profile, constraints, level = bits.unsigned(8), bits.unsigned(8), bits.unsigned(8)
    number = bits.golomb(31)
    chroma, depth, has_planes = _colours(bits) if profile in WITH_CHROMA else (Chroma.HALF, 8, False)
    frame_number_bits = bits.golomb(12) + 4
    order_bits = _picture_order(bits)
    references = bits.golomb(16)
    bits.skip(1)  # gaps_in_frame_num_value_allowed_flag
    across, down = bits.golomb(_MOST_MACROBLOCKS - 1) + 1, bits.golomb(_MOST_MACROBLOCKS - 1) + 1
    is_frames_only = bits.flag()
    bits.skip(1 if is_frames_only else 2)  # mb_adaptive_frame_field_flag, direct_8x8_inference_flag
    down *= 1 if is_frames_only else 2
    columns, rows = _cropped(bits, (across, down), chroma, is_frames_only)
    vui = _vui_or_none(bits) if bits.flag() else Vui()
    return Sps(
        profile, constraints, level, number, chroma, depth, has_planes, frame_number_bits, references, across, down,
        is_frames_only, columns, rows, vui, order_bits,
    )  # fmt: skip


def _colours(bits: Bits) -> tuple[Chroma, int, bool]:
    """The sampling of colour, the bits of a sample, and whether each colour is coded as a picture of its own."""
    chroma = _CHROMA[bits.golomb(3)]
    has_planes = chroma is Chroma.FULL and bits.flag()
    depth = max(bits.golomb(6), bits.golomb(6)) + 8
    bits.skip(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.flag():
        _scaling_lists(bits, 12 if chroma is Chroma.FULL else 8)
    return chroma, depth, has_planes


def _scaling_lists(bits: Bits, count: int) -> None:
    """Pass over scaling_list() (7.3.2.1.1.1)."""
    for index in range(count):
        if bits.flag():
            last = following = 8
            for _ in range(16 if index < 6 else 64):
                if following:
                    following = (last + bits.signed_golomb()) % 256
                last = following or last


def _picture_order(bits: Bits) -> int:
    """pic_order_cnt_type and what follows: how many bits of it each slice has, 0 where it has none."""
    kind = bits.golomb(2)
    if kind == 0:
        return bits.golomb(12) + 4
    if kind == 1:
        bits.skip(1)
        for _ in range(2):
            bits.signed_golomb()
        for _ in range(bits.golomb(255)):
            bits.signed_golomb()
    return 0


def _cropped(bits: Bits, macroblocks: tuple[int, int], chroma: Chroma, is_frames_only: bool) -> tuple[int, int]:
    columns, rows = macroblocks[0] * 16, macroblocks[1] * 16
    if bits.flag():
        left, right, top, bottom = (bits.golomb(16 * _MOST_MACROBLOCKS) for _ in range(4))
        across, down = _CROP.get(chroma, (1, 1))
        columns -= across * (left + right)
        rows -= down * (1 if is_frames_only else 2) * (top + bottom)
    if columns < 1 or rows < 1:
        raise damaged_head()
    return columns, rows


def _vui_or_none(bits: Bits) -> Vui:
    """VUI; where it breaks off, as some cameras' does, nothing is said: no decoder needs it to show the pictures."""
    try:
        return _vui(bits)
    except Refused:
        return Vui()


def _vui(bits: Bits) -> Vui:
    aspect = sample_aspect(bits)
    if bits.flag():
        bits.skip(1)  # overscan_appropriate_flag
    is_full_range, transfer = signal_type(bits)
    if bits.flag():
        bits.golomb(5)
        bits.golomb(5)
    rate = timing(bits, 2)
    return Vui(aspect, is_full_range, transfer, rate, _buffered(bits))


def sample_aspect(bits: Bits) -> Fraction:
    """aspect_ratio_info_present_flag and what follows (E.1.1): 1 where nothing is said, or nonsense."""
    if not bits.flag():
        return Fraction(1)
    index = bits.unsigned(8)
    if index == _EXTENDED_ASPECT:
        across, down = bits.unsigned(16), bits.unsigned(16)
    else:
        across, down = ASPECTS[index] if index < len(ASPECTS) else (0, 1)
    return Fraction(across, down) if across and down else Fraction(1)


def signal_type(bits: Bits) -> tuple[bool, int]:
    """video_signal_type_present_flag and what follows (E.1.1): the range, and the transfer characteristics."""
    if not bits.flag():
        return False, 2
    bits.skip(3)
    is_full_range = bits.flag()
    if not bits.flag():
        return is_full_range, 2
    _, transfer, _ = (bits.unsigned(8) for _ in range(3))
    return is_full_range, transfer


def timing(bits: Bits, ticks: int) -> Fraction | None:
    """timing_info_present_flag and what follows (E.1.1), where a picture lasts `ticks` ticks: pictures a second."""
    if not bits.flag():
        return None
    units, scale = bits.unsigned(32), bits.unsigned(32)
    bits.skip(1 if ticks == 2 else 0)  # fixed_frame_rate_flag
    return Fraction(scale, units * ticks) if units and scale else None


def _buffered(bits: Bits) -> int | None:
    """max_dec_frame_buffering, which is the last thing in the VUI; None where nothing is said."""
    has_nal, has_vcl = _hrd(bits), _hrd(bits)
    bits.skip(2 if has_nal or has_vcl else 1)  # low_delay_hrd_flag, pic_struct_present_flag
    if not bits.flag():
        return None
    bits.skip(1)
    for _ in range(5):
        bits.golomb()
    return bits.golomb(16)


def _hrd(bits: Bits) -> bool:
    """Pass over hrd_parameters() (E.1.2) where there are any."""
    if not bits.flag():
        return False
    count = bits.golomb(31) + 1
    bits.skip(8)
    for _ in range(count):
        bits.golomb()
        bits.golomb()
        bits.skip(1)
    bits.skip(20)
    return True


@dataclass(frozen=True, slots=True)
class Slice:
    """The beginning of a slice's header (7.3.3)."""

    first_macroblock: int
    frame_number: int
    field: str  # "" for a frame, else top or bottom


def slice_head(unit: bytes, sps: Sps) -> Slice:
    """Read the beginning of a slice (of its first bytes, with its NAL header); raises `Refused` (DAMAGED)."""
    bits = Bits(plain(unit[:40])[1:])
    first = bits.golomb()
    bits.golomb(9)
    bits.golomb(255)
    bits.skip(2 if sps.has_colour_planes else 0)
    frame_number = bits.unsigned(sps.frame_number_bits)
    field = ("bottom" if bits.flag() else "top") if not sps.is_frames_only and bits.flag() else ""
    return Slice(first, frame_number, field)
