"""Who encodes: x264 and x265 by default, an encoder of the machine's where one is found to work.

An encoder is believed in only when it has opened and given packets for a few pictures: that FFmpeg knows its name says
nothing of the machine. What it makes is verified as x264's is (profile and level of its SPS, windows of it decoded and
compared), and `transcoding` falls back to x264 where that fails.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import Final

import av
from av import FFmpegError, VideoFrame
from av.codec.context import Flags
from av.codec.hwaccel import HWAccel
from av.video.codeccontext import VideoCodecContext

from apps.video.conversion.plan import Plan
from apps.video.conversion.policy import Policy, Speed

_HEVC_SYNTAXES: Final = ("1.2.840.10008.1.2.4.107", "1.2.840.10008.1.2.4.108")
_GROUP_SECONDS: Final = 2
_TRIAL: Final = (640, 480)
_TRIAL_PICTURES: Final = 8
# Bits a second and of the buffer that High allows at each level (ISO/IEC 14496-10, table A-1, times 1.25).
_LARGEST_RATE: Final = {40: 25_000_000, 41: 62_500_000, 42: 62_500_000}
# More threads than these hold more pictures than the memory that a transcode may have.
_MOST_THREADS: Final = 8


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder by FFmpeg's name, with what it is told."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    tells_psnr: bool = False  # of every picture, with its packet
    pixel_format: str = "yuv420p"
    device: str = ""  # FFmpeg's name of the kind of device that pictures are loaded onto

    @property
    def is_hardware(self) -> bool:
        return not self.name.startswith("lib")


# x264's presets: `ultrafast` makes Constrained Baseline of High unless 8x8dct is asked for.
_X264: Final = {
    Speed.EXPRESS: {"preset": "ultrafast", "crf": "23"},
    Speed.STANDARD: {"preset": "superfast", "crf": "20"},
    Speed.FINE: {"preset": "veryfast", "crf": "18"},
}
_X265: Final = {
    Speed.EXPRESS: {"preset": "ultrafast", "crf": "22"},
    Speed.STANDARD: {"preset": "superfast", "crf": "20"},
    Speed.FINE: {"preset": "veryfast", "crf": "18"},
}
_FINER: Final = 8  # steps of crf, for a second attempt where the first was too coarse

# In the order in which they are tried, each with what keeps it to the profile and to a quality like x264's.
_MACHINES: Final = (
    Encoder(
        "h264_nvenc", {"preset": "p4", "rc": "vbr", "cq": "19", "forced-idr": "1", "profile": "high", "a53cc": "0"}
    ),
    Encoder(
        "h264_qsv", {"global_quality": "19", "forced_idr": "1", "profile": "high", "a53cc": "0"}, pixel_format="nv12"
    ),
    Encoder("h264_vaapi", {"rc_mode": "CQP", "qp": "19", "profile": "high", "sei": "0"}, device="vaapi"),
    Encoder("h264_amf", {"rc": "cqp", "qp_i": "19", "qp_p": "20", "forced_idr": "1", "profile": "high"}),
    Encoder("h264_v4l2m2m", {"b": "20000000"}),
)


def encoders(plan: Plan, policy: Policy) -> Iterator[Encoder]:
    """The encoders for a plan, the first to be tried first; the last ones are always there.

    A software encoder comes twice: the second time finer, for pictures that are hard to code.
    """
    if plan.transfer_syntax_uid.startswith(_HEVC_SYNTAXES):
        yield from (_x265(plan, policy, finer) for finer in (0, _FINER))
        return
    machine = machine_encoder() if policy.hardware else None
    if machine:
        yield replace(machine, options={**machine.options, "level": _dotted(plan.level)})
    yield from (_x264(plan, policy, finer) for finer in (0, _FINER))


@cache
def machine_encoder() -> Encoder | None:
    """The first H.264 encoder of this machine's that works; None where none does."""
    return next((encoder for encoder in _MACHINES if works(encoder)), None)


def works(encoder: Encoder) -> bool:
    """Whether the encoder opens, and makes packets of some pictures."""
    if encoder.name not in av.codec.codecs_available:
        return False
    packets = 0
    try:
        context = av.CodecContext.create(encoder.name, "w", hwaccel=acceleration(encoder))
        assert isinstance(context, VideoCodecContext)
        context.options = dict(encoder.options)
        configure(context, encoder, _TRIAL, Fraction(25))
        for number in range(_TRIAL_PICTURES):
            picture = VideoFrame(*_TRIAL, "yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 25)
            packets += len(context.encode(picture))
        packets += len(context.encode(None))
    except (FFmpegError, ValueError, NotImplementedError):  # whatever a driver that is missing or broken leads to
        return False
    return packets == _TRIAL_PICTURES


def acceleration(encoder: Encoder) -> HWAccel | None:
    """The device of an encoder that takes its pictures from one."""
    return HWAccel(encoder.device) if encoder.device else None


def configure(context: VideoCodecContext, encoder: Encoder, size: tuple[int, int], rate: Fraction) -> None:
    """Tell a context, before it opens, what it is to make: pictures of `size` (columns, rows) at `rate` a second.

    Groups are closed and last two seconds at most, so that a player finds its way and a clip can be cut.
    """
    context.width, context.height = size
    context.pix_fmt = encoder.pixel_format
    context.time_base, context.framerate = 1 / rate, rate
    context.gop_size = max(1, int(_GROUP_SECONDS * rate))
    context.flags |= Flags.global_header | Flags.closed_gop | (Flags.psnr if encoder.tells_psnr else 0)


def threads() -> int:
    """How many threads x264 may have: half as many again as cores, bounded."""
    return min(_MOST_THREADS, max(1, (os.cpu_count() or 1) * 3 // 2))


def _x264(plan: Plan, policy: Policy, finer: int) -> Encoder:
    largest = _LARGEST_RATE.get(plan.level, _LARGEST_RATE[41]) // 1000
    details = f"8x8dct=1:level={_dotted(plan.level)}:vbv-maxrate={largest}:vbv-bufsize={largest}:open-gop=0"
    preset = _X264[policy.speed]
    options = {
        "preset": preset["preset"],
        "crf": str(int(preset["crf"]) - finer),
        "profile": "high",
        "forced-idr": "1",
        "a53cc": "0",  # captions may be anything
        "x264-params": details,
        "threads": str(threads()),
    }
    return Encoder("libx264", options, tells_psnr=True)


def _x265(plan: Plan, policy: Policy, finer: int) -> Encoder:
    level = _dotted(plan.level // 3)  # general_level_idc is thirty times the level
    details = f"level-idc={level}:high-tier=0:open-gop=0:log-level=none:info=0:pools={threads()}:frame-threads=2"
    preset = _X265[policy.speed]
    options = {
        "preset": preset["preset"],
        "crf": str(int(preset["crf"]) - finer),
        "profile": "main",
        "forced-idr": "1",
        "a53cc": "0",
        "x265-params": details,
    }
    return Encoder("libx265", options)


def _dotted(level: int) -> str:
    """A level_idc as encoders read it: 41 is 4.1."""
    return f"{level // 10}.{level % 10}"
