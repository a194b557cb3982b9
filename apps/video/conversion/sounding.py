"""The sound beside the pictures: copied, or encoded anew as AAC-LC (MP3 beside MPEG-2), 48 kHz, two channels."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, cast

import av
import numpy as np
from av import AudioFifo, AudioFrame, AudioResampler, Packet
from av.audio.stream import AudioStream
from av.container import OutputContainer

from apps.video.conversion.plan import SoundPlan

RATE: Final = 48_000  # samples a second: the only one for AAC (PS3.5 8.2.12)
CHANNELS: Final = 2
_ENCODERS: Final = {"mp4": ("aac", 160_000), "mpegts": ("libmp3lame", 192_000)}  # bits a second
_FORMAT: Final = "fltp"
_SLACK: Final = RATE // 10  # samples that the times may be off before silence fills a gap
_MOST_SILENCE: Final = 3600 * RATE  # in one gap: longer ones are nonsense of the container's
_BLOCK: Final = RATE  # samples of silence at once


class Sounder:
    """Writes one sound into a container: `take` its packets as they come from the source, then `finish`.

    `start` is when the first picture is shown, in seconds on the source's clock: what sounds before is left out.
    """

    def __init__(self, container: OutputContainer, source: AudioStream, plan: SoundPlan, start: Fraction) -> None:
        self._container = container
        track = _Copied if plan is SoundPlan.COPY else _Encoded
        self._track: _Copied | _Encoded = track(container, source, start)

    @property
    def told(self) -> tuple[str, int, int]:
        """FFmpeg's name of the codec, samples a second, channels."""
        return self._track.told

    def take(self, packet: Packet) -> None:
        for made in self._track.take(packet):
            self._container.mux(made)

    def finish(self) -> None:
        for made in self._track.finish():
            self._container.mux(made)


class _Copied:
    """The packets as they are, on the pictures' clock."""

    def __init__(self, container: OutputContainer, source: AudioStream, start: Fraction) -> None:
        self._stream = container.add_stream_from_template(source, opaque=True)
        self._start = start
        self._last = -1  # dts, in the source's time base
        context = source.codec_context
        self.told = (context.codec.canonical_name, context.sample_rate, context.layout.nb_channels)

    def take(self, packet: Packet) -> Iterator[Packet]:
        base = packet.time_base
        if not packet.size or packet.pts is None or not base:
            return
        time = packet.pts - round(self._start / base)
        if time <= self._last:
            return
        self._last = time
        packet.pts = packet.dts = time
        packet.stream = self._stream
        yield packet

    def finish(self) -> Iterator[Packet]:
        return iter(())


class _Encoded:
    """Decoded, resampled and encoded, without gaps: where the source has some, there is silence."""

    def __init__(self, container: OutputContainer, source: AudioStream, start: Fraction) -> None:
        codec, bits = _ENCODERS[container.format.name]
        stream = container.add_stream(codec, rate=RATE, bit_rate=bits)
        self._stream = cast(AudioStream, stream)
        self._stream.codec_context.layout = "stereo"
        self._stream.codec_context.format = _FORMAT
        self._source, self._start = source, start
        self._resampler = AudioResampler(format=_FORMAT, layout="stereo", rate=RATE)
        self._waiting = AudioFifo()
        self._taken = 0  # samples that went into the queue: where the next one belongs
        self._written = 0
        self.told = (codec.removeprefix("lib").removesuffix("lame"), RATE, CHANNELS)

    def take(self, packet: Packet) -> Iterator[Packet]:
        try:
            frames = self._source.decode(packet) if packet.size else []
        except av.FFmpegError:
            return  # a damaged packet: silence takes its place
        for frame in frames:
            self._place(frame)
            yield from self._encoded(self._size)

    def finish(self) -> Iterator[Packet]:
        for frame in self._source.decode(None):
            self._place(frame)
        for frame in self._resampler.resample(None):
            self._write(frame)
        yield from self._encoded(self._size)
        if self._waiting.samples:
            yield from self._encode(_filled(self._waiting.read(), self._size))
        yield from self._stream.encode(None)

    @property
    def _size(self) -> int:
        """Samples that the encoder takes at once."""
        return self._stream.codec_context.frame_size or 1024

    def _place(self, frame: AudioFrame) -> None:
        """Queue a frame at its time: what is too early is left out, before what is late there is silence."""
        time = (
            Fraction(frame.pts) * frame.time_base - self._start if frame.pts is not None and frame.time_base else None
        )
        due = self._taken if time is None else round(time * RATE)
        slack = _SLACK if self._taken else 0
        if due - self._taken > slack:
            self._silence(min(due - self._taken, _MOST_SILENCE))
        early = self._taken - due
        frame.pts = None
        for resampled in self._resampler.resample(frame):
            self._write(_without_first(resampled, early) if early > slack else resampled)

    def _silence(self, samples: int) -> None:
        for begin in range(0, samples, _BLOCK):
            self._write(_frame(np.zeros((CHANNELS, min(_BLOCK, samples - begin)), dtype=np.float32)))

    def _write(self, frame: AudioFrame | None) -> None:
        if frame is None or not frame.samples:
            return
        frame.pts = None
        self._taken += frame.samples
        self._waiting.write(frame)

    def _encoded(self, size: int) -> Iterator[Packet]:
        while self._waiting.samples >= size:
            frame = self._waiting.read(size)
            yield from self._encode(frame)

    def _encode(self, frame: AudioFrame | None) -> Iterator[Packet]:
        if frame is None:
            return
        frame.pts, frame.time_base = self._written, Fraction(1, RATE)
        self._written += frame.samples
        yield from self._stream.encode(frame)


def _without_first(frame: AudioFrame, samples: int) -> AudioFrame | None:
    """The rest of a frame, None where that is nothing."""
    return _frame(_array(frame)[:, samples:]) if frame.samples > samples else None


def _filled(frame: AudioFrame | None, size: int) -> AudioFrame | None:
    """A last frame with silence at its end: an encoder would read beyond it."""
    if frame is None:
        return None
    missing = np.zeros((CHANNELS, max(size - frame.samples, 0)), dtype=np.float32)
    return _frame(np.concatenate([_array(frame), missing], axis=1))


def _array(frame: AudioFrame) -> Any:
    return frame.to_ndarray()


def _frame(samples: Any) -> AudioFrame:
    made = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format=_FORMAT, layout="stereo")
    made.sample_rate = RATE
    return made
