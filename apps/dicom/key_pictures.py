"""Small pictures out of a video: of a stream that may be hours long only the nearest key pictures are decoded.

For child processes alone: what is read here comes from outside.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import av.error
from av.container import InputContainer

from apps.dicom.description import Undecodable
from apps.dicom.movie import decoded, opened, shown_size, video_of
from apps.dicom.spans import SpanFile, part_of
from apps.dicom.video import Container, Stream
from apps.saying import say

# Containers whose pictures have times; others are sought in by bytes, which is as exact as their rate is constant.
_TIMED: Final = frozenset({Container.MP4, Container.TRANSPORT, Container.PROGRAM})
# So many packets after the place that was asked for one is a key picture, or every picture is taken as it comes.
_PACKETS: Final = 600
# Where else one is looked for when none comes after the place: seconds, and bytes of a bare stream, before it.
_SECONDS_BACK: Final = (0.0, 2.0, 10.0)
_BYTES_BACK: Final = (0, 256 << 10, 1 << 20, 8 << 20)
# Bytes of a bare stream among which it is looked for: seconds of the fastest there are.
_WINDOW: Final = 16 << 20
# A video of so many pictures is decoded as a whole where its key pictures are too far apart to show what happens.
SHORT: Final = 300


@dataclass(frozen=True, slots=True)
class Small:
    """A picture at `seconds` from the start, as a PIL image."""

    seconds: float
    image: Any


def key_pictures(stream: Stream, times: Sequence[float], width: int) -> list[Small]:
    """The key picture near each of these times (s from the start, rising), at most `width` pixels wide.

    Raises Undecodable where the stream holds no picture.
    """
    look = _by_time if stream.container in _TIMED else _by_bytes
    return list(look(stream, times, width))


def spread(stream: Stream, times: Sequence[float], width: int) -> list[Small]:
    """The same; where many of them would show the same of a short video, any of its pictures instead."""
    found = key_pictures(stream, times, width)
    is_varied = 2 * len({small.seconds for small in found}) > len(found)
    if is_varied or stream.frames > SHORT or stream.container not in _TIMED:
        return found
    return _all_through(stream, times, width)


def _all_through(stream: Stream, times: Sequence[float], width: int) -> list[Small]:
    """The first picture at or after each time, by decoding all of them; the last one where there is none."""
    found: list[Small] = []
    with SpanFile(stream.path, stream.spans) as source, _read_singly(source, stream.container) as (stored, video):
        start = _seconds(video.start_time or 0, video)
        picture = None
        for picture in islice(decoded(stored.decode(video)), SHORT):
            while len(found) < len(times) and (picture.time or 0.0) - start >= times[len(found)]:
                found.append(_small(picture, video, width, (picture.time or 0.0) - start))
        if picture is None:
            raise Undecodable(say("The video stream holds no picture."))
        last = _small(picture, video, width, (picture.time or 0.0) - start)
    return found + [last] * (len(times) - len(found))


def _by_time(stream: Stream, times: Sequence[float], width: int) -> Iterator[Small]:
    with SpanFile(stream.path, stream.spans) as source, _read_singly(source, stream.container) as (stored, video):
        start = _seconds(video.start_time or 0, video)
        for time in times:
            at, picture = _near(stored, video, time + start) or _from_start(stored, video)
            yield _small(picture, video, width, at - start)


def _near(stored: InputContainer, video: Any, time: float) -> tuple[float, Any] | None:
    """The time of a key picture and the picture itself; None where there is none near."""
    for back in _SECONDS_BACK:
        stored.seek(_ticks(max(time - back, 0.0), video), stream=video)
        if found := _next_picture(stored, video):
            return found
    return None


def _by_bytes(stream: Stream, times: Sequence[float], width: int) -> Iterator[Small]:
    for time in times:
        begin = int(min(time / stream.duration, 1.0) * stream.size) if stream.duration else 0
        near = (_within(stream, max(begin - back, 0), width) for back in _BYTES_BACK)
        yield next(filter(None, near), None) or _first(stream, width)


def _within(stream: Stream, begin: int, width: int) -> Small | None:
    """The first key picture from this byte on; None where there is none near."""
    try:
        with (
            SpanFile(stream.path, part_of(stream.spans, begin, _WINDOW)) as source,
            _read_singly(source, stream.container) as (stored, video),
        ):
            found = _next_picture(stored, video)
            return found and _small(found[1], video, width, begin / stream.size * stream.duration)
    except Undecodable:
        return None


def _first(stream: Stream, width: int) -> Small:
    """The first picture of a stream whose key pictures are far apart, or which has but one."""
    if (small := _within(stream, 0, width)) is None:
        raise Undecodable(say("The video stream holds no picture."))
    return small


@contextmanager
def _read_singly(source: SpanFile, container: Container) -> Iterator[tuple[InputContainer, Any]]:
    """The stream and its video, decoded by one thread: others would wait for pictures that nobody asks for."""
    with opened(source, container) as stored:
        video = video_of(stored)
        video.thread_type = "NONE"
        video.codec_context.thread_count = 1
        yield stored, video


def _next_picture(stored: InputContainer, video: Any) -> tuple[float, Any] | None:
    """The next key picture by itself, and its time; None where there is none near."""
    for packet in islice(stored.demux(video), _PACKETS):
        if packet.is_keyframe and packet.size and (picture := _alone(packet, video)) is not None:
            return _time_of(packet, video), picture
    return None


def _time_of(packet: Any, video: Any) -> float:
    ticks = packet.dts if packet.pts is None else packet.pts
    return _seconds(ticks or 0, video)


def _alone(packet: Any, video: Any) -> Any:
    """What this packet is by itself: the decoder would hold it back until it has seen some more."""
    context = video.codec_context
    try:
        pictures = [*context.decode(packet), *context.decode(None)]
    except av.error.InvalidDataError:
        pictures = []
    context.flush_buffers()
    return pictures[0] if pictures else None


def _from_start(stored: InputContainer, video: Any) -> tuple[float, Any]:
    """The first picture that can be decoded, and its time: of a stream without key pictures."""
    stored.seek(0)
    picture = next(decoded(stored.decode(video)), None)
    if picture is None:
        raise Undecodable(say("The video stream holds no picture."))
    return picture.time or 0.0, picture


def _small(picture: Any, video: Any, width: int, seconds: float) -> Small:
    shown_width, shown_height = shown_size(video)
    scale = min(1.0, width / shown_width)
    columns, rows = (max(1, round(side * scale)) for side in (shown_width, shown_height))
    image = picture.reformat(width=columns, height=rows, format="rgb24", interpolation="AREA").to_image()
    return Small(max(0.0, seconds), image)


def _seconds(ticks: int, video: Any) -> float:
    return float(ticks * video.time_base)


def _ticks(seconds: float, video: Any) -> int:
    return int(seconds / video.time_base)
