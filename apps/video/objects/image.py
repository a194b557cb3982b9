"""The pictures themselves: Image Pixel, Multi-frame, Cine and its sound (PS3.3 C.7.6.3, C.7.6.5, C.7.6.6)."""

from collections.abc import Mapping
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from apps.dicom.syntax import is_video
from apps.video.conversion.outcome import Stream
from apps.video.conversion.syntaxes import H264_HIGH_42_3D, H264_STEREO_42, HEVC_MAIN10_51
from apps.video.objects.metadata import Code
from apps.video.objects.presets import ULTRASOUND_MULTI_FRAME, Preset
from apps.video.objects.sequences import coded, item
from apps.video.objects.timing import frame_time, frame_time_vector

FRAME_TIME: Final = 0x00181063
FRAME_TIME_VECTOR: Final = 0x00181065
# CID 3000.
_ROOM: Final = Code("109112", "DCM", "Ambient room environment")
_DOPPLER: Final = Code("109113", "DCM", "Doppler audio")
_MONO: Final = 1


def syntax_root(transfer_syntax_uid: str) -> str:
    """The transfer syntax without what says that it comes in fragments."""
    return transfer_syntax_uid.removesuffix(".1")


def is_deep(stream: Stream) -> bool:
    """Whether samples have ten bits (PS3.5 8.2.11)."""
    return syntax_root(stream.plan.transfer_syntax_uid) == HEVC_MAIN10_51


def image(dataset: Dataset, stream: Stream, preset: Preset) -> None:
    """Write what PS3.5 8.2.1 and 8.2.5 to 8.2.11 ask of the attributes beside such a stream.

    Raises ValueError where the plan's intervals are more than Frame Time Vector holds: `decide` asks before.
    """
    _set(dataset, _pixels(stream))
    dataset.NumberOfFrames = stream.frames
    _set(dataset, _cine(stream))
    if is_video(stream.plan.transfer_syntax_uid):
        has_two_views = syntax_root(stream.plan.transfer_syntax_uid) in (H264_HIGH_42_3D, H264_STEREO_42)
        dataset.StereoPairsPresent = "YES" if has_two_views else "NO"
        dataset.MultiplexedAudioChannelsDescriptionCodeSequence = _channels(stream, preset)


def _set(dataset: Dataset, attributes: Mapping[str, Any]) -> None:
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)


def _pixels(stream: Stream) -> dict[str, Any]:
    allocated, stored = (16, 10) if is_deep(stream) else (8, 8)
    # Each frame of a JPEG is decoded by itself, to 4:2:2 as ever (PS3.5 8.2.1); a stream is 4:2:0 in limited range.
    colour = "YBR_PARTIAL_420" if is_video(stream.plan.transfer_syntax_uid) else "YBR_FULL_422"
    return {
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": colour,
        "PlanarConfiguration": 0,
        "Rows": stream.plan.rows,
        "Columns": stream.plan.columns,
        "BitsAllocated": allocated,
        "BitsStored": stored,
        "HighBit": stored - 1,
        "PixelRepresentation": 0,
    }


def _cine(stream: Stream) -> dict[str, Any]:
    rate = max(1, round(stream.plan.rate))
    return {
        **_times(stream),
        "CineRate": rate,
        "RecommendedDisplayFrameRate": rate,
        "EffectiveDuration": f"{stream.seconds:.3f}",
        "PreferredPlaybackSequencing": 0,
    }


def _times(stream: Stream) -> dict[str, Any]:
    if not stream.plan.intervals:
        return {"FrameIncrementPointer": FRAME_TIME, "FrameTime": frame_time(stream.plan.rate)}
    vector = frame_time_vector(stream.plan.intervals)
    if vector is None or len(vector) != stream.frames:
        raise ValueError("The intervals are not those of the frames, or more than an attribute holds.")
    return {"FrameIncrementPointer": FRAME_TIME_VECTOR, "FrameTimeVector": vector}


def _channels(stream: Stream, preset: Preset) -> Sequence:
    """Multiplexed Audio Channels Description Code Sequence (003A,0300): without items where there is no sound."""
    if stream.sound is None:
        return Sequence()
    _, _, channels = stream.sound
    source = _DOPPLER if preset.sop_class_uid == ULTRASOUND_MULTI_FRAME else _ROOM
    described = item(ChannelIdentificationCode=1, ChannelMode="MONO" if channels == _MONO else "STEREO")
    described.ChannelSourceSequence = coded(source)
    return Sequence([described])
