"""The coded pictures in a new container, packet for packet: an MP4 file, an MPEG-2 transport or elementary stream.

Nothing else of the old container gets across: no metadata, no other tracks, no user data between the pictures. Memory
is the same for any length but for twelve bytes or so a picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path as File
from typing import Final

import av
from av import Packet
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from apps.video.conversion.cleansing import Cleaner, clean_head
from apps.video.conversion.ordering import order
from apps.video.conversion.plan import Path, Plan, SoundPlan
from apps.video.conversion.sounding import Sounder
from apps.video.conversion.timetable import Timetable, timetable
from apps.video.streams.facts import Probe, Scan
from apps.video.streams.opening import glanced, opened
from apps.video.streams.relabelling import Relabeller
from apps.video.streams.telling import Tell, quiet

STAGE: Final = "remux"
_EVERY: Final = 64  # packets between two words of progress
_NUMBERLESS: Final = ("avi", "h264", "hevc")  # formats without times that can be believed (or any)
_ROOM: Final = 28  # bytes of an MP4's head for each packet, more than were ever needed
_ROOM_AT_LEAST: Final = 1 << 16
_SOUNDS: Final = 100  # packets of sound a second, more than there are
_MOST_ROOM: Final = 1 << 30  # the muxer's own limit is 2^31 - 1
_DELAY: Final = 1_000_000  # microseconds of one track that wait for another: bounds what is in memory
_PLAIN: Final = {"fflags": "+bitexact", "max_interleave_delta": str(_DELAY)}  # bitexact: no name of the muxer, no date
_SEQUENCE: Final = b"\0\0\1\xb3"

Change = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Remuxed:
    """A stream in a file of its own."""

    size: int  # bytes
    frames: int
    left_out: int  # pictures that were before the first one at which decoding can begin
    sound: tuple[str, int, int] | None  # codec, samples a second, channels


@dataclass(frozen=True, slots=True)
class _Work:
    source: File
    probe: Probe
    scan: Scan
    plan: Plan
    target: File
    tell: Tell


def remux(source: File, probe: Probe, scan: Scan, plan: Plan, target: File, tell: Tell = quiet) -> Remuxed:
    """Write the stream of `source` as the file `target`, which the caller removes after an exception."""
    work = _Work(source, probe, scan, plan, target, tell)
    if plan.container == "mpegvideo":
        return _elementary(work)
    options = {"moov_size": str(_room(work))} if plan.container == "mp4" else {}
    try:
        return _muxed(work, options)
    except av.ArgumentError:
        if not options:
            raise
    # The head was larger than the room that was left for it: it is put first afterwards.
    return _muxed(work, {"movflags": "+faststart"})


def _room(work: _Work) -> int:
    """Bytes to leave for an MP4's head, which comes first: what is too much becomes a free box."""
    sounds = 0 if work.plan.sound is SoundPlan.NONE else int(work.scan.timing.span * _SOUNDS)
    return min(_ROOM_AT_LEAST + _ROOM * (work.scan.packets + sounds), _MOST_ROOM)


# Containers ----------------------------------------------------------------------------------------------------------


def _muxed(work: _Work, options: dict[str, str]) -> Remuxed:
    packets = _Pictures(work)
    # A sound that is encoded anew has to be known in full.
    open_source = glanced if work.plan.sound is SoundPlan.NONE else opened
    with open_source(work.source) as source:
        target = av.open(str(work.target), "w", format=work.plan.container, container_options=_PLAIN | options)
        # Closing is what fails when there was too little room.
        with target:
            sound = _copied(work, source, target, packets)
    return Remuxed(work.target.stat().st_size, packets.frames, packets.left_out, sound)


def _copied(
    work: _Work, source: InputContainer, target: OutputContainer, packets: "_Pictures"
) -> tuple[str, int, int] | None:
    pictures = source.streams[work.probe.stream]
    assert isinstance(pictures, VideoStream)
    stream = _stream(work, pictures, target)
    sounder = _sounder(work, source, target)
    wanted = [pictures, *([source.streams[_sound_index(work)]] if sounder else [])]
    change = _change(work, pictures)
    base = pictures.time_base or Fraction(1)
    target.start_encoding()
    for packet in source.demux(wanted):
        if packet.stream_index != pictures.index:
            if sounder:
                sounder.take(packet)
        elif packets.take(packet):
            made = _changed(packet, change)
            packets.time(made, base)
            made.stream = stream
            target.mux(made)
    if sounder:
        sounder.finish()
    return sounder.told if sounder else None


def _stream(work: _Work, source: VideoStream, target: OutputContainer) -> VideoStream:
    """The new track. Of HEVC it has the name that every player knows, of both kinds a head without user data."""
    stream = target.add_stream_from_template(source, opaque=True)
    context, codec = stream.codec_context, work.probe.pictures.codec
    if codec in ("h264", "hevc"):
        head = clean_head(codec, source.codec_context.extradata or b"")
        context.extradata = _relabeller(work, source).extradata(head) if work.plan.path is Path.RELABEL else head
    if codec == "hevc":
        context.codec_tag = "hvc1"
    is_anew = not work.plan.intervals and work.scan.packets == work.scan.frames  # as the timetable makes times
    stream.time_base = 1 / work.plan.rate if is_anew else source.time_base
    return stream


def _sounder(work: _Work, source: InputContainer, target: OutputContainer) -> Sounder | None:
    if work.plan.sound is SoundPlan.NONE:
        return None
    stream = source.streams[_sound_index(work)]
    assert isinstance(stream, av.AudioStream)
    return Sounder(target, stream, work.plan.sound, work.scan.timing.start)


def _sound_index(work: _Work) -> int:
    assert work.probe.sound_stream is not None
    return work.probe.sound_stream


def _change(work: _Work, stream: VideoStream) -> Change | None:
    """What is to be done to each packet's bytes; None if nothing is, and they need not be looked at."""
    codec, extradata = work.probe.pictures.codec, stream.codec_context.extradata or b""
    clean = Cleaner(codec, extradata).packet
    if work.plan.path is Path.RELABEL:
        relabelled = _relabeller(work, stream).packet
        return lambda data: relabelled(clean(data))
    return clean if work.scan.has_user_data or codec == "mpeg2video" else None


def _relabeller(work: _Work, stream: VideoStream) -> Relabeller:
    relabeller = Relabeller(work.plan.profile, work.plan.level)
    relabeller.extradata(stream.codec_context.extradata or b"")  # from which it knows how packets are framed
    return relabeller


def _changed(packet: Packet, change: Change | None) -> Packet:
    if change is None:
        return packet
    old = bytes(packet)
    new = change(old)
    if new is old:
        return packet
    made = Packet(new)
    made.is_keyframe = packet.is_keyframe
    return made


# Packets -------------------------------------------------------------------------------------------------------------


class _Pictures:
    """Chooses the packets of pictures that are written: not what is empty, hidden, or can't be decoded."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._seen = self._written = self._hidden = 0
        self._table: Timetable | None = None
        self.left_out = 0

    @property
    def frames(self) -> int:
        """Pictures written; each is one packet, or each is two."""
        scan = self._work.scan
        return scan.frames - (self._hidden + self.left_out) * scan.frames // scan.packets

    def take(self, packet: Packet) -> bool:
        """Whether a packet is to be written."""
        if not packet.size:
            return False
        self._seen += 1
        if packet.is_discard:
            self._hidden += 1
            return False
        if not self._written and not packet.is_keyframe:
            self.left_out += 1
            return False
        if self._written % _EVERY == 0:
            self._work.tell(STAGE, self._seen, self._work.scan.packets)
        self._written += 1
        return True

    def time(self, packet: Packet, base: Fraction) -> None:
        """Give a packet that was just taken its times; `base` is the source's time base, in seconds."""
        if self._table is None:
            # Made when the first is written: what comes before has no place in it.
            self._table = _table(self._work, base, self._seen - 1)
        table, number = self._table, self._written - 1
        packet.pts, packet.dts = int(table.shown[number]), int(table.decoded[number])
        packet.duration, packet.time_base = int(table.lengths[number]), table.base


def _table(work: _Work, base: Fraction, left_out: int) -> Timetable:
    times: Sequence[int] = work.scan.shown
    if not times or work.probe.wrapping.format in _NUMBERLESS:
        times = order(work.source, work.probe)
    return timetable(times[left_out:], base, work.plan, is_single=work.scan.packets == work.scan.frames)


# MPEG-2 --------------------------------------------------------------------------------------------------------------


def _elementary(work: _Work) -> Remuxed:
    """The bare stream (ISO/IEC 13818-2), whose sequence headers tell size and rate: no container, no sound."""
    pictures = _Pictures(work)
    with opened(work.source) as source, work.target.open("wb") as target:
        stream = source.streams[work.probe.stream]
        assert isinstance(stream, VideoStream)
        clean = Cleaner("mpeg2video", b"").packet
        for packet in source.demux(stream):
            if pictures.take(packet):
                data = bytes(packet)
                if not target.tell() and not data.startswith(_SEQUENCE):
                    target.write(clean(stream.codec_context.extradata or b""))  # the container kept the header
                target.write(clean(data))
    return Remuxed(work.target.stat().st_size, pictures.frames, pictures.left_out, None)
