"""What is known of a video file: by its container, by the head of its stream, and by reading every packet of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class Chroma(StrEnum):
    """How the colour is sampled."""

    MONOCHROME = "4:0:0"
    HALF = "4:2:0"
    WIDE = "4:2:2"
    FULL = "4:4:4"
    OTHER = "other"


class Stereo(StrEnum):
    """How two views are held in one stream."""

    FRAME_PACKED = "framePacked"
    MULTIVIEW = "multiview"


class EditList(StrEnum):
    """What an MP4's edit list does to the pictures."""

    NONE = "none"
    AT_KEYFRAME = "atKeyframe"
    MID_GROUP = "midGroup"


@dataclass(frozen=True, slots=True)
class Pictures:
    """The video stream, as its own head says (SPS, VPS, sequence header), not as the container claims."""

    codec: str  # FFmpeg's name: h264, hevc, mpeg2video, mjpeg, …
    profile: int  # profile_idc; 0 where the codec has none
    level: int  # level_idc as declared: 41 for H.264's 4.1, 153 for HEVC's 5.1, MPEG-2's level code
    constraints: int  # H.264: the byte of constraint flags; HEVC: the tier (0 Main, 1 High)
    columns: int  # after cropping, before rotation and before pixels are squared
    rows: int
    chroma: Chroma
    bits: int  # of a sample
    sample_aspect: Fraction  # width of a pixel over its height; 1 where nothing is said
    is_interlaced: bool
    rate: Fraction | None  # pictures a second by the stream's own timing; None where it is silent
    references: int = 0
    stereo: Stereo | None = None
    is_full_range: bool = False
    is_high_dynamic_range: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """One audio stream."""

    codec: str  # FFmpeg's name: aac, mp3, mp2, ac3, pcm_s16le, …
    rate: int  # samples a second
    channels: int
    bit_rate: int | None
    profile: str = ""  # AAC: LC, HE-AAC, …


@dataclass(frozen=True, slots=True)
class Wrapping:
    """The container."""

    format: str  # mp4 (MOV too), matroska, mpegts, mpeg, avi, h264, hevc, mpegvideo, asf, …
    size: int  # bytes of the file
    duration: Fraction | None  # seconds, as claimed
    is_head_first: bool  # MP4: moov before mdat
    is_fragmented: bool  # MP4 with moof boxes
    edit_list: EditList
    rotation: int  # degrees clockwise to show it upright: 0, 90, 180, 270
    is_mirrored: bool
    other_streams: int  # data, subtitles, timecode, attachments, second videos
    metadata: tuple[str, ...]  # names of what the container tells besides (never values: they may be personal)
    brand: str = ""  # of an MP4: its major brand, four characters; "qt  " is QuickTime's


@dataclass(frozen=True, slots=True)
class Probe:
    """A file that was opened: what it seems to be before all of it is read."""

    wrapping: Wrapping
    pictures: Pictures
    stream: int  # the index of the video stream
    sounds: tuple[Sound, ...] = ()
    sound_stream: int | None = None  # the index of the first sound


@dataclass(frozen=True, slots=True)
class Timing:
    """When the pictures are shown."""

    rate: Fraction  # pictures a second: the constant rate, or the mean of a varying one
    is_constant: bool
    start: Fraction  # seconds of the first picture
    span: Fraction  # seconds from the first picture's start to the last one's end
    intervals: tuple[float, ...] = ()  # milliseconds between pictures, first 0.0 (C.7.6.5); only if not constant


@dataclass(frozen=True, slots=True)
class Scan:
    """A file whose packets have all been read, none decoded (or all, where something seemed wrong)."""

    packets: int  # of pictures; without empty ones
    frames: int  # coded pictures (two fields are one)
    timing: Timing
    key_times: tuple[Fraction, ...]  # seconds since the first picture, of pictures at which decoding can begin
    bytes: int  # of the pictures' packets
    peak_bits: int  # most bits in any one second
    longest_group: int  # pictures from one key picture to the next
    corrupt_packets: int = 0
    is_short: bool = False  # much less is there than the container claims
    has_user_data: bool = False  # SEI user data, or MPEG-2 user data
    has_parameter_changes: bool = False  # more than one SPS: size or profile changes on the way
    needed_level: int = 0  # H.264: the lowest level_idc whose limits it keeps
    notes: tuple[str, ...] = field(default=())
    # The pts of each of the pictures' packets as they come, in the stream's time base; empty where one has none.
    shown: Sequence[int] = ()
