"""Videos to play (PS3.18 table 8.7.4-1): as MP4 that browsers know and seek in, or as they are stored.

Either is streamed from its file, any byte range of it: what is stored is never read as a whole.
"""

from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.archive.playable import playable
from apps.archive.retrieve import StoredInstance
from apps.archive.videos import StoredVideo, video_of
from apps.dicom.video import Coding
from apps.dicomweb.accept import MediaRange, Offer
from apps.dicomweb.responses import chosen_of
from apps.dicomweb.single_part import SinglePart, serve

MP4: Final = "video/mp4"
_STILLS: Final = tuple(map(Offer, ("image/jpeg", "image/png", "image/gif")))


def video(request: HttpRequest, stored: StoredInstance, ranges: Sequence[MediaRange]) -> HttpResponseBase | None:
    """A video in the type that is liked best, with byte ranges; None where that is the type of a still image."""
    found = video_of(stored)
    as_stored = () if found.coding is Coding.H264 else (Offer(str(found.coding)),)
    media_type = chosen_of(ranges, (Offer(MP4), *as_stored, *_STILLS)).type
    if media_type.startswith("image/"):
        return None
    if media_type != MP4 or found.plays:
        return serve(request, stream(found, media_type))
    return serve(request, _played(found))


def stream(found: StoredVideo, content_type: str) -> SinglePart:
    """The stream as it is stored, without the byte that may pad it."""
    etag = f'"{found.instance.etag[1:-1]}-stream"'
    return SinglePart(content_type, found.size, etag, found.pieces, found.received_at())


def _played(found: StoredVideo) -> SinglePart:
    """What browsers play in its place. Another encoder would make other bytes of it: they have another length."""
    path = playable(found)
    etag = f'"{found.instance.etag[1:-1]}-mp4-{path.stat().st_size:x}"'
    return SinglePart.of_file(MP4, path, etag)
