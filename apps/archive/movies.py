"""Movies of stored objects: videos as browsers play them, multi-frame images as MP4 or GIF, pictures out of videos.

They are made by a child process, once, and kept in a cache by the digest of the object and of what was asked.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from apps.archive import retrieve
from apps.archive.headers import described, drawable
from apps.archive.movie_cache import SLOTS, folder, kept
from apps.archive.retrieve import StoredInstance
from apps.archive.storage import site_objects
from apps.core.errors import Invalid, NotAcceptable, Unavailable
from apps.dicom.attributes import integer
from apps.dicom.frames import FrameIndex, Span
from apps.dicom.spans import part_of
from apps.dicom.syntax import DEFLATED, of_frames
from apps.dicom.video import HEAD, Coding, Container, coding_of, container_of, plays_as_stored, stream_length
from apps.saying import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.dicom.isolation.pool import Pool

MAKING_SECONDS: Final = 120.0
STILL_SECONDS: Final = 20.0
# What is about to be drawn, in samples of all frames together: some minutes of ultrasound.
MAX_SAMPLES: Final = 4 << 30
MAX_FRAMES: Final = {"video/mp4": 3000, "image/gif": 400}
# To code a stream anew takes about as long as it plays; a longer one would be given up half-way.
MAX_CODED_FRAMES: Final = 6000
_ENDINGS: Final = {"video/mp4": "mp4", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A video object: where its stream lies in its file, and what the stream is."""

    instance: StoredInstance
    coding: Coding
    container: Container
    spans: tuple[Span, ...]
    size: int
    attributes: dict[str, Any]

    @property
    def number_of_frames(self) -> int:
        """As the header says; the stream may hold another number."""
        return max(1, integer(self.attributes, "00280008") or 1)

    @property
    def plays(self) -> bool:
        """Whether every browser plays it as it is."""
        return plays_as_stored(self.container, self.coding)

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """`length` bytes of the stream from byte `start`, a piece at a time."""
        for offset, size in part_of(self.spans, start, length):
            yield from retrieve.iter_file(self.instance, offset, size)


def video_of(stored: StoredInstance) -> StoredVideo:
    """The video that an object is. Raises NotAcceptable for one without a stream."""
    coding = coding_of(stored.transfer_syntax_uid)
    if coding is None or not stored.number_of_frames:
        raise NotAcceptable(say("This object has no video."))
    attributes, packed = described(stored)
    spans = FrameIndex.from_bytes(packed).spans(1)
    size = stream_length(attributes, sum(length for _, length in spans))
    head = b"".join(
        site_objects().read(stored.file_key, offset, length) for offset, length in part_of(spans, 0, min(HEAD, size))
    )
    return StoredVideo(stored, coding, container_of(head, coding), spans, size, attributes)


def playable(video: StoredVideo) -> Path:
    """The video as an MP4 file that browsers play: its own stream where that is H.264, else coded anew, without sound.

    Raises NotAcceptable for a stream that can't be read or is too long to be coded, Unavailable.
    """
    if video.coding is not Coding.H264 and video.number_of_frames > MAX_CODED_FRAMES:
        raise NotAcceptable(
            say("This video is too long to be converted; it can be had as {coding}, as stored.", coding=video.coding)
        )

    def make(target: str) -> None:
        with _local(video.instance) as path:
            _film("movie_of_stream", b"", path, video.spans, video.container, video.coding, target)

    return kept(_name(video.instance, "stream", "mp4"), make)


def still(video: StoredVideo, number: int) -> "NDArray[Any]":
    """Picture `number` of the video, (rows, columns, 3) in RGB. Raises Undecodable, Unavailable."""
    from apps.archive import decoding

    with _local(video.instance) as path:
        task, where = "apps.dicom.filming.still_of_stream", (str(path), video.spans, video.container, number)
        picture: NDArray[Any] = decoding.call(task, b"", *where, seconds=STILL_SECONDS)
        return picture


def movie(stored: StoredInstance, query: Mapping[str, str], media_type: str) -> Path:
    """All frames of a multi-frame image as a file of `video/mp4` or `image/gif`, drawn as `query` asks.

    Raises Invalid for a parameter, NotAcceptable for what can't be drawn or is too much, Unavailable.
    """
    from apps.dicom.parameters import InvalidParameter
    from apps.dicom.rendering import parse_rendering

    try:
        rendering = parse_rendering(query, media_type)
        path = kept(
            _name(stored, repr(rendering), _ENDINGS[media_type]), lambda target: _draw(stored, rendering, target)
        )
    except InvalidParameter as error:
        raise Invalid(str(error)) from error
    return path


def _draw(stored: StoredInstance, rendering: Any, target: str) -> None:
    most = MAX_FRAMES[rendering.media_type]
    if stored.number_of_frames > most:
        raise NotAcceptable(
            say(
                "Of images with more than {most} frames there is no {media_type}.",
                most=most,
                media_type=rendering.media_type,
            )
        )
    attributes, packed = drawable(stored)
    _check_extent(attributes, stored.number_of_frames)
    with _local(stored) as path:
        syntax = of_frames(stored.transfer_syntax_uid)
        _film("movie_of_frames", orjson.dumps(attributes), path, packed, syntax, rendering, target)


def _check_extent(attributes: Mapping[str, Any], frames: int) -> None:
    sides = [integer(attributes, tag) or 0 for tag in ("00280010", "00280011")]
    if sides[0] * sides[1] * (integer(attributes, "00280002") or 1) * frames > MAX_SAMPLES:
        raise NotAcceptable(say("This image is too large to be made into a movie; single frames can be had."))


def _film(task: str, data: bytes, path: Path, *arguments: Any) -> None:
    from apps.dicom.description import Undecodable
    from apps.dicom.isolation.pool import Busy

    try:
        _pool().call(f"apps.dicom.filming.{task}", data, str(path), *arguments, seconds=MAKING_SECONDS)
    except Undecodable as error:
        raise NotAcceptable(say("No movie can be made of this object: {error}", error=error)) from error
    except Busy as error:
        raise Unavailable(say("Other movies are being made; try again in a moment.")) from error


@cache
def _pool() -> "Pool":
    """Child processes of their own: a movie must not keep single frames waiting."""
    from apps.dicom.isolation.pool import Pool

    return Pool(SLOTS)


@contextmanager
def _local(stored: StoredInstance) -> Iterator[Path]:
    """The object as a file that a child process can open, its data set inflated."""
    path = site_objects().path(stored.file_key)
    if path is not None and stored.transfer_syntax_uid not in DEFLATED:
        yield path
        return
    with tempfile.NamedTemporaryFile(dir=folder(), prefix=".object-") as copy:
        if stored.transfer_syntax_uid in DEFLATED:
            copy.write(retrieve.Reader(stored)(0, retrieve.INFLATED_BYTES))
        else:
            copy.writelines(retrieve.iter_file(stored))
        copy.flush()
        yield Path(copy.name)


def _name(stored: StoredInstance, asked: str, ending: str) -> str:
    # A movie may show whose it is.
    known = hashlib.sha256(asked.encode() + stored.correction).hexdigest()[:16]
    return f"{stored.digest.hex()}-{known}.{ending}"
