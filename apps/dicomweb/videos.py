"""Videos to play (PS3.18 table 8.7.4-1): as MP4 that browsers know and seek in, or as they are stored."""

from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.archive import movies
from apps.archive.movies import StoredVideo
from apps.archive.retrieve import StoredInstance
from apps.dicom.video import Coding
from apps.dicomweb.accept import MediaRange, Offer
from apps.dicomweb.responses import chosen_of
from apps.dicomweb.single_part import SinglePart, serve

MP4: Final = "video/mp4"
_STILLS: Final = tuple(map(Offer, ("image/jpeg", "image/png", "image/gif")))


def video(request: HttpRequest, stored: StoredInstance, ranges: Sequence[MediaRange]) -> HttpResponseBase | None:
    """A video in the type that is liked best, with byte ranges; None where that is the type of a still image."""
    found = movies.video_of(stored)
    as_stored = () if found.coding is Coding.H264 else (Offer(str(found.coding)),)
    media_type = chosen_of(ranges, (Offer(MP4), *as_stored, *_STILLS)).type
    if media_type.startswith("image/"):
        return None
    if media_type != MP4 or found.plays:
        return serve(request, _as_stored(found, media_type))
    etag = f'"{stored.etag[1:-1]}-mp4"'
    return serve(request, SinglePart.of_file(MP4, movies.playable(found), etag))


def _as_stored(found: StoredVideo, media_type: str) -> SinglePart:
    return SinglePart(media_type, found.size, f'"{found.instance.etag[1:-1]}-stream"', found.pieces)
