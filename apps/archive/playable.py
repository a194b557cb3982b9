"""Videos that browsers don't play as they are stored, as MP4 files that they do.

What takes little is made at once, for whoever asks first. Anything else a job makes: after the store, or when somebody
asks for it, who is told to come again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from apps.archive import events, movies
from apps.archive.movie_cache import kept, kept_apart, ready
from apps.archive.retrieve import StoredInstance
from apps.archive.videos import StoredVideo
from apps.core.errors import NotAcceptable, Unavailable
from apps.dicom.video import Coding
from apps.saying import say

# Bytes of a stream that is copied from one container into another, which takes about a second.
QUICK_COPY: Final = 256 << 20
# Pixels of all frames together, and bytes, of a stream that is decoded and coded anew: ten seconds of a processor.
QUICK_SAMPLES: Final = 500_000_000
QUICK_BYTES: Final = 64 << 20
# Beyond it even a job would be given up: some six hours of full HD.
MOST_SAMPLES: Final = 1_500_000_000_000


def playable(video: StoredVideo) -> Path:
    """The video as an MP4 file that browsers play: its own stream where that is H.264, else coded anew.

    Raises NotAcceptable for a stream that can't be read or is too long, and Unavailable while a job is making it.
    """
    if (path := ready(_name(video))) is not None:
        return path
    if is_quick(video):
        return kept(_name(video), lambda target: _filmed(video, target))
    check_length(video)
    events.movie_wanted.send(sender=StoredInstance, stored=video.instance)
    raise Unavailable(say("This video is being made into one that browsers play; try again in a moment."))


def is_quick(video: StoredVideo) -> bool:
    """Whether a request may wait for it to be made."""
    if video.coding is Coding.H264:
        return video.size <= QUICK_COPY
    return video.samples <= QUICK_SAMPLES and video.size <= QUICK_BYTES


def is_ready(video: StoredVideo) -> bool:
    """Whether it has been made."""
    return ready(_name(video)) is not None


def check_length(video: StoredVideo) -> None:
    """Raises NotAcceptable for a video that nobody will convert."""
    if video.coding is not Coding.H264 and video.samples > MOST_SAMPLES:
        raise NotAcceptable(
            say("This video is too long to be converted; it can be had as {coding}, as stored.", coding=video.coding)
        )


def make(video: StoredVideo, film: Callable[[Path, str], None]) -> Path:
    """Have `film(object's file, target)` make it, where it is not there yet; for a job."""

    def into(target: str) -> None:
        with movies.local_file(video.instance) as path:
            film(path, target)

    return kept_apart(_name(video), into)


def _filmed(video: StoredVideo, target: str) -> None:
    with movies.local_file(video.instance) as path:
        movies.film("movie_of_stream", b"", path, video.spans, video.container, video.coding, target)


def _name(video: StoredVideo) -> str:
    return movies.name_of(video.instance, "stream", "mp4")
