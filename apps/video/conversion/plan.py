"""What is to be done with a file: decided before anything is written, told to the person, kept with the object."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from apps.saying import Sentence


class Path(StrEnum):
    """How the object's stream is made, from the least to the most done to it."""

    PASSTHROUGH = "passthrough"  # the file's bytes
    REMUX = "remux"  # the stream's packets in a new MP4 (or MPEG-2 stream)
    RELABEL = "relabel"  # the packets, with an SPS that tells the truth
    WRAP_JPEG = "wrapJpeg"  # each JPEG a frame
    TRANSCODE = "transcode"

    @property
    def is_exact(self) -> bool:
        """Whether the decoded pictures are the file's own."""
        return self is not Path.TRANSCODE


class SoundPlan(StrEnum):
    NONE = "none"  # there is none, or it is left out
    COPY = "copy"
    ENCODE = "encode"  # AAC-LC, 48 kHz, two channels


@dataclass(frozen=True, slots=True)
class Plan:
    """`reasons` are sentences for the person: why this path and no lesser one."""

    path: Path
    transfer_syntax_uid: str
    columns: int
    rows: int
    rate: Fraction  # pictures a second of the object
    sound: SoundPlan
    reasons: tuple[Sentence, ...]
    intervals: tuple[float, ...] = ()  # FrameTimeVector, milliseconds; empty with a constant rate
    container: str = "mp4"  # or mpegts, mpegvideo (bare MPEG-2), jpeg
    profile: int = 0  # what an SPS is to say (RELABEL, TRANSCODE)
    level: int = 0
    is_lossy_again: bool = False
    steps: tuple[str, ...] = field(default=())  # TRANSCODE: some of `deciding.STEPS`, in that order
