"""What came of a conversion, as it is kept with the object and shown."""

from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from apps.video.conversion.plan import Plan
from apps.video.streams.facts import Probe


@dataclass(frozen=True, slots=True)
class Quality:
    """How like the source a transcoded stream is: of the encoder over all, of windows compared picture by picture."""

    mean_psnr: float  # decibels
    min_psnr: float
    ssim: float  # 0 to 1
    frames_compared: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found when the written object was opened again."""

    frames: int  # decoded from the object's own stream
    profile: int
    level: int
    columns: int
    rows: int
    rate: str  # numerator/denominator
    is_whole: bool  # all frames were decoded and compared; else windows of them
    quality: Quality | None
    lost_frames: int
    digest: str  # of the decoded frames: the same as the source's on exact paths; "" where it was not compared


@dataclass(frozen=True, slots=True)
class Stream:
    """The stream that is to be put into an object: a file of its own, or the source itself."""

    file: File
    size: int  # bytes, without padding
    frames: int
    plan: Plan
    spans: tuple[tuple[int, int], ...] = ()  # WRAP_JPEG: offset and length of each frame
    sound: tuple[str, int, int] | None = None  # codec, rate, channels of what is in it
    seconds: float = 0.0
    source_bytes: int = 0
    lost_frames: int = 0
    verification: Verification | None = None
    encoder: str = ""  # FFmpeg's name of what encoded it; "" on exact paths
    quality: Quality | None = None  # of a transcoded stream
    probe: Probe | None = None  # what the source was


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished object."""

    target: File
    stream: Stream
    verification: Verification
    sop_instance_uid: str
    encoder: str  # "" on exact paths

    def report(self) -> dict[str, Any]:
        """The verification report: JSON, small, without anything personal. Its names are part of the REST API."""
        stream, plan = self.stream, self.stream.plan
        return {
            "path": plan.path.value,
            "isExact": plan.path.is_exact,
            "transferSyntaxUid": plan.transfer_syntax_uid,
            "frames": stream.frames,
            "lostFrames": stream.lost_frames,
            "columns": plan.columns,
            "rows": plan.rows,
            "rate": f"{plan.rate.numerator}/{plan.rate.denominator}",
            "isConstantRate": not plan.intervals,
            "seconds": round(stream.seconds, 3),
            "bytes": stream.size,
            "sourceBytes": stream.source_bytes,
            "sound": _sound(stream.sound),
            "steps": list(plan.steps),
            "reasons": [str(reason) for reason in plan.reasons],
            "encoder": self.encoder,
            "verified": _verified(self.verification),
        }


def _sound(sound: tuple[str, int, int] | None) -> dict[str, Any] | None:
    if sound is None:
        return None
    codec, rate, channels = sound
    return {"codec": codec, "rate": rate, "channels": channels}


def _verified(found: Verification) -> dict[str, Any]:
    quality = found.quality
    return {
        "frames": found.frames,
        "profile": found.profile,
        "level": found.level,
        "columns": found.columns,
        "rows": found.rows,
        "rate": found.rate,
        "isWhole": found.is_whole,
        "lostFrames": found.lost_frames,
        "digest": found.digest,
        "quality": quality
        and {
            "meanPsnr": round(quality.mean_psnr, 2),
            "minPsnr": round(quality.min_psnr, 2),
            "ssim": round(quality.ssim, 4),
            "framesCompared": quality.frames_compared,
        },
    }
