"""What the head of a video stream says of its pictures, whichever codec it is of."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from apps.video.errors import Refused
from apps.video.streams import h264, hevc, jpeg, mpeg2, sei
from apps.video.streams.bits import damaged_head
from apps.video.streams.facts import Chroma, Pictures, Stereo
from apps.video.streams.units import Head, head_of

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from av.video.format import VideoFormat

Read = TypeVar("Read")

_PROGRESSIVE = 1  # AV_FIELD_PROGRESSIVE
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
_HALVES = {(8, 8): Chroma.HALF, (8, 16): Chroma.WIDE, (16, 16): Chroma.FULL}  # of sixteen pixels
_MULTIVIEW = frozenset({h264.MULTIVIEW_HIGH, h264.STEREO_HIGH})


def pictures_of(codec: str, context: "VideoCodecContext", packets: list[bytes]) -> Pictures:
    """Read the head of a stream: of its extra data, and of the first packets where it has none.

    Raises `Refused` (DAMAGED) where a codec whose head is known here has none that can be read.
    """
    extradata = context.extradata or b""
    if codec == "h264":
        return _of_h264(head_of(codec, extradata), packets, context.field_order == _PROGRESSIVE)
    if codec == "hevc":
        return _of_hevc(head_of(codec, extradata), packets)
    if codec in ("mpeg2video", "mpeg1video"):
        return _of_mpeg2(codec, [extradata, *packets])
    told = _of_context(codec, context)
    return _of_jpeg(packets, told) if codec == "mjpeg" else told


def _of_h264(head: Head, packets: list[bytes], is_progressive: bool) -> Pictures:
    units = [*head.units, *(unit for packet in packets for unit in head.framing.units(packet))]
    sps = h264_sequence(units)
    vui = sps.vui
    return Pictures(
        codec="h264",
        profile=sps.profile,
        level=sps.level,
        constraints=sps.constraints,
        columns=sps.columns,
        rows=sps.rows,
        chroma=sps.chroma,
        bits=sps.bits,
        sample_aspect=vui.sample_aspect,
        is_interlaced=not sps.is_frames_only and not is_progressive,
        rate=vui.rate,
        references=max(sps.references, vui.buffered or 0),
        stereo=_stereo(units),
        is_full_range=vui.is_full_range,
        is_high_dynamic_range=vui.transfer in h264.HIGH_DYNAMIC_RANGE,
    )


def h264_sequence(units: Iterable[bytes]) -> h264.Sps:
    """The first SPS that can be read; raises `Refused` (DAMAGED) without one."""
    return _first((unit for unit in units if unit[0] & 31 == h264.SPS), h264.sequence)


def _stereo(units: list[bytes]) -> Stereo | None:
    """How two views are coded: by a subset SPS of Annex H, or packed into frames as SEI tells."""
    subsets = [unit for unit in units if unit[0] & 31 == h264.SUBSET_SPS and len(unit) > 4]
    if any(unit[1] in _MULTIVIEW for unit in subsets):
        return Stereo.MULTIVIEW
    return _packed((unit for unit in units if unit[0] & 31 == h264.SEI), 1)


def _packed(units: Iterable[bytes], header: int) -> Stereo | None:
    messages = (message for unit in units for message in sei.messages(unit, header))
    packed = any(kind == sei.FRAME_PACKING and sei.is_packed(body) for kind, body in messages)
    return Stereo.FRAME_PACKED if packed else None


def _first(units: Iterable[bytes], read: Callable[[bytes], Read]) -> Read:
    """What `read` makes of the first unit that it doesn't refuse: a damaged set may be followed by its repetition."""
    for unit in units:
        try:
            return read(unit)
        except Refused:
            continue
    raise damaged_head()


def _of_hevc(head: Head, packets: list[bytes]) -> Pictures:
    found = [*head.units, *(unit for packet in packets for unit in head.framing.units(packet))]
    units = [unit for unit in found if hevc.is_of_base_layer(unit)]
    sps = _first((unit for unit in units if hevc.kind_of(unit) == hevc.SPS), hevc.sequence)
    vui = sps.vui
    return Pictures(
        codec="hevc",
        profile=sps.profile,
        level=sps.level,
        constraints=sps.tier,
        columns=sps.columns,
        rows=sps.rows,
        chroma=sps.chroma,
        bits=sps.bits,
        sample_aspect=vui.sample_aspect,
        is_interlaced=sps.is_interlaced,
        rate=vui.rate or _hevc_rate(units),
        references=sps.references,
        stereo=_packed((unit for unit in units if hevc.kind_of(unit) == hevc.PREFIX_SEI), 2),
        is_full_range=vui.is_full_range,
        is_high_dynamic_range=vui.transfer in h264.HIGH_DYNAMIC_RANGE,
    )


def _hevc_rate(units: list[bytes]) -> Fraction | None:
    """The rate that the video parameter set tells; None where there is none, or none that can be read."""
    sets = [unit for unit in units if hevc.kind_of(unit) == hevc.VPS]
    try:
        return _first(sets, hevc.timing_of)
    except Refused:
        return None


def _of_mpeg2(codec: str, packets: list[bytes]) -> Pictures:
    sequence = _first((packet for packet in packets if packet), _mpeg2_sequence)
    pictures = [picture for packet in packets if (picture := mpeg2.picture(packet))]
    is_progressive = sequence.is_progressive or all(picture.is_progressive for picture in pictures)
    return Pictures(
        codec=codec,
        profile=sequence.profile,
        level=sequence.level,
        constraints=0,
        columns=sequence.columns,
        rows=sequence.rows,
        chroma=sequence.chroma,
        bits=8,
        sample_aspect=sequence.sample_aspect,
        is_interlaced=not is_progressive,
        rate=sequence.rate,
    )


def _mpeg2_sequence(packet: bytes) -> mpeg2.Sequence:
    sequence = mpeg2.sequence(packet)
    if sequence is None:
        raise damaged_head()
    return sequence


def _of_context(codec: str, context: "VideoCodecContext") -> Pictures:
    """What FFmpeg's decoder says, for codecs that never get into an object as they are."""
    if not context.width or not context.height or context.format is None:
        raise damaged_head()
    form = context.format
    return Pictures(
        codec=codec,
        profile=0,
        level=0,
        constraints=0,
        columns=context.width,
        rows=context.height,
        chroma=_chroma(form),
        bits=max(component.bits for component in form.components),
        sample_aspect=context.sample_aspect_ratio or Fraction(1),
        is_interlaced=context.field_order > _PROGRESSIVE,
        rate=None,
        is_full_range=context.color_range == _FULL_RANGE or form.name.startswith("yuvj"),
        is_high_dynamic_range=context.color_trc in h264.HIGH_DYNAMIC_RANGE,
    )


def _chroma(form: "VideoFormat") -> Chroma:
    if form.is_rgb or form.has_palette:
        return Chroma.OTHER
    if len(form.components) < 3:
        return Chroma.MONOCHROME
    return _HALVES.get((form.chroma_width(16), form.chroma_height(16)), Chroma.OTHER)


def _of_jpeg(packets: list[bytes], told: Pictures) -> Pictures:
    """Motion JPEG: `profile` is the SOF marker; a picture of half the rows is the first of two fields."""
    first = _first((packet for packet in packets if packet), jpeg.head)
    return replace(
        told,
        profile=first.process,
        chroma=first.chroma,
        bits=first.bits,
        columns=first.columns,
        rows=told.rows if first.rows * 2 == told.rows else first.rows,
        is_interlaced=first.rows * 2 == told.rows,
    )
