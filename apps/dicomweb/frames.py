"""Frames (PS3.18 10.4.1.1.6): pixel data of single frames, in the order asked for."""

from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.retrieve import Frames
from apps.archive.transcoding import frames_in
from apps.archive.videos import video_of
from apps.audit import access
from apps.core.errors import Invalid
from apps.dicom.syntax import is_video
from apps.dicomweb.accept import MULTIPART, Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import OCTETS
from apps.dicomweb.representations import first_given, frame_offers
from apps.dicomweb.responses import IN_MEMORY, Part, is_current, multipart, not_modified, place, tagged, varied
from apps.dicomweb.single_part import SinglePart, serve
from apps.dicomweb.videos import stream
from apps.saying import say

MAX_FRAMES: Final = 10_000


def frames(request: HttpRequest, study: str, series: str, instance: str, numbers: str) -> HttpResponseBase:
    """Frames in the order asked for (PS3.18 10.4.1.1.6), as stored or in a transfer syntax that the request names."""
    principal = sign_in(request)
    found = retrieve.frames(principal, study, series, instance, frame_numbers(numbers))
    offers = frame_offers(found.transfer_syntax_uid, len(found.numbers))
    give = _given_video if is_video(found.transfer_syntax_uid) else _given
    return first_given(request, offers, lambda offer: give(request, principal, found, offer))


def frame_numbers(text: str) -> tuple[int, ...]:
    """A list such as `1,3,2`, in that order. Raises Invalid."""
    words = text.split(",", MAX_FRAMES + 1)
    if len(words) > MAX_FRAMES or not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise Invalid(
            say("Write frames as numbers with commas between them, at most {max_frames}.", max_frames=MAX_FRAMES)
        )
    return tuple(int(word) for word in words)


def _given(request: HttpRequest, principal: Principal, found: Frames, offer: Offer) -> HttpResponseBase:
    """The frames in this representation. Raises NotConvertible."""
    etag = _etag(found, offer)
    if etag and is_current(request, etag):
        return not_modified(etag)
    pieces = _as_stored(found, offer) if offer.is_stored else _converted(found, offer)
    access.note(principal, found.instance.practice_id, found.instance.study_instance_uid, "frames", len(found.numbers))
    if offer.type != MULTIPART:
        return serve(request, SinglePart.of_bytes(*next(pieces), etag))
    parts = _parts(found, pieces, base_url(request))
    response = multipart(offer.part_type, parts, _about(found, offer), head=request.method == "HEAD")
    return tagged(response, etag) if etag else response


def _given_video(request: HttpRequest, principal: Principal, found: Frames, offer: Offer) -> HttpResponseBase:
    """The stream, which is the one frame that a video has here: it may be far larger than memory."""
    kind = _content_type(offer.part_type or offer.type, found.transfer_syntax_uid)
    part = stream(video_of(found.instance), kind)
    access.note(principal, found.instance.practice_id, found.instance.study_instance_uid, "frames", len(found.numbers))
    if offer.type != MULTIPART:
        return serve(request, part)
    etag = varied(part.etag)
    if is_current(request, etag):
        return not_modified(etag)
    address = f"{place(found.instance, base_url(request))}/frames/1"
    pieces = (Part(kind, address, part.size, part.pieces(0, part.size)) for _ in found.numbers)
    about = part.size * len(found.numbers)
    return tagged(multipart(offer.part_type, pieces, about, head=request.method == "HEAD"), etag)


def _etag(found: Frames, offer: Offer) -> str:
    """The validator of a single frame, "" for several: those are not asked for twice."""
    if len(found.numbers) > 1:
        return ""
    converted = "" if offer.is_stored else f"-{offer.transfer_syntax}"
    etag = f'"{found.instance.etag[1:-1]}-{found.numbers[0]}{converted}"'
    return varied(etag) if offer.type == MULTIPART else etag


def _as_stored(found: Frames, offer: Offer) -> Iterator[tuple[str, bytes]]:
    """Each frame as it is, with its Content-Type."""
    content_type = _content_type(offer.part_type or offer.type, found.transfer_syntax_uid)
    return ((content_type, data) for data in found)


def _converted(found: Frames, offer: Offer) -> Iterator[tuple[str, bytes]]:
    """Each frame in the offer's transfer syntax, with its Content-Type; octets where it can't be had in it."""
    media_type, target = offer.part_type or offer.type, offer.transfer_syntax
    return (
        (_content_type(media_type if syntax == target else OCTETS, syntax), data)
        for syntax, data in frames_in(found, target)
    )


def _content_type(media_type: str, transfer_syntax_uid: str) -> str:
    return f"{media_type}; transfer-syntax={transfer_syntax_uid}"


def _parts(found: Frames, pieces: Iterator[tuple[str, bytes]], base: str) -> Iterator[Part]:
    """A part for each frame, its transfer syntax said in its Content-Type (PS3.18 8.7.3.5.2)."""
    address = place(found.instance, base)
    for number, (content_type, data) in zip(found.numbers, pieces, strict=True):
        yield Part(content_type, f"{address}/frames/{number}", len(data), (data,))


def _about(found: Frames, offer: Offer) -> int:
    """What the frames come to in bytes; of several that must be made first, more than should be kept in memory."""
    if not offer.is_stored:
        return 0 if len(found.numbers) == 1 else IN_MEMORY + 1
    one = 1 if found.numbers == (1,) else max(found.instance.number_of_frames, 1)
    return found.instance.size // one * len(found.numbers)
