"""Movies of multi-frame images as MP4 or GIF, and pictures out of videos.

They are made by a child process, once, and kept in a cache by the digest of the object and of what was asked.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from apps.archive import retrieve
from apps.archive.headers import drawable
from apps.archive.movie_cache import SLOTS, folder, kept
from apps.archive.retrieve import StoredInstance
from apps.archive.storage import site_objects
from apps.archive.videos import StoredVideo
from apps.core.errors import Invalid, NotAcceptable, Unavailable
from apps.dicom.attributes import integer
from apps.dicom.syntax import DEFLATED, of_frames
from apps.saying import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from apps.dicom.isolation.pool import Pool

MAKING_SECONDS: Final = 120.0
STILL_SECONDS: Final = 20.0
# What is about to be drawn, in samples of all frames together: some minutes of ultrasound.
MAX_SAMPLES: Final = 4 << 30
MAX_FRAMES: Final = {"video/mp4": 3000, "image/gif": 400}
_ENDINGS: Final = {"video/mp4": "mp4", "image/gif": "gif"}


def still(video: StoredVideo, number: int) -> "NDArray[Any]":
    """Picture `number` of the video, (rows, columns, 3) in RGB. Raises Undecodable, Unavailable."""
    from apps.archive import decoding

    with local_file(video.instance) as path:
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
            name_of(stored, repr(rendering), _ENDINGS[media_type]), lambda target: _draw(stored, rendering, target)
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
    with local_file(stored) as path:
        syntax = of_frames(stored.transfer_syntax_uid)
        film("movie_of_frames", orjson.dumps(attributes), path, packed, syntax, rendering, target)


def _check_extent(attributes: Mapping[str, Any], frames: int) -> None:
    sides = [integer(attributes, tag) or 0 for tag in ("00280010", "00280011")]
    if sides[0] * sides[1] * (integer(attributes, "00280002") or 1) * frames > MAX_SAMPLES:
        raise NotAcceptable(say("This image is too large to be made into a movie; single frames can be had."))


def film(task: str, data: bytes, path: Path, *arguments: Any) -> None:
    """Have a function of `apps.dicom.filming` write a file. Raises NotAcceptable for what it can't, Unavailable."""
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
def local_file(stored: StoredInstance) -> Iterator[Path]:
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


def name_of(stored: StoredInstance, asked: str, ending: str) -> str:
    """What the cache knows a movie of the object by: another name for each way it was asked for."""
    # A movie may show whose it is.
    known = hashlib.sha256(asked.encode() + stored.correction).hexdigest()[:16]
    return f"{stored.digest.hex()}-{known}.{ending}"
