"""What stands for a video before it plays: a poster, and a strip of thumbnails with the times that they show.

Both come straight out of the stored object, by a child process that decodes the nearest key pictures alone, and are
kept in the archive's cache of movies. Multi-frame images, such as Motion-JPEG, have them too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from apps.archive import movies
from apps.archive.decoding import call
from apps.archive.headers import drawable
from apps.archive.movie_cache import kept_apart
from apps.archive.renditions import middle_frame, render
from apps.archive.retrieve import StoredInstance
from apps.archive.videos import StoredVideo, video_of
from apps.core.errors import NotAcceptable
from apps.dicom.syntax import is_video, of_frames
from apps.dicom.video import Stream
from apps.saying import say

# Pixels.
POSTER_WIDTHS: Final = (64, 1920)
POSTER_WIDTH: Final = 640
TILE_WIDTHS: Final = (32, 320)
TILE_WIDTH: Final = 160
COUNTS: Final = (1, 60)
COUNT: Final = 10
# Seconds a child may take.
POSTER_SECONDS: Final = 20.0
STRIP_SECONDS: Final = 60.0
_FILMING: Final = "apps.dicom.filming"


@dataclass(frozen=True, slots=True)
class Strip:
    """Thumbnails in rows of `columns`, from left to right: the seconds that each shows, and all of them as one JPEG."""

    columns: int
    rows: int
    tile_width: int
    tile_height: int
    times: tuple[float, ...]
    jpeg: bytes


def poster(stored: StoredInstance, width: int = POSTER_WIDTH, time: float | None = None) -> bytes:
    """The key picture at or before `time` (s), in the middle where none is given, at most `width` pixels wide: JPEG.

    Raises NotAcceptable for an object without pictures, and Unavailable.
    """
    if not is_video(stored.transfer_syntax_uid):
        return _frame(stored, width, time)

    def drawn() -> bytes:
        return _poster(video_of(stored), width, time)

    if width != POSTER_WIDTH or time is not None:
        return drawn()
    return _kept(stored, "poster", drawn)


def strip(stored: StoredInstance, count: int = COUNT, width: int = TILE_WIDTH) -> Strip:
    """`count` thumbnails, evenly spread over the video, each at most `width` pixels wide.

    Raises NotAcceptable for an object without pictures, and Unavailable.
    """

    def drawn() -> bytes:
        if is_video(stored.transfer_syntax_uid):
            return _of_video(video_of(stored), count, width)
        return _of_frames(stored, count, width)

    made = _kept(stored, f"strip {count}", drawn) if width == TILE_WIDTH else drawn()
    told, _, jpeg = made.partition(b"\n")
    how: dict[str, Any] = orjson.loads(told)
    tile = how["tileWidth"], how["tileHeight"]
    return Strip(how["columns"], how["rows"], *tile, tuple(how["times"]), jpeg)


def _seconds(attributes: dict[str, Any], frames: int) -> float:
    """How long so many frames play, as the header says (PS3.3 C.7.6.5)."""
    from apps.dicom.cine import duration

    return duration(attributes, frames)


def _poster(video: StoredVideo, width: int, time: float | None) -> bytes:
    with _stream(video) as stream:
        return _called("poster_of_stream", b"", stream, stream.duration / 2 if time is None else time, width)


def _of_video(video: StoredVideo, count: int, width: int) -> bytes:
    with _stream(video) as stream:
        return _called("strip_of_stream", b"", stream, count, width)


@contextmanager
def _stream(video: StoredVideo) -> Iterator[Stream]:
    frames = video.number_of_frames
    with movies.local_file(video.instance) as path:
        yield Stream(path, video.spans, video.container, _seconds(video.attributes, frames), frames)


def _of_frames(stored: StoredInstance, count: int, width: int) -> bytes:
    if not stored.number_of_frames:
        raise NotAcceptable(say("This object has no image to render."))
    attributes, packed = drawable(stored)
    syntax = of_frames(stored.transfer_syntax_uid)
    shown = min(count, stored.number_of_frames)
    with movies.local_file(stored) as path:
        return _called("strip_of_frames", orjson.dumps(attributes), str(path), packed, syntax, shown, width)


def _called(task: str, data: bytes, *arguments: Any) -> bytes:
    from apps.dicom.description import Undecodable

    seconds = POSTER_SECONDS if task == "poster_of_stream" else STRIP_SECONDS
    try:
        made: bytes = call(f"{_FILMING}.{task}", data, *arguments, seconds=seconds)
    except Undecodable as error:
        raise NotAcceptable(say("The image can't be rendered: {error}", error=error)) from error
    return made


def _frame(stored: StoredInstance, width: int, time: float | None) -> bytes:
    """A frame of a multi-frame image: the one at this time."""
    number = middle_frame(stored)
    if time is not None and stored.number_of_frames:
        attributes, _ = drawable(stored)
        seconds = _seconds(attributes, stored.number_of_frames)
        number = 1 + min(int(time / seconds * stored.number_of_frames), stored.number_of_frames - 1)
    return render(stored, number, {"viewport": f"{width},{POSTER_WIDTHS[1]}"}, "image/jpeg")


def _kept(stored: StoredInstance, asked: str, draw: Callable[[], bytes]) -> bytes:
    """What was drawn, or is in the cache; which throws away what nobody asks for."""
    name = movies.name_of(stored, asked, "jpg")
    return kept_apart(name, lambda target: _write(target, draw())).read_bytes()


def _write(target: str, data: bytes) -> None:
    Path(target).write_bytes(data)
