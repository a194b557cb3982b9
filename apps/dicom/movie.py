"""Movies by FFmpeg's libraries: streams into MP4, as they are or anew, frames into MP4, and single frames out of them.

For child processes alone: what is read here comes from outside.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Final

import av
import av.error
import av.filter
import numpy as np
from av.container import InputContainer, OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from apps.dicom.description import Undecodable
from apps.dicom.spans import SpanFile
from apps.dicom.video import Container
from apps.saying import say

MAX_SIDE: Final = 1920
MAX_PIXELS: Final = 8192 * 4320
_COPIED_SOUND: Final = frozenset({"aac", "mp3"})
# 8x8dct: without it x264's fast presets make a lesser profile than they are asked for.
_ENCODER: Final = {"preset": "superfast", "crf": "20", "profile": "high", "x264-params": "8x8dct=1:keyint=60"}
_FASTSTART: Final = {"movflags": "faststart"}
# Key pictures are rarely further apart.
_SEEK_BACK: Final = 4.0
_BT709: Final = 1
_LIMITED: Final = 1


class NotCopyable(ValueError):
    """The stream can't be put into MP4 as it is."""


def remux(source: SpanFile, container: Container, target: Path) -> None:
    """Copy a stream's video, and its sound where MP4 knows it, into an MP4 file that starts playing at once.

    Not a bit of the coded video changes. Raises NotCopyable for packets without a time, Undecodable for what is no
    video of this container.
    """
    with opened(source, container) as stored, _written(target) as movie:
        video = video_of(stored)
        kept = [video, *(sound for sound in stored.streams.audio[:1] if sound.codec_context.name in _COPIED_SOUND)]
        streams = {each.index: movie.add_stream_from_template(each) for each in kept}
        for packet in stored.demux(kept):
            if not packet.size:
                continue
            if packet.dts is None or packet.pts is None:
                raise NotCopyable(say("The packets have no times."))
            packet.stream = streams[packet.stream.index]
            movie.mux(packet)


def transcode(source: SpanFile, container: Container, target: Path) -> None:
    """Encode a stream's pictures as H.264 in an MP4 file: square pixels, no interlacing, at most 1920 a side.

    The sound stays out. Raises Undecodable.
    """
    with opened(source, container) as stored:
        video = video_of(stored)
        video.thread_type = "AUTO"
        # What the coded pictures say: of a bare stream the demuxer knows nothing, and supposes 25.
        rate = video.guessed_rate or video.average_rate or Fraction(25)
        pictures = _prepared(stored.decode(video), video)
        first = next(pictures, None)
        if first is None:
            raise Undecodable(say("The video stream holds no picture."))
        with _written(target) as movie:
            stream = _video_stream(movie, first.width, first.height, rate)
            for number, picture in enumerate(chain([first], pictures)):
                picture.pts, picture.time_base = number, 1 / rate
                movie.mux(stream.encode(picture))
            movie.mux(stream.encode(None))


def encode(frames: Iterable[NDArray[np.uint8]], rate: float, target: Path) -> None:
    """Encode frames, (rows, columns) or (rows, columns, 3) in RGB and all of one shape, as H.264 in an MP4 file."""
    pictures = iter(frames)
    first = next(pictures)
    rows, columns = (side + side % 2 for side in first.shape[:2])
    exact = Fraction(rate).limit_denominator(1001)
    with _written(target) as movie:
        stream = _video_stream(movie, columns, rows, exact)
        for number, frame in enumerate(chain([first], pictures)):
            picture = av.VideoFrame.from_ndarray(_even_rgb(frame), format="rgb24")
            picture = picture.reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            picture.pts, picture.time_base = number, 1 / exact
            movie.mux(stream.encode(picture))
        movie.mux(stream.encode(None))


def still(source: SpanFile, container: Container, number: int) -> NDArray[np.uint8]:
    """Picture `number`, counted from 1, as (rows, columns, 3) in RGB; the last one for a number beyond the end.

    The search begins some seconds before it in streams that can be sought in. Raises Undecodable.
    """
    with opened(source, container) as stored:
        video = video_of(stored)
        video.thread_type = "AUTO"
        is_timed = container in (Container.MP4, Container.TRANSPORT)
        start, rate = (stored.start_time or 0) / av.time_base, video.guessed_rate if is_timed else None
        wanted = start + (number - 1.5) / float(rate) if rate else None
        picture = None
        if wanted is not None and wanted > start + _SEEK_BACK:
            stored.seek(int((wanted - _SEEK_BACK) * av.time_base))
            picture = _picture_at(stored, video, wanted, number)
            # Nothing is found beyond the end, or where no key picture comes after the place.
            stored.seek(0)
        if picture is None:
            picture = _picture_at(stored, video, wanted, number)
        if picture is None:
            raise Undecodable(say("The video stream holds no picture."))
        return picture.to_ndarray(format="rgb24")


def _picture_at(stored: InputContainer, video: Any, wanted: float | None, number: int) -> Any:
    """The first picture at `wanted` seconds or later, or where there are no times the one that `number` counts out."""
    picture = None
    for count, picture in enumerate(decoded(stored.decode(video)), start=1):
        has_time = wanted is not None and picture.time is not None
        if picture.time >= wanted if has_time else count == number:
            break
    return picture


@contextmanager
def opened(source: SpanFile, container: Container) -> Iterator[InputContainer]:
    """The stream, opened as this container and nothing else: a playlist, say, could name other files."""
    try:
        with av.open(source, "r", format=str(container), io_open=_refuse, metadata_errors="replace") as stored:
            yield stored
    except av.error.FFmpegError as error:
        raise Undecodable(
            say(
                "The video stream can't be read as {container}: {strerror}.",
                container=container,
                strerror=error.strerror,
            )
        ) from error


def _refuse(url: str, flags: int, options: dict[str, Any]) -> Any:
    raise Undecodable(say("The video stream refers to other files."))


def video_of(stored: InputContainer) -> Any:
    """The stream's video track. Raises Undecodable for one without, and for pictures that are too large."""
    video = next(iter(stored.streams.video), None)
    if video is None or not 0 < video.codec_context.width * video.codec_context.height <= MAX_PIXELS:
        raise Undecodable(say("The video stream has no pictures, or they are larger than the server handles."))
    return video


@contextmanager
def _written(target: Path) -> Iterator[OutputContainer]:
    with av.open(str(target), "w", format="mp4", options=_FASTSTART) as movie:
        yield movie


def _video_stream(movie: OutputContainer, width: int, height: int, rate: Fraction) -> Any:
    stream: Any = movie.add_stream("libx264", rate=rate, options=_ENCODER)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.color_range, context.colorspace = _LIMITED, _BT709
    context.color_primaries = context.color_trc = _BT709
    return stream


def _prepared(pictures: Iterable[Any], video: Any) -> Iterator[Any]:
    """The pictures without interlacing, scaled to square pixels and even sides."""
    width, height = shown_size(video)
    graph = av.filter.Graph()
    steps = [
        graph.add_buffer(template=video),
        graph.add("bwdif", "mode=send_frame:deint=interlaced"),
        graph.add("scale", f"{width}:{height}:out_color_matrix=bt709:out_range=tv"),
        graph.add("setsar", "1"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*steps).configure()
    for picture in chain(decoded(pictures), [None]):
        graph.push(picture)
        yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def decoded(pictures: Iterable[Any]) -> Iterator[Any]:
    """The pictures up to where the stream is damaged."""
    try:
        yield from pictures
    except av.error.InvalidDataError:
        return


def shown_size(video: Any) -> tuple[int, int]:
    """Width and height in square pixels: even, at most MAX_SIDE."""
    context = video.codec_context
    aspect = float(context.sample_aspect_ratio or 1)
    width, height = context.width * aspect, float(context.height)
    scale = min(1.0, MAX_SIDE / max(width, height))
    return _even(width * scale), _even(height * scale)


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)


def _even_rgb(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The frame in RGB; H.264 with shared chrominance needs even sides, so the last row and column are repeated."""
    rgb = frame if frame.ndim == 3 else np.repeat(frame[:, :, np.newaxis], 3, axis=2)
    rows, columns = rgb.shape[:2]
    odd = (rows % 2, columns % 2)
    padded = np.pad(rgb, ((0, odd[0]), (0, odd[1]), (0, 0)), mode="edge") if any(odd) else rgb
    return np.ascontiguousarray(padded)
