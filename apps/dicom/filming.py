"""What a child process is asked to do for a movie: each function takes bytes first, and writes a file or gives a frame.

They run by `apps.dicom.isolation` and never in a process that serves.
"""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from apps.dicom.cine import MAX_GIF_SIDE, MAX_SIDE, bounded, drawn_frames, frame_rate
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.frames import FrameIndex, ReadAt, Span
from apps.dicom.gif import write_gif
from apps.dicom.pixels import decode_frame
from apps.dicom.render import draw_frame
from apps.dicom.rendering import GIF, Rendering
from apps.dicom.spans import SpanFile
from apps.dicom.video import Coding, Container, Stream
from apps.dicom.viewport import Viewport
from apps.saying import say

# No thumbnail of an upright picture gets higher.
_MOST_ROWS: Final = 2048


def _movies() -> ModuleType:
    """The module that makes movies. Raises Undecodable on a site that was set up without PyAV."""
    try:
        from apps.dicom import movie
    except ModuleNotFoundError as error:
        raise Undecodable(say("This server has no software for video (the package av).")) from error
    return movie


def movie_of_stream(
    _: bytes, path: str, spans: Sequence[Span], container: Container, coding: Coding, target: str
) -> bytes:
    """Write the video that lies in `spans` of the file at `path` to `target`, as an MP4 that browsers play.

    H.264 is copied bit by bit, other codings are encoded anew. Raises Undecodable.
    """
    movie = _movies()
    with SpanFile(Path(path), spans) as source:
        if coding is Coding.H264:
            try:
                movie.remux(source, container, Path(target))
            except movie.NotCopyable:
                source.seek(0)
            else:
                return b""
        movie.transcode(source, container, Path(target))
    return b""


def still_of_stream(_: bytes, path: str, spans: Sequence[Span], container: Container, number: int) -> NDArray[np.uint8]:
    """Return one picture of the video that lies in `spans` of the file at `path`, (rows, columns, 3) in RGB.

    Raises Undecodable.
    """
    with SpanFile(Path(path), spans) as source:
        return _movies().still(source, container, number)


def poster_of_stream(_: bytes, stream: Stream, time: float, width: int) -> bytes:
    """Return the key picture of a video at or before `time` (s), at most `width` pixels wide, as JPEG.

    Raises Undecodable.
    """
    _movies()
    from apps.dicom.contact_sheet import jpeg
    from apps.dicom.key_pictures import key_pictures

    return jpeg(key_pictures(stream, [time], width)[0].image)


def strip_of_stream(_: bytes, stream: Stream, count: int, width: int) -> bytes:
    """Return `count` small pictures of the video, evenly spread: a `contact_sheet.sheet`. Raises Undecodable."""
    _movies()
    from apps.dicom.contact_sheet import evenly, sheet
    from apps.dicom.key_pictures import spread

    pictures = spread(stream, evenly(stream.duration, count), width)
    return sheet([(picture.seconds, picture.image) for picture in pictures])


def strip_of_frames(
    header: bytes, path: str, packed_index: bytes, transfer_syntax_uid: str, count: int, width: int
) -> bytes:
    """Return `count` frames of the multi-frame image at `path`, evenly spread, in the same way.

    `header` and `packed_index` are as `movie_of_frames` has them. Raises Undecodable.
    """
    from apps.dicom.contact_sheet import sheet

    attributes: dict[str, Any] = orjson.loads(header)
    description = PixelDescription.from_attributes(attributes)
    index = FrameIndex.from_bytes(packed_index)
    numbers = [1 + at * index.count // count for at in range(count)]
    rendering = Rendering(viewport=Viewport(width, _MOST_ROWS, enlarge=False))
    rate = frame_rate(attributes)
    with Path(path).open("rb") as source:
        pictures = []
        for number in numbers:
            frame = decode_frame(index.extract(_reader(source), number), description, transfer_syntax_uid)
            drawn = draw_frame(frame, attributes, description, number, rendering)
            pictures.append(((number - 1) / rate, drawn.convert("RGB")))
    return sheet(pictures)


def movie_of_frames(
    header: bytes, path: str, packed_index: bytes, transfer_syntax_uid: str, rendering: Rendering, target: str
) -> bytes:
    """Draw all frames of the object at `path` and write them to `target`, as the rendering's media type says.

    `header` is the object's, in DICOM JSON with its look-up tables; `packed_index` its frame index. A GIF or an MP4
    results, at the object's own rate. Raises Undecodable, and InvalidParameter for a region outside of the image.
    """
    attributes: dict[str, Any] = orjson.loads(header)
    description = PixelDescription.from_attributes(attributes)
    index = FrameIndex.from_bytes(packed_index)
    is_gif = rendering.media_type == GIF
    rendering = bounded(rendering, description.rows, description.columns, MAX_GIF_SIDE if is_gif else MAX_SIDE)
    with Path(path).open("rb") as source:

        def decode(number: int) -> NDArray[Any]:
            return decode_frame(index.extract(_reader(source), number), description, transfer_syntax_uid)

        frames = drawn_frames(decode, attributes, description, index.count, rendering)
        write = write_gif if is_gif else _movies().encode
        write(frames, frame_rate(attributes), Path(target))
    return b""


def _reader(source: BinaryIO) -> ReadAt:
    def read_at(offset: int, length: int) -> bytes:
        source.seek(offset)
        return source.read(length)

    return read_at
