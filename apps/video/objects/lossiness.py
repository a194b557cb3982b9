"""What was lost and what was done: Image Type, Lossy Image Compression, derivation (PS3.3 C.7.6.1.1.2, C.7.6.1.1.5)."""

from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from apps.video.conversion.outcome import Stream
from apps.video.conversion.plan import Path
from apps.video.conversion.syntaxes import JPEG_BASELINE
from apps.video.objects.image import is_deep, syntax_root
from apps.video.objects.metadata import Code, Metadata
from apps.video.objects.sequences import coded
from apps.video.streams.facts import Chroma

_MPEG2: Final = "ISO_13818_2"
_H264: Final = "ISO_14496_10"
_HEVC: Final = "ISO_23008_2"
_JPEG: Final = "ISO_10918_1"
_METHOD_OF_SYNTAX: Final = {"50": _JPEG, "100": _MPEG2, "101": _MPEG2, "107": _HEVC, "108": _HEVC}
# The defined terms, by FFmpeg's names; other codecs are called by their own.
_METHOD_OF_CODEC: Final = {"mpeg2video": _MPEG2, "h264": _H264, "hevc": _HEVC, "mjpeg": _JPEG}
_NAME_OF_METHOD: Final = {_MPEG2: "MPEG-2", _H264: "H.264", _HEVC: "HEVC", _JPEG: "JPEG"}
_LOSSLESS: Final = frozenset(
    {"apng", "ffv1", "ffvhuff", "gif", "huffyuv", "png", "qtrle", "rawvideo", "utvideo", "v210", "v410"}
)
# Samples of a pixel, luminance and colour together.
_SAMPLES: Final = {Chroma.MONOCHROME: 1.0, Chroma.HALF: 1.5, Chroma.WIDE: 2.0}
_ALL_SAMPLES: Final = 3.0
_LONGEST_METHOD: Final = 16
_LOSSY: Final = Code("113040", "DCM", "Lossy Compression")  # CID 7203
_RESAMPLED: Final = Code("113085", "DCM", "Spatial resampling")
# What a plan's steps did, in the words of Derivation Description.
_DONE: Final = {
    "rotate": "turned upright",
    "square": "pixels made square",
    "deinterlace": "fields made whole pictures",
    "scale": "scaled to {columns} x {rows}",
    "rate": "made {rate:.3f} pictures a second",
    "mask": "fixed places painted over",
    "420": "colour sampled 4:2:0 with 8 bits",
    "recover": "recovered from a damaged file",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A lossy compression that the pictures went through: how, and bytes before over bytes after."""

    method: str
    ratio: float


def lossiness(dataset: Dataset, metadata: Metadata, stream: Stream) -> None:
    """Say how often and how much the pictures were compressed, and how they came to be."""
    is_derived = not stream.plan.path.is_exact or any(each.is_source for each in metadata.references)
    dataset.ImageType = ["DERIVED" if is_derived else "ORIGINAL", "PRIMARY"]
    steps = _compressions(stream)
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionRatio = [f"{each.ratio:.2f}" for each in steps]
    dataset.LossyImageCompressionMethod = [each.method for each in steps]
    if is_derived:
        dataset.DerivationDescription = _derivation(metadata, stream)
    if not stream.plan.path.is_exact:
        is_resampled = {"scale", "square"} & set(stream.plan.steps)
        dataset.DerivationCodeSequence = coded(_LOSSY, *([_RESAMPLED] if is_resampled else []))
    if comments := "\n".join(filter(None, (metadata.comments, _losses(stream)))):
        dataset.ImageComments = comments


def _compressions(stream: Stream) -> list[Step]:
    made = Step(_method(stream), _ratio(_bytes(stream), stream.size))
    before = _before(stream)
    return [made] if stream.plan.path is not Path.TRANSCODE or before is None else [before, made]


def _method(stream: Stream) -> str:
    profile = syntax_root(stream.plan.transfer_syntax_uid).rpartition(".")[2]
    return _METHOD_OF_SYNTAX.get(profile, _H264)


def _before(stream: Stream) -> Step | None:
    """The compression of the source; None where it had none or it is not known."""
    if stream.probe is None or stream.probe.pictures.codec in _LOSSLESS:
        return None
    pictures = stream.probe.pictures
    samples = _SAMPLES.get(pictures.chroma, _ALL_SAMPLES)
    size = pictures.columns * pictures.rows * samples * (2 if pictures.bits > 8 else 1) * stream.frames
    method = _METHOD_OF_CODEC.get(pictures.codec, pictures.codec.upper()[:_LONGEST_METHOD])
    return Step(method, _ratio(size, stream.source_bytes))


def _bytes(stream: Stream) -> float:
    """Bytes of the pictures as they are decoded: 4:2:0, of JPEG 4:2:2."""
    samples = _SAMPLES[Chroma.WIDE if stream.plan.transfer_syntax_uid == JPEG_BASELINE else Chroma.HALF]
    return stream.plan.columns * stream.plan.rows * samples * stream.frames * (2 if is_deep(stream) else 1)


def _ratio(before: float, after: int) -> float:
    return max(0.01, before / max(after, 1))


def _derivation(metadata: Metadata, stream: Stream) -> str:
    return (
        " ".join(filter(None, (metadata.derivation, _encoding(stream), _losses(stream)))) or "A part of another video."
    )


def _encoding(stream: Stream) -> str:
    if stream.plan.path.is_exact:
        return ""
    plan = stream.plan
    values = {"columns": plan.columns, "rows": plan.rows, "rate": float(plan.rate)}
    done = [_DONE[each].format(**values) for each in plan.steps if each in _DONE]
    return f"Encoded anew as {_NAME_OF_METHOD[_method(stream)]}{': ' if done else ''}{', '.join(done)}."


def _losses(stream: Stream) -> str:
    if not stream.lost_frames:
        return ""
    return f"The file was damaged: of {stream.frames + stream.lost_frames} pictures {stream.lost_frames} are missing."
