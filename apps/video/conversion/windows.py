"""Pictures decoded in two places of a film, its beginning and its last group: all of it where it is short.

To decode all of a long film takes longer than all else that is done to one whose pictures stay.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import md5
from itertools import chain, islice
from math import ceil
from typing import Final

from av import FFmpegError, Packet, VideoFrame
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from apps.video.streams.digests import Digest

# Pixels of the pictures that are decoded at all: those of a short film, and of one window of a longer one.
_WHOLE: Final = 30_000_000
_WINDOW: Final = 2_000_000
_MOST_THREADS: Final = 2
# Packets that a decoder may take before it gives the first picture: references and threads.
_DELAY: Final = 24


@dataclass(slots=True)
class Seen:
    """What was decoded: a digest of each picture, in the order of showing."""

    digests: list[str] = field(default_factory=list)
    start: Fraction | None = None  # seconds on the stream's clock, of the first
    key: Fraction | None = None  # the same, of the key picture with which decoding began
    errors: int = 0

    @property
    def digest(self) -> str:
        """MD5 of the digests of all; "" of none."""
        digests = self.digests
        return md5("".join(digests).encode(), usedforsecurity=False).hexdigest() if digests else ""


def length(frames: int, columns: int, rows: int) -> int:
    """How many pictures from the beginning are decoded: all of a short film."""
    pixels = columns * rows
    return frames if frames * pixels <= _WHOLE else max(1, min(frames, _WINDOW // pixels))


def beginning(container: InputContainer, stream: VideoStream, count: int, *, is_whole: bool) -> Seen:
    """The first `count` pictures; with `is_whole` all there are, however many."""
    context = _prepared(stream)
    packets = (packet for packet in container.demux(stream) if packet.size)
    seen = Seen()
    pictures = _decoded(context, packets if is_whole else islice(packets, count + _DELAY), stream, seen)
    _take(pictures if is_whole else islice(pictures, count), seen)
    return seen


def end(container: InputContainer, stream: VideoStream, time: Fraction, count: int) -> Seen | None:
    """The pictures of the first `count` packets from the last key picture up to `time` (seconds on the stream's clock).

    None where the container doesn't lead there.
    """
    context, base = _prepared(stream), stream.time_base or Fraction(1)
    try:
        container.seek(ceil(time / base), stream=stream)
    except FFmpegError:
        return None
    context.flush_buffers()
    packets = list(islice((packet for packet in container.demux(stream) if packet.size), count))
    if not packets or packets[0].pts is None or not packets[0].is_keyframe:
        return None
    seen = of_packets(context, packets, stream)
    seen.key = packets[0].pts * base
    return seen


def of_packets(context: VideoCodecContext, packets: Iterable[Packet], stream: VideoStream | None = None) -> Seen:
    """All pictures of some packets, the first of which is a key picture."""
    seen = Seen()
    _take(_decoded(context, packets, stream, seen), seen)
    return seen


def _prepared(stream: VideoStream) -> VideoCodecContext:
    context = stream.codec_context
    if not context.is_open:
        context.thread_type, context.thread_count = "SLICE", _MOST_THREADS
    return context


def _decoded(
    context: VideoCodecContext, packets: Iterable[Packet], stream: VideoStream | None, seen: Seen
) -> Iterator[VideoFrame]:
    last = Packet()
    if stream is not None:
        last.stream, last.time_base = stream, stream.time_base or Fraction(1)
    for packet in chain(packets, [last]):
        try:
            yield from context.decode(packet)
        except FFmpegError:
            seen.errors += 1


def _take(pictures: Iterable[VideoFrame], seen: Seen) -> None:
    for picture in pictures:
        digest = Digest()
        digest.take(picture)
        seen.digests.append(digest.hexdigest())
        if seen.start is None and picture.pts is not None and picture.time_base is not None:
            seen.start = picture.pts * picture.time_base
