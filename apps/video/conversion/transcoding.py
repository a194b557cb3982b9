"""Encoding anew: what no transfer syntax holds as it is becomes H.264 High (or HEVC Main) in an MP4 file.

One thread decodes and filters (`supplying`), this one encodes, measures and writes. No more than some pictures are in
memory, however long the film. The file's moov box comes first, its groups are closed, nothing is told in it of where it
comes from.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

import av
from av import FFmpegError, Packet, VideoFrame
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from apps.saying import say
from apps.video.conversion.filtering import Filters, Looks
from apps.video.conversion.hardware import Encoder, acceleration, configure, encoders
from apps.video.conversion.outcome import Quality
from apps.video.conversion.plan import Plan
from apps.video.conversion.policy import Policy
from apps.video.conversion.quality import Meter, TooCoarse, refused, replaced, require
from apps.video.conversion.sounding import Sounder
from apps.video.conversion.supplying import Losses, Shown, Supply, pacer_for
from apps.video.errors import Code, Refused
from apps.video.streams import h264, hevc
from apps.video.streams.facts import Chroma, Probe, Scan
from apps.video.streams.heads import pictures_of
from apps.video.streams.opening import opened
from apps.video.streams.sei import has_user_data
from apps.video.streams.telling import Tell, quiet
from apps.video.streams.units import ANNEX_B

STAGE: Final = "transcode"
_MP4: Final = {"movflags": "+faststart", "fflags": "+bitexact"}


@dataclass(frozen=True, slots=True)
class Transcoded:
    """An MP4 file with a stream that was encoded anew."""

    file: Path
    size: int  # bytes
    frames: int
    lost: int  # pictures of the source that are missing or were made up in part
    encoder: str  # FFmpeg's name of it
    quality: Quality
    sound: tuple[str, int, int] | None  # codec, samples a second, channels


class Unfit(Exception):
    """The encoder doesn't do what it was told."""


@dataclass(frozen=True, slots=True)
class _Work:
    source: Path
    probe: Probe
    scan: Scan
    plan: Plan
    policy: Policy
    target: Path
    tell: Tell

    @property
    def expected(self) -> int:
        """About as many pictures as there will be."""
        is_paced = {"rate", "recover"} & set(self.plan.steps)
        return max(1, round(self.scan.timing.span * self.plan.rate)) if is_paced else self.scan.frames


def transcode(
    source: Path, probe: Probe, scan: Scan, plan: Plan, policy: Policy, target: Path, tell: Tell = quiet
) -> Transcoded:
    """Encode a file as the plan says, into the MP4 file `target`; a file that is not finished is removed.

    Raises `Refused`: DAMAGED where more is lost than the policy bears, QUALITY (with the figures) where even a second,
    finer attempt is too unlike the source.
    """
    work = _Work(source, probe, scan, plan, policy, target, tell)
    coarse: Quality | None = None
    for encoder in encoders(plan, policy):
        try:
            return _attempted(work, encoder)
        except TooCoarse as found:
            coarse = found.quality
        except (FFmpegError, Unfit):
            if not encoder.is_hardware:
                raise
    assert coarse is not None
    raise refused(coarse, policy)


def _attempted(work: _Work, encoder: Encoder) -> Transcoded:
    try:
        made = _encoded(work, encoder)
        require(made.quality, work.policy)
    except BaseException:
        work.target.unlink(missing_ok=True)
        raise
    return made


def _encoded(work: _Work, encoder: Encoder) -> Transcoded:
    with ExitStack() as stack:
        source = stack.enter_context(opened(work.source))
        filters = Filters(_looks(work), work.target.parent)
        supply = Supply(source, work.probe, work.plan, pacer_for(work.probe, work.scan, work.plan), filters)
        film = _Film(work, encoder, supply)
        stack.enter_context(supply)
        film.write()
    _refuse_losses(supply.losses, work)
    return Transcoded(
        file=work.target,
        size=work.target.stat().st_size,
        frames=film.frames,
        lost=supply.losses.lost(work.scan),
        encoder=encoder.name,
        quality=film.meter.finish(),
        sound=film.sound,
    )


def _refuse_losses(losses: Losses, work: _Work) -> None:
    lost, frames = losses.lost(work.scan), max(work.scan.frames - losses.skipped, 1)
    if not losses.decoded:
        raise Refused(Code.DAMAGED, say("No picture of the file can be decoded."))
    if lost > work.policy.max_lost * frames:
        raise Refused(
            Code.DAMAGED,
            say("{spoiled} of {frames} pictures are damaged: too many.", spoiled=lost, frames=frames),
        )


def _looks(work: _Work) -> Looks:
    wrapping, pictures = work.probe.wrapping, work.probe.pictures
    return Looks(
        columns=work.plan.columns,
        rows=work.plan.rows,
        rotation=wrapping.rotation,
        is_mirrored=wrapping.is_mirrored,
        is_interlaced="deinterlace" in work.plan.steps or pictures.is_interlaced,
        sample_aspect=pictures.sample_aspect,
        masks=work.policy.masks,
    )


class _Film:
    """The output: opened with the first picture, whose colours it is told."""

    def __init__(self, work: _Work, encoder: Encoder, supply: Supply) -> None:
        self._work, self._encoder, self._supply = work, encoder, supply
        self.frames = 0
        self.sound: tuple[str, int, int] | None = None
        self.meter = Meter(work.expected, work.plan.rate, (work.plan.columns, work.plan.rows))
        self._written = 0  # packets of pictures

    def write(self) -> None:
        """Take everything that the supply gives; raises `Unfit` if the stream says to be what it should not."""
        items = iter(self._supply)
        early, first = _until_picture(items)
        with av.open(str(self._work.target), "w", format="mp4", container_options=_MP4) as container:
            stream = self._stream(container, first.picture)
            sounder = self._sounder(container)
            container.start_encoding()
            _check_head(stream.codec_context, self._work.plan)
            for item in chain(early, [first], items):
                if isinstance(item, Shown):
                    self._encode(container, stream, item)
                elif sounder:
                    sounder.take(item)
            self._mux(container, stream, stream.encode(None))
            if sounder:
                sounder.finish()
                self.sound = sounder.told
        if self._written != self.frames:
            raise Unfit(f"{self.frames} pictures went in, {self._written} came out")

    def _stream(self, container: OutputContainer, picture: VideoFrame) -> VideoStream:
        plan, encoder = self._work.plan, self._encoder
        stream = container.add_stream(
            encoder.name, rate=plan.rate, options=dict(encoder.options), hwaccel=acceleration(encoder)
        )
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        configure(context, encoder, (plan.columns, plan.rows), plan.rate)
        if context.codec.canonical_name == "hevc":
            context.codec_tag = "hvc1"  # the name by which every player knows it
        context.colorspace, context.color_range = picture.colorspace, picture.color_range
        context.color_primaries, context.color_trc = picture.color_primaries, picture.color_trc
        return stream

    def _sounder(self, container: OutputContainer) -> Sounder | None:
        if self._supply.sound is None:
            return None
        return Sounder(container, self._supply.sound, self._work.plan.sound, self._supply.start or Fraction(0))

    def _encode(self, container: OutputContainer, stream: VideoStream, shown: Shown) -> None:
        for _ in range(shown.times):
            picture = shown.picture
            picture.pts, picture.time_base = self.frames, 1 / self._work.plan.rate
            picture.pict_type = PictureType.I if self.meter.begins(self.frames) else PictureType.NONE
            self.meter.picture(self.frames, picture)
            self.frames += 1
            self._mux(container, stream, stream.encode(picture))
        self._work.tell(STAGE, min(self.frames, self._work.expected), self._work.expected)

    def _mux(self, container: OutputContainer, stream: VideoStream, packets: list[Packet]) -> None:
        for packet in packets:
            self.meter.packet(packet, stream.codec_context)
            self._written += 1
            container.mux(self._cleaned(packet, stream) if packet.is_keyframe else packet)

    def _cleaned(self, packet: Packet, stream: VideoStream) -> Packet:
        """Without what the encoder tells of itself, which it does in key pictures."""
        codec = stream.codec_context.codec.canonical_name
        units = list(ANNEX_B.units(bytes(packet)))
        kept = [unit for unit in units if not _tells_more(unit, codec)]
        return replaced(packet, ANNEX_B.joined(kept)) if len(kept) < len(units) else packet


def _until_picture(items: Iterator[Shown | Packet]) -> tuple[list[Packet], Shown]:
    """The packets of sound before the first picture, and that; raises `Refused` (DAMAGED) if there is none."""
    early: list[Packet] = []
    for item in items:
        if isinstance(item, Shown):
            return early, item
        early.append(item)
    raise Refused(Code.DAMAGED, say("No picture of the file can be decoded."))


def _tells_more(unit: bytes, codec: str) -> bool:
    """Whether a NAL unit is SEI with user data."""
    if codec == "hevc":
        return hevc.kind_of(unit) == hevc.PREFIX_SEI and has_user_data(unit, 2)
    return unit[0] & 31 == h264.SEI and has_user_data(unit, 1)


def _check_head(context: VideoCodecContext, plan: Plan) -> None:
    """Whether the stream says to be of the plan's profile and size, and of no higher level; raises `Unfit`."""
    found = pictures_of(context.codec.canonical_name, context, [])
    told = found.profile, found.columns, found.rows, found.chroma, found.bits
    if told != (plan.profile, plan.columns, plan.rows, Chroma.HALF, 8) or found.level > plan.level:
        raise Unfit(f"profile {found.profile}, level {found.level}, {found.columns}x{found.rows}")
