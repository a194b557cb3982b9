"""What the person or the practice wants of a conversion."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from apps.video.errors import Code, Refused

__all__ = ["Code", "Hevc", "Interlace", "Mask", "Mjpeg", "Policy", "Refused", "Sound", "Speed", "Timing"]


class Sound(StrEnum):
    STRIP = "strip"
    KEEP = "keep"


class Hevc(StrEnum):
    KEEP = "keep"
    H264 = "h264"


class Mjpeg(StrEnum):
    KEEP = "keep"
    H264 = "h264"


class Interlace(StrEnum):
    KEEP = "keep"
    PROGRESSIVE = "progressive"


class Timing(StrEnum):
    CONSTANT = "constant"
    EXACT = "exact"


class Speed(StrEnum):
    """x264's presets that are offered: `express` is ultrafast with 8x8dct."""

    EXPRESS = "express"
    STANDARD = "standard"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Mask:
    """A rectangle that is painted black, in parts of the upright picture's width and height (0 to 1)."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Policy:
    """Defaults are what a hospital would choose."""

    sound: Sound = Sound.STRIP
    hevc: Hevc = Hevc.KEEP  # what is exact; browsers that can't play it are given a rendition
    mjpeg: Mjpeg = Mjpeg.KEEP
    interlace: Interlace = Interlace.KEEP
    timing: Timing = Timing.EXACT  # a FrameTimeVector where one fits (C.7.6.5), rather than other pictures
    speed: Speed = Speed.STANDARD
    keep_4k: bool = False  # HEVC for what is larger than H.264 4.2 holds; else it is scaled to 1080 lines
    rate: Fraction | None = None  # pictures a second for streams that say nothing
    masks: tuple[Mask, ...] = ()
    hardware: bool = True  # an encoder of the machine's where one is found
    max_lost: float = 0.2  # the share of frames that may be missing from a damaged file
    min_mean_psnr: float = 38.0  # decibels
    min_psnr: float = 34.0
    min_ssim: float = 0.95
    max_bytes: int = 64 << 30
    max_seconds: int = 12 * 3600  # of film
