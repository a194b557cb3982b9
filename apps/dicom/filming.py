"""What a child process is asked to do for a movie: each function takes bytes first, and writes a file or gives a frame.

They run by `apps.dicom.isolation` and never in a process that serves.
"""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from apps.dicom.cine import MAX_GIF_SIDE, MAX_SIDE, bounded, drawn_frames, frame_rate
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.frames import FrameIndex, Span
from apps.dicom.gif import write_gif
from apps.dicom.pixels import decode_frame
from apps.dicom.rendering import GIF, Rendering
from apps.dicom.spans import SpanFile
from apps.dicom.video import Coding, Container
from apps.saying import say


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

        def read_at(offset: int, length: int) -> bytes:
            source.seek(offset)
            return source.read(length)

        def decode(number: int) -> NDArray[Any]:
            return decode_frame(index.extract(read_at, number), description, transfer_syntax_uid)

        frames = drawn_frames(decode, attributes, description, index.count, rendering)
        write = write_gif if is_gif else _movies().encode
        write(frames, frame_rate(attributes), Path(target))
    return b""
