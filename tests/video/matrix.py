"""The films that a conversion is judged by: 25 cases, some of which are several files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from apps.video.conversion.plan import Path as Way
from apps.video.conversion.policy import Hevc, Policy
from apps.video.errors import Code
from tests.video.clips import Sounding, clip, copied, folder, photograph, sound_only, written


@dataclass(frozen=True)
class Case:
    """One case of the matrix: a file, what is wished for, and what must come of it.

    A case is refused with `refusal`, or becomes an object with the rest; `frames` 0: as many as are decoded of it.
    """

    number: int
    name: str
    make: Callable[[], Path]
    way: Way | None = None
    syntax: str = "102"  # after 1.2.840.10008.1.2.4.
    size: tuple[int, int] = (320, 240)
    rate: Fraction = Fraction(30)
    frames: int = 0
    sound: str | None = None  # the codec in the object
    refusal: Code | None = None
    policy: Policy = field(default_factory=Policy)
    is_recovered: bool = False

    @property
    def transfer_syntax_uid(self) -> str:
        return "1.2.840.10008.1.2.4." + self.syntax

    def __str__(self) -> str:
        return f"{self.number}-{self.name}"


_HD, _FULL_HD, _PAL = (1280, 720), (1920, 1080), (720, 576)
_HIGH41 = {"level": "4.1"}


def matrix() -> list[Case]:
    """The 25 cases, some of which are several files."""
    return [*_wrapped(), *_relabelled(), *_other_syntaxes(), *_transcoded(), *_bad()]


def _wrapped() -> list[Case]:
    high = {"seconds": 1, "options": _HIGH41}
    hd = {"size": _HD, "frames": 12, "options": _HIGH41}
    return [
        Case(1, "faststart", lambda: clip("1.mp4", **hd), Way.PASSTHROUGH, size=_HD, frames=12),
        Case(2, "moov-last", lambda: clip("2.mp4", **high, head_first=False), Way.REMUX, frames=30),
        Case(3, "matroska", lambda: clip("3.mkv", **high), Way.REMUX, frames=30),
        Case(4, "transport-stream", lambda: clip("4.ts", **high), Way.REMUX, frames=30),
        Case(5, "avi", lambda: clip("5.avi", **high, sound=Sounding("pcm_s16le")), Way.REMUX, frames=30),
        Case(6, "raw", lambda: clip("6.h264", **high), Way.REMUX, frames=30),
        Case(6, "raw-silent", silent_raw, refusal=Code.NO_FRAME_RATE),
        Case(6, "raw-told", silent_raw, Way.REMUX, frames=30, policy=Policy(rate=Fraction(30))),
        Case(10, "1080p60", full_hd_60, Way.PASSTHROUGH, "104", _FULL_HD, Fraction(60), 6),
        Case(11, "1080p25", full_hd_25, Way.PASSTHROUGH, "102", _FULL_HD, Fraction(25), 6),
    ]


def full_hd_60() -> Path:
    return clip("10.mp4", size=_FULL_HD, rate=60, frames=6, options={"level": "4.2"})


def full_hd_25() -> Path:
    return clip("11.mp4", size=_FULL_HD, rate=25, frames=6, options=_HIGH41)


def _relabelled() -> list[Case]:
    main = {"profile": "main", "level": "4.0"}
    baseline = {"profile": "baseline", "level": "3.0"}
    high51 = {"level": "5.1"}
    return [
        Case(7, "main", lambda: clip("7.mp4", seconds=1, options=main), Way.RELABEL, frames=30),
        Case(8, "baseline", lambda: clip("8.mp4", seconds=1, options=baseline), Way.RELABEL, frames=30),
        Case(
            9,
            "level-5.1",
            lambda: clip("9.mp4", size=_HD, frames=12, options=high51),
            Way.RELABEL,
            size=_HD,
            frames=12,
        ),
    ]


def _other_syntaxes() -> list[Case]:
    hd = {"codec": "mpeg2video", "size": _HD, "rate": 25, "frames": 15, "sample_aspect": Fraction(1)}
    return [
        Case(12, "hevc", hevc, Way.REMUX, "107", frames=15),
        Case(12, "hevc-to-h264", hevc, Way.TRANSCODE, "102", frames=15, policy=Policy(hevc=Hevc.H264)),
        Case(13, "hevc-main10", hevc10, Way.REMUX, "108", frames=15),
        Case(14, "mpeg2-720p", lambda: clip("14.mpg", **hd), Way.REMUX, "101", _HD, Fraction(25), 15),
        Case(15, "mpeg2-576i", mpeg2_pal, Way.REMUX, "100", _PAL, Fraction(25), 15),
        Case(18, "mjpeg", mjpeg, Way.WRAP_JPEG, "50", frames=15),
    ]


def hevc() -> Path:
    return clip("12.mp4", codec="libx265", frames=15)


def hevc10() -> Path:
    return clip("13.mp4", codec="libx265", frames=15, pixel_format="yuv420p10le")


def mpeg2_pal() -> Path:
    wide = Fraction(16, 15)
    return clip("15.mpg", codec="mpeg2video", size=_PAL, rate=25, frames=15, sample_aspect=wide, interlaced=True)


def mjpeg() -> Path:
    return clip("18.avi", codec="mjpeg", frames=15, pixel_format="yuvj420p")


def _transcoded() -> list[Case]:
    way = Way.TRANSCODE
    return [
        Case(16, "mpeg2-1440", mpeg2_1440, way, "102", _FULL_HD, Fraction(25), 6),
        Case(17, "vp9", vp9, way, frames=15),
        Case(19, "prores", prores, way, frames=10),
        Case(20, "phone", phone, way, size=(240, 320)),
        Case(21, "anamorphic", anamorphic, way, size=(768, 576), rate=Fraction(25), frames=10),
        Case(22, "full-colour", full_colour, way, frames=15),
        Case(23, "4k", four_k, way, size=_FULL_HD, frames=3),
    ]


def mpeg2_1440() -> Path:
    return clip("16.mpg", codec="mpeg2video", size=(1440, 1080), rate=25, frames=6, sample_aspect=Fraction(4, 3))


def vp9() -> Path:
    return clip("17.webm", codec="libvpx-vp9", frames=15, sound=Sounding("libopus"))


def prores() -> Path:
    return clip("19.mov", codec="prores_ks", frames=10, pixel_format="yuv422p10le")


def phone() -> Path:
    """A telephone's: pictures at varying intervals, on its side, mono sound at 44.1 kHz."""
    return clip(
        "20.mov", seconds=1, varying=True, rotation=90, sound=Sounding("aac", 44100, "mono"), metadata=PHONE_METADATA
    )


PHONE_METADATA = {"title": "Mustermann", "com.apple.quicktime.make": "Apple", "location": "+47.37+008.54/"}


def anamorphic() -> Path:
    return clip("21.mp4", size=_PAL, rate=25, frames=10, sample_aspect=Fraction(16, 15))


def full_colour() -> Path:
    return clip("22.mp4", frames=15, pixel_format="yuv444p")


def four_k() -> Path:
    return clip("23.mp4", size=(3840, 2160), frames=3, options={"preset": "ultrafast", "x264-params": "8x8dct=1"})


def silent_raw() -> Path:
    """A bare H.264 stream without VUI timing."""
    path = folder() / "silent.h264"
    if not path.exists():
        path.write_bytes(without_timing(clip("6.h264", seconds=1, options=_HIGH41).read_bytes()))
    return path


def without_timing(stream: bytes) -> bytes:
    """An Annex B stream of H.264 at 30 pictures a second, whose SPS no longer says so (timing_info_present_flag 0)."""
    units = stream.split(b"\0\0\1")
    return b"\0\0\1".join(_untimed(unit) if unit[:1] and unit[0] & 31 == 7 else unit for unit in units)


def _untimed(unit: bytes) -> bytes:
    """An SPS without `1 | num_units_in_tick 1 | time_scale 60 | fixed_frame_rate_flag`."""
    plain = unit.rstrip(b"\0").replace(b"\0\0\3", b"\0\0")
    bits = "".join(f"{byte:08b}" for byte in plain)
    timed = "1" + f"{1:032b}" + f"{60:032b}"
    before, after = bits.split(timed, 1)
    bits = before + "0" + after[1:]
    short = int(bits + "0" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), "big")
    return short.replace(b"\0\0", b"\0\0\3")


def truncated(share: float = 0.6) -> Path:
    """A faststart MP4 whose end is missing."""
    path = folder() / f"truncated-{share}.mp4"
    if not path.exists():
        copied(clip("24.mp4", seconds=2, options=_HIGH41), path, share=share)
    return path


def _bad() -> list[Case]:
    return [
        Case(24, "truncated", truncated, Way.TRANSCODE, is_recovered=True),
        Case(25, "empty", lambda: written("empty.mp4", b""), refusal=Code.EMPTY),
        Case(25, "text", lambda: written("text.mp4", b"Patient: none\n" * 100), refusal=Code.NOT_A_VIDEO),
        Case(25, "sound-only", sound_only, refusal=Code.NO_PICTURES),
        Case(25, "photograph", photograph, refusal=Code.NOT_A_VIDEO),
    ]
