"""Frames (PS3.18 10.4.1.1.6): pixel data of single frames, in the order asked for."""

from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import retrieve
from apps.archive.retrieve import Frames
from apps.audit import access
from apps.core.errors import Invalid
from apps.dicomweb.accept import MULTIPART, Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import OCTETS, of_pixels
from apps.dicomweb.responses import Part, chosen, is_current, multipart, not_modified, place, tagged, varied
from apps.dicomweb.single_part import SinglePart, serve

MAX_FRAMES: Final = 10_000


def frames(request: HttpRequest, study: str, series: str, instance: str, numbers: str) -> HttpResponseBase:
    """Frames in the order asked for (PS3.18 10.4.1.1.6), in the transfer syntax that they are stored in."""
    principal = sign_in(request)
    found = retrieve.frames(principal, study, series, instance, frame_numbers(numbers))
    offer = chosen(request, frame_offers(found.transfer_syntax_uid, len(found.numbers)))
    etag = f'"{found.instance.etag[1:-1]}-{numbers[:64]}"'
    if offer.type == MULTIPART:
        etag = varied(etag)
    has_one = len(found.numbers) == 1
    if has_one and is_current(request, etag):
        return not_modified(etag)
    access.note(principal, found.instance.practice_id, study, "frames", len(found.numbers))
    if offer.type != MULTIPART:
        return serve(request, SinglePart.of_bytes(_content_type(found, offer), next(iter(found)), etag))
    response = _frames(request, found, offer)
    return tagged(response, etag) if has_one else response


def frame_numbers(text: str) -> tuple[int, ...]:
    """A list such as `1,3,2`, in that order. Raises Invalid."""
    words = text.split(",", MAX_FRAMES + 1)
    if len(words) > MAX_FRAMES or not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise Invalid(f"Write frames as numbers with commas between them, at most {MAX_FRAMES}.")
    return tuple(int(word) for word in words)


def frame_offers(transfer_syntax_uid: str, count: int) -> tuple[Offer, ...]:
    """Frames as stored: by their own media type, or as octets for who names the transfer syntax or takes any."""
    media_type = of_pixels(transfer_syntax_uid)
    types = (media_type,) if media_type == OCTETS else (media_type, OCTETS)
    parts = tuple(Offer(MULTIPART, each, transfer_syntax_uid) for each in types)
    return parts if count > 1 else parts + tuple(Offer(each, "", transfer_syntax_uid) for each in types)


def frame_parts(found: Frames, offer: Offer, base: str) -> Iterator[Part]:
    """A part for each frame, its transfer syntax said in its Content-Type (PS3.18 8.7.3.5.2)."""
    content_type = _content_type(found, offer)
    address = place(found.instance, base)
    for number, data in zip(found.numbers, found, strict=True):
        yield Part(content_type, f"{address}/frames/{number}", len(data), (data,))


def _content_type(found: Frames, offer: Offer) -> str:
    return f"{offer.part_type or offer.type}; transfer-syntax={found.transfer_syntax_uid}"


def _frames(request: HttpRequest, found: Frames, offer: Offer) -> HttpResponseBase:
    one = 1 if found.numbers == (1,) else max(found.instance.number_of_frames, 1)
    about = found.instance.size // one * len(found.numbers)
    parts = frame_parts(found, offer, base_url(request))
    return multipart(offer.part_type, parts, about, head=request.method == "HEAD")
