"""The heads of streams: of real encoders' streams, and of some that are written bit by bit."""

from fractions import Fraction
from typing import Any

import pytest

from apps.video.errors import Refused
from apps.video.streams import h264, hevc, jpeg, mpeg2
from apps.video.streams.bits import Bits, Writer
from apps.video.streams.facts import Chroma, Pictures, Stereo
from apps.video.streams.probing import probe
from apps.video.streams.reading import H264Reader, Mpeg2Reader
from apps.video.streams.units import ANNEX_B, Head
from tests.video.clips import clip


def pictures(name: str, **asked: Any) -> Pictures:
    return probe(clip(name, frames=3, **asked)).pictures


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, (100, 13, Chroma.HALF, 8)),
        ({"options": {"profile": "main", "level": "4.0"}}, (77, 40, Chroma.HALF, 8)),
        ({"options": {"profile": "baseline", "level": "3.1"}}, (66, 31, Chroma.HALF, 8)),
        ({"pixel_format": "yuv422p"}, (122, 13, Chroma.WIDE, 8)),
        ({"pixel_format": "yuv444p10le"}, (244, 13, Chroma.FULL, 10)),
        ({"pixel_format": "yuv420p10le"}, (110, 13, Chroma.HALF, 10)),
        ({"pixel_format": "gray"}, (100, 13, Chroma.MONOCHROME, 8)),
    ],
)
@pytest.mark.parametrize("container", ["mp4", "ts"])
def test_h264_says_its_profile_and_colours(asked: dict[str, Any], expected: tuple[Any, ...], container: str) -> None:
    found = probe(clip(f"a.{container}", frames=12, **asked)).pictures
    assert (found.profile, found.level, found.chroma, found.bits) == expected


@pytest.mark.parametrize("size", [(320, 240), (322, 182), (1918, 1078), (16, 16)])
@pytest.mark.parametrize(("codec", "suffix"), [("libx264", "mp4"), ("libx265", "mkv"), ("mpeg2video", "mpg")])
def test_the_size_is_that_after_cropping(codec: str, suffix: str, size: tuple[int, int]) -> None:
    if codec == "libx265" and size == (16, 16):
        size = (64, 64)
    found = pictures(f"a.{suffix}", codec=codec, size=size, rate=25)
    assert (found.columns, found.rows) == size
    assert found.rate == 25


def test_the_size_of_interlaced_pictures_is_that_of_both_fields() -> None:
    found = pictures("a.mp4", size=(720, 484), interlaced=True)
    assert (found.columns, found.rows, found.is_interlaced) == (720, 484, True)


@pytest.mark.parametrize("aspect", [Fraction(16, 15), Fraction(8, 9), Fraction(7, 5)])
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_the_shape_of_pixels_is_the_streams(codec: str, aspect: Fraction) -> None:
    assert pictures("a.mp4", codec=codec, sample_aspect=aspect).sample_aspect == aspect


@pytest.mark.parametrize(
    ("size", "aspect", "told"), [((720, 576), Fraction(16, 15), 2), ((720, 576), Fraction(64, 45), 3)]
)
def test_mpeg2_tells_the_shape_of_the_picture(size: tuple[int, int], aspect: Fraction, told: int) -> None:
    path = clip("a.mpg", codec="mpeg2video", size=size, rate=25, frames=3, sample_aspect=aspect)
    sequence = mpeg2.sequence(path.read_bytes())
    assert sequence is not None
    assert (sequence.aspect_code, sequence.sample_aspect) == (told, aspect)


@pytest.mark.parametrize("is_interlaced", [True, False])
def test_mpeg2_is_interlaced_if_its_pictures_are(is_interlaced: bool) -> None:
    assert pictures("a.mpg", codec="mpeg2video", rate=25, interlaced=is_interlaced).is_interlaced is is_interlaced


@pytest.mark.parametrize(("form", "profile", "bits"), [("yuv420p", 1, 8), ("yuv420p10le", 2, 10)])
def test_hevc_says_its_profile_tier_and_depth(form: str, profile: int, bits: int) -> None:
    found = pictures("a.mp4", codec="libx265", pixel_format=form)
    assert (found.profile, found.constraints, found.bits, found.chroma) == (profile, 0, bits, Chroma.HALF)


def test_hevc_of_the_high_tier_says_so() -> None:
    options = {"x265-params": "log-level=none:level-idc=4:high-tier=1:vbv-maxrate=20000:vbv-bufsize=20000"}
    found = pictures("a.mp4", codec="libx265", options=options)
    assert (found.level, found.constraints) == (120, 1)


def test_hevc_with_scaling_lists_and_many_references_is_read() -> None:
    """Which stand between the size and the timing."""
    options = {"x265-params": "log-level=none:scaling-list=default:bframes=4:ref=5:keyint=30"}
    found = probe(clip("a.mp4", codec="libx265", frames=20, rate=24, options=options)).pictures
    assert found.rate == 24


def test_the_timing_may_stand_in_the_video_parameter_set() -> None:
    """H.265 7.3.2.1: two sub-layers' buffers, one layer set, and then the timing."""
    written = Writer()
    written.unsigned(0x4001, 16)
    written.unsigned(0b0000_11_000000_001_1, 16)  # identifier, base layer, layers, one sub-layer more, nesting
    written.unsigned(0xFFFF, 16)
    written.unsigned(1, 8)  # profile space, tier, profile
    for width in (32, 48):
        written.unsigned(0, width)
    written.unsigned(93, 8)
    written.unsigned(0b11, 2)  # the sub-layer has a profile and a level
    written.unsigned(0, 14)
    for width in (64, 24, 8):
        written.unsigned(0, width)
    written.unsigned(1, 1)
    for _ in range(6):
        written.golomb(4)
    written.unsigned(0, 6)
    written.golomb(0)
    written.unsigned(1, 1)
    written.unsigned(1001, 32)
    written.unsigned(60_000, 32)
    assert hevc.timing_of(written.bytes()) == Fraction(60_000, 1001)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_high_dynamic_range_is_recognised(transfer: str) -> None:
    options = {"x265-params": f"log-level=none:transfer={transfer}"}
    assert pictures("a.mp4", codec="libx265", pixel_format="yuv420p10le", options=options).is_high_dynamic_range


def test_full_range_is_recognised() -> None:
    assert pictures("a.mp4", pixel_format="yuvj420p").is_full_range
    assert not pictures("a.mp4").is_full_range


@pytest.mark.parametrize(("codec", "params"), [("libx264", "x264-params"), ("libx265", "x265-params")])
def test_views_that_are_packed_into_a_frame_are_recognised(codec: str, params: str) -> None:
    options = {params: "frame-packing=3"} if codec == "libx264" else {}
    found = pictures("a.mp4", codec=codec, options=options, user_data=True)
    assert found.stereo is (Stereo.FRAME_PACKED if codec == "libx264" else None)


def test_a_second_view_is_recognised() -> None:
    """By its subset SPS, whose kind is 15 and whose profile is Stereo High."""
    from apps.video.streams.heads import pictures_of

    data = clip("a.h264", frames=3).read_bytes()
    base = next(unit for unit in ANNEX_B.units(data) if unit[0] & 31 == h264.SPS)
    subset = b"\x6f\x80" + base[2:]

    class Context:
        extradata = ANNEX_B.joined([base, subset])
        field_order = 1

    assert pictures_of("h264", Context(), []).stereo is Stereo.MULTIVIEW  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "chroma"),
    [("yuvj420p", Chroma.HALF), ("yuvj422p", Chroma.WIDE), ("yuvj444p", Chroma.FULL)],
)
def test_a_jpeg_says_how_it_is_sampled(form: str, chroma: Chroma) -> None:
    found = pictures("a.avi", codec="mjpeg", pixel_format=form)
    assert (found.profile, found.chroma, found.bits, found.is_full_range) == (jpeg.BASELINE, chroma, 8, True)


def test_two_fields_in_a_jpeg_stream_are_interlaced() -> None:
    """The container tells the rows of both, each JPEG those of one."""
    path = clip("a.avi", codec="mjpeg", frames=3, pixel_format="yuvj420p", size=(320, 120))
    data = path.read_bytes()
    double = path.with_name("fields.avi")
    # The rows in avih (the main header) and in the stream's format, a BITMAPINFOHEADER.
    double.write_bytes(data.replace((120).to_bytes(4, "little"), (240).to_bytes(4, "little")))
    found = probe(double).pictures
    assert (found.rows, found.is_interlaced) == (240, True)


@pytest.mark.parametrize("codec", ["libvpx-vp9", "libvpx"])
def test_of_other_codecs_the_decoder_tells_size_and_colours(codec: str) -> None:
    found = pictures("a.webm", codec=codec)
    assert (found.codec, found.columns, found.rows, found.chroma, found.bits) == (
        "vp9" if codec == "libvpx-vp9" else "vp8", 320, 240, Chroma.HALF, 8
    )  # fmt: skip


def test_a_broken_vui_says_nothing_and_breaks_nothing() -> None:
    unit = next(unit for unit in ANNEX_B.units(clip("a.h264", frames=3).read_bytes()) if unit[0] & 31 == h264.SPS)
    whole = h264.sequence(unit)
    cut = h264.sequence(unit[:-8])
    assert whole.vui.rate == 30
    assert (cut.vui.rate, cut.columns, cut.rows) == (None, 320, 240)


# Fields ---------------------------------------------------------------------------------------------------------------


def interlaced_sps() -> bytes:
    """Main@3, 64 x 64, fields or frames; frame_num has four bits, the order of pictures is that of decoding."""
    written = Writer()
    for byte in (0x67, 77, 0, 30):
        written.unsigned(byte, 8)
    for value in (0, 0, 2, 1):  # identifier, log2_max_frame_num - 4, pic_order_cnt_type, references
        written.golomb(value)
    written.unsigned(0, 1)
    written.golomb(3)
    written.golomb(1)
    written.unsigned(0b0_0_1_0_0_1, 6)  # fields, no MBAFF, direct inference, no cropping, no VUI; and the stop bit
    return written.bytes()


def field(which: str, number: int, first: int = 0) -> bytes:
    """A slice of a field, or of a frame (which "")."""
    written = Writer()
    written.unsigned(0x41, 8)
    for value in (first, 5, 0):
        written.golomb(value)
    written.unsigned(number, 4)
    written.unsigned(1 if which else 0, 1)
    if which:
        written.unsigned(which == "bottom", 1)
    written.unsigned(0xABCDE, 20)
    return written.bytes()


def begun(*packets: list[bytes]) -> list[bool]:
    reader = H264Reader(Head(ANNEX_B, (interlaced_sps(),)))
    return [reader.begins(memoryview(ANNEX_B.joined(packet))) for packet in packets]


def test_two_fields_in_two_packets_are_one_picture() -> None:
    top, bottom = field("top", 3), field("bottom", 3)
    assert begun([top], [bottom], [field("top", 4)], [field("bottom", 4)]) == [True, False, True, False]


def test_two_fields_in_a_packet_are_one_picture() -> None:
    assert begun([field("top", 3), field("bottom", 3)], [field("top", 4), field("bottom", 4)]) == [True, True]


def test_a_field_whose_other_one_is_missing_is_a_picture() -> None:
    assert begun([field("top", 3)], [field("top", 4)], [field("bottom", 4)]) == [True, True, False]


def test_further_slices_begin_nothing() -> None:
    assert begun([field("top", 3), field("top", 3, 8)], [field("bottom", 3), field("bottom", 3, 8)]) == [True, False]


def test_frames_and_fields_may_alternate() -> None:
    assert begun([field("", 1)], [field("bottom", 2)], [field("top", 2)], [field("", 3)]) == [True, True, False, True]


def mpeg2_picture(structure: int) -> bytes:
    extension = Writer()
    extension.unsigned(8, 4)
    extension.unsigned(0, 18)
    extension.unsigned(structure, 2)
    extension.unsigned(0, 16)
    return b"\0\0\1\0\0\x0a\x20\x88" + b"\0\0\1\xb5" + extension.bytes() + b"\0\0\1\1slice"


def test_fields_of_mpeg2_are_paired() -> None:
    reader = Mpeg2Reader()
    packets = [mpeg2_picture(1), mpeg2_picture(2), mpeg2_picture(3), mpeg2_picture(1) + mpeg2_picture(2)]
    assert [reader.begins(memoryview(packet)) for packet in packets] == [True, False, True, True]


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\x10\1"])
def test_a_jpeg_without_a_frame_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        jpeg.head(data)


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(Refused):
        mpeg2.sequence(b"\0\0\1\xb3" + bytes(8))


def test_bits_tell_how_many_are_left() -> None:
    bits = Bits(b"\xff\xff")
    bits.skip(3)
    assert bits.left == 13
