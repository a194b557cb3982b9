"""The source's side of a transcode: read, decode, filter and pace, in a thread of its own.

So that decoding goes on while pictures are encoded. What waits for the encoder is bounded, and what is damaged is
counted: the decoder goes on after it, and its place is held by the picture before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from queue import Full, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from av import AudioStream, FFmpegError, Packet, VideoFrame, VideoStream
from av.container import InputContainer
from av.stream import Discard

from apps.video.conversion.filtering import Filters
from apps.video.conversion.pacing import OneForOne, Pacer, Steady
from apps.video.conversion.plan import Plan, SoundPlan
from apps.video.streams.facts import Probe, Scan
from apps.video.streams.scanning import BARE, chosen

# Pictures and packets of sound that wait: each picture of 1080p is 3 MiB.
_MOST_WAITING: Final = 6
_PATIENCE: Final = 0.2  # seconds between two looks at whether the work was stopped
# More threads than these hold more pictures of 4K than the memory that a transcode may have.
_LARGE: Final = 1920 * 1088
_THREADS: Final = {False: 4, True: 2}
# Containers that tell the order of pictures, and no times that can be believed.
_UNTIMED: Final = BARE | {"avi"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, and how many places of the object's rate it fills."""

    picture: VideoFrame
    times: int


@dataclass(slots=True)
class Losses:
    """What became of the source's pictures."""

    decoded: int = 0
    failed: int = 0  # packets that the decoder refused
    concealed: int = 0  # pictures that it made up in part
    skipped: int = 0  # packets that an edit list hides
    is_cut: bool = False  # the reading ended with an error

    def lost(self, scan: Scan) -> int:
        """How many pictures are missing or made up; 0 of a file without damage."""
        if not (self.failed or self.concealed or self.is_cut or scan.corrupt_packets):
            return 0
        missing = scan.frames - self.skipped - self.decoded
        return max(missing, self.failed if missing > 0 else 0, 0) + self.concealed


Item = Shown | Packet | BaseException | None


class Supply:
    """A context: within it, iterating gives what is to be encoded, pictures and packets of sound as they come."""

    def __init__(self, source: InputContainer, probe: Probe, plan: Plan, pacer: Pacer, filters: Filters) -> None:
        self._source, self._pacer, self._filters = source, pacer, filters
        self.video: VideoStream = _video(source, probe, plan)
        self.sound: AudioStream | None = None if plan.sound is SoundPlan.NONE else _sound(source, probe)
        self.losses = Losses()
        self.start: Fraction | None = None  # when the first picture is shown, seconds on the source's clock
        self._queue: Queue[Item] = Queue(_MOST_WAITING)
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="decoding", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def __iter__(self) -> Iterator[Shown | Packet]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def _run(self) -> None:
        end: Item = None
        try:
            self._supply()
        except _Stopped:
            return
        except BaseException as error:  # noqa: BLE001 - raised again where the pictures are taken
            end = error
        try:
            self._put(end)
        except _Stopped:
            return

    def _supply(self) -> None:
        for packet in self._packets():
            if self.sound is None or packet.stream_index != self.sound.index:
                self._show(self._decoded(packet))
            else:
                self._put(packet)
        for picture in self._filters.finish():
            self._pace(self._pacer.take(picture))
        self._pace(self._pacer.finish())

    def _packets(self) -> Iterator[Packet]:
        """All packets, and at the end an empty one, which makes the decoder give what it holds."""
        streams = [self.video] if self.sound is None else [self.video, self.sound]
        try:
            yield from (packet for packet in self._source.demux(streams) if packet.size)
        except FFmpegError:
            self.losses.is_cut = True
        last: Packet = Packet()
        last.stream, last.time_base = self.video, self.video.time_base or Fraction(1, 90000)
        yield last

    def _decoded(self, packet: Packet) -> list[VideoFrame]:
        self.losses.skipped += packet.is_discard
        try:
            return self.video.codec_context.decode(packet)
        except FFmpegError:
            self.losses.failed += 1
            return []

    def _show(self, pictures: list[VideoFrame]) -> None:
        for picture in pictures:
            self.losses.decoded += 1
            self.losses.concealed += picture.is_corrupt
            if self.start is None and picture.pts is not None and picture.time_base is not None:
                self.start = picture.pts * picture.time_base
            for filtered in self._filters.take(picture):
                self._pace(self._pacer.take(filtered))

    def _pace(self, paced: Iterator[tuple[VideoFrame, int]]) -> None:
        for picture, times in paced:
            self._put(Shown(picture, times))

    def _put(self, item: Item) -> None:
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=_PATIENCE)
            except Full:
                continue
            return
        raise _Stopped


class _Stopped(Exception):
    """Nobody takes the pictures any more."""


def pacer_for(probe: Probe, scan: Scan, plan: Plan) -> Pacer:
    """Pictures one for one where they come at the plan's rate and none is missing; else paced by their times."""
    most = ceil(scan.timing.span * plan.rate) + 1
    if probe.wrapping.format not in _UNTIMED:
        return Steady(plan.rate, most) if {"rate", "recover"} & set(plan.steps) else OneForOne()
    return Steady(plan.rate, most, scan.timing.rate) if "rate" in plan.steps else OneForOne()


def _video(source: InputContainer, probe: Probe, plan: Plan) -> VideoStream:
    stream = chosen(source, probe)
    is_large = probe.pictures.columns * probe.pictures.rows > _LARGE
    stream.codec_context.thread_count = _THREADS[is_large]
    # Threads that work on several pictures at once find an error late, and what else they held is lost.
    stream.codec_context.thread_type = "SLICE" if "recover" in plan.steps else "AUTO"
    return stream


def _sound(source: InputContainer, probe: Probe) -> AudioStream | None:
    if probe.sound_stream is None:
        return None
    stream = source.streams[probe.sound_stream]
    assert isinstance(stream, AudioStream)
    stream.discard = Discard.default
    return stream
