"""A source's packets into segments: cut at key pictures, not a bit changed, safe on the disk fragment by fragment.

A segment is fragmented MP4 while it is written (a fragment each second at the most): whatever dies, all but the last
fragment can be played. Times begin at 0 in each segment.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from apps.saying import Sentence, say
from apps.video.live import adts, shelf

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer

# What MP4 holds of pictures and sound; other sound is left out.
PICTURES: Final = frozenset({"h264", "hevc", "mpeg2video", "mjpeg"})
SOUNDS: Final = frozenset({"aac", "mp3", "mp2", "ac3"})
# As many times the wished length a segment may have where no key picture comes.
MOST_LENGTHS: Final = 4
# Seconds by which the times of a stream may jump before it counts as another one.
MOST_JUMP: Final = 10.0
_FRAGMENT_SECONDS: Final = 1.0
_MUXING: Final = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": str(round(_FRAGMENT_SECONDS * 1_000_000)),
    "flush_packets": "1",
}


class NotRecordable(ValueError):
    """What the source sends can't be kept; trying again changes nothing."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Cut:
    """When a segment ends: at the first key picture after so many seconds or bytes."""

    seconds: float
    size: int


@dataclass(slots=True)
class Written:
    """What has been recorded: packets of pictures, bytes, and segments that are finished."""

    pictures: int = 0
    bytes: int = 0
    segments: int = 0


@dataclass(slots=True)
class Recorder:
    """Writes what comes of one source into `folder`, segment after segment, numbered on from `next_number`.

    `now` tells when a packet came (aware), `has_sound` whether its sound is kept. The folder is locked by the caller.
    """

    folder: Path
    cut: Cut
    has_sound: bool
    now: Callable[[], datetime]
    written: Written = field(default_factory=Written)
    next_number: int = 1
    _segment: "_Segment | None" = None

    def record(self, source: "InputContainer", is_over: Callable[[], bool]) -> None:
        """Until the source ends, fails, or `is_over`; what was written is finished in any case.

        Raises NotRecordable, and FFmpeg's errors.
        """
        pictures, sound = _streams(source, has_sound=self.has_sound)
        kept = [each for each in (pictures, sound) if each is not None]
        clock = _Clock(pictures.time_base, self.now)
        try:
            for packet in source.demux(kept):
                if is_over():
                    return
                if packet.size:
                    self._take(packet, kept, clock)
        finally:
            self._finish()

    def _take(self, packet: Any, kept: list[Any], clock: "_Clock") -> None:
        """Write a packet, into a new segment where one begins; before the first key picture there is none."""
        is_picture = packet.stream is kept[0]
        is_key = is_picture and packet.is_keyframe
        if is_picture and clock.jumps(packet):
            self._finish()
        if self._segment is not None and is_key and self._segment.is_full(self.cut, packet):
            self._finish()
        if self._segment is None and is_key:
            file = shelf.part(self.folder, self.next_number, clock.moment(packet))
            self.next_number += 1
            self._segment = _Segment(file, kept, packet)
        if self._segment is not None:
            self._segment.write(packet, self.written)
            self._segment.check(self.cut)

    def _finish(self) -> None:
        if self._segment is not None:
            segment, self._segment = self._segment, None
            segment.close()
            self.written.segments += 1


def _streams(source: "InputContainer", *, has_sound: bool) -> tuple[Any, Any]:
    """The pictures and, where it is wanted and can be kept, the sound."""
    pictures: Any = next(iter(source.streams.video), None)
    if pictures is None:
        raise NotRecordable(say("The source sends no pictures."))
    codec = pictures.codec_context.name
    if codec not in PICTURES:
        raise NotRecordable(
            say("The source sends {codec}; H.264, HEVC, MPEG-2 and Motion JPEG can be recorded.", codec=codec)
        )
    sounds = (each for each in source.streams.audio if _is_kept(each))
    return pictures, next(sounds, None) if has_sound else None


def _is_kept(sound: Any) -> bool:
    context = sound.codec_context
    is_known = context.name != "aac" or context.extradata or adts.configuration(sound)
    return context.name in SOUNDS and bool(is_known)


class _Clock:
    """When the pictures of a source were taken: by the time at which the first one came, and their own times since."""

    def __init__(self, base: Fraction, now: Callable[[], datetime]) -> None:
        self._base, self._now = base, now
        self._first: tuple[int, datetime] | None = None
        self._last: int | None = None

    def jumps(self, packet: Any) -> bool:
        """Whether this packet's time has nothing to do with the one's before; the clock is then set anew."""
        time = _decoding_time(packet)
        if time is None:
            return False
        last, self._last = self._last, time
        is_jump = last is not None and not 0 <= (time - last) * self._base < MOST_JUMP
        if is_jump:
            self._first = None
        return is_jump

    def moment(self, packet: Any) -> datetime:
        """When the picture of this packet came."""
        time = packet.pts if packet.pts is not None else packet.dts or 0
        if self._first is None:
            self._first = time, self._now()
        began, moment = self._first
        return moment + timedelta(seconds=float((time - began) * self._base))


class _Segment:
    """A segment that is being written."""

    def __init__(self, file: Path, kept: list[Any], first: Any) -> None:
        import av

        self._file, self._pictures = file, kept[0]
        self._start = first.dts if first.dts is not None else first.pts
        self._last: dict[int, int] = {}
        self._seconds, self._bytes, self._synced = 0.0, 0, 0.0
        if self._start is None:
            raise NotRecordable(say("The source's pictures have no times."))
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._output: OutputContainer = av.open(str(file), "w", format="mp4", options=_MUXING)
        self._streams = {each.index: self._added(each) for each in kept}
        shelf.sync(file.parent)

    def write(self, packet: Any, written: Written) -> None:
        """Add a packet; sound from before the first picture is left out."""
        source, size = packet.stream, packet.size
        packet = adts.bare(packet) if source.codec_context.name == "aac" else packet
        start = int(self._start * self._pictures.time_base / source.time_base)
        time = _decoding_time(packet)
        if time is None or time < start:
            return
        # Two packets can't be decoded at the same time (some cameras say so all the same).
        decoded = max(time - start, self._last.get(source.index, -1) + 1)
        packet.pts = max(decoded, (packet.pts if packet.pts is not None else time) - start)
        packet.dts = self._last[source.index] = decoded
        packet.stream = self._streams[source.index]
        self._output.mux(packet)
        self._count(size, written, is_picture=source is self._pictures, seconds=float(decoded * source.time_base))

    def _added(self, source: Any) -> Any:
        """A stream of the file for one of the source's."""
        stream = self._output.add_stream_from_template(source)
        if source.codec_context.name == "aac" and not source.codec_context.extradata:
            stream.codec_context.extradata = adts.configuration(source)
        return stream

    def _count(self, size: int, written: Written, *, is_picture: bool, seconds: float) -> None:
        """Take note of what was written, and put it on the disk once a second."""
        self._bytes += size
        written.bytes += size
        if not is_picture:
            return
        self._seconds = seconds
        written.pictures += 1
        if seconds - self._synced >= _FRAGMENT_SECONDS:
            self._synced = seconds
            os.fdatasync(self._descriptor)

    def is_full(self, cut: Cut, packet: Any) -> bool:
        """Whether the next segment begins with this key picture."""
        time = _decoding_time(packet)
        seconds = self._seconds if time is None else float((time - self._start) * self._pictures.time_base)
        return seconds >= cut.seconds or self._bytes >= cut.size

    def check(self, cut: Cut) -> None:
        """Raises NotRecordable for a source that sends no key pictures at which it could be cut."""
        if self._seconds > MOST_LENGTHS * cut.seconds or self._bytes > MOST_LENGTHS * cut.size:
            raise NotRecordable(
                say(
                    "The source sends no key picture for so long that the film can't be cut. Set it to every 2 seconds."
                )
            )

    def close(self) -> None:
        """Finish it, durably, under its last name; one that holds nothing is removed."""
        try:
            self._output.close()
            os.fsync(self._descriptor)
        finally:
            os.close(self._descriptor)
        if self._last:
            shelf.finish(self._file)
        else:
            self._file.unlink()


def _decoding_time(packet: Any) -> int | None:
    time: int | None = packet.dts if packet.dts is not None else packet.pts
    return time
