"""Bulk data (PS3.18 10.4.1.1.5): single values that are too large for the metadata."""

from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.retrieve import Encapsulated, StoredInstance
from apps.archive.videos import video_of
from apps.audit import access
from apps.dicom.syntax import is_video
from apps.dicomweb.accept import MULTIPART, Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.frames import frames
from apps.dicomweb.media_types import OCTETS, of_pixels
from apps.dicomweb.responses import Part, chosen, is_current, multipart, not_modified, place, tagged, varied
from apps.dicomweb.single_part import SinglePart, serve
from apps.dicomweb.videos import stream

PIXEL_DATA: Final = "7FE00010"
OFFERS: Final = (Offer(OCTETS), Offer(MULTIPART, OCTETS))


def bulk_data(request: HttpRequest, study: str, series: str, instance: str, path: str) -> HttpResponseBase:
    """A bulk data value, little endian; encapsulated pixel data is given as all of its frames, a part for each.

    A video's is its stream.
    """
    principal = sign_in(request)
    try:
        found = retrieve.bulk_data(principal, study, series, instance, path)
    except Encapsulated:
        if path != PIXEL_DATA:
            raise
        stored = retrieve.instance(principal, study, series, instance)
        if is_video(stored.transfer_syntax_uid):
            return _video(request, principal, stored)
        return frames(request, study, series, instance, ",".join(map(str, range(1, stored.number_of_frames + 1))))
    offer = chosen(request, OFFERS)
    access.note(principal, found.instance.practice_id, study, "bulk data")
    etag = f'"{found.instance.etag[1:-1]}-{path}"'
    if offer.type == OCTETS:
        return serve(request, SinglePart(OCTETS, found.length, etag, found.pieces))
    value = SinglePart(OCTETS, found.length, etag, found.pieces)
    return _as_part(request, value, f"{place(found.instance, base_url(request))}/bulkdata/{path}")


def _video(request: HttpRequest, principal: Principal, stored: StoredInstance) -> HttpResponseBase:
    """A video's stream as it is stored, alone unless a multipart answer is asked for: players read it by ranges."""
    own = of_pixels(stored.transfer_syntax_uid)
    kinds = (own, OCTETS) if own != OCTETS else (OCTETS,)
    offer = chosen(request, [*map(Offer, kinds), *(Offer(MULTIPART, kind) for kind in kinds)])
    access.note(principal, stored.practice_id, stored.study_instance_uid, "bulk data")
    value = stream(video_of(stored), offer.part_type or offer.type)
    if offer.type != MULTIPART:
        return serve(request, value)
    return _as_part(request, value, f"{place(stored, base_url(request))}/bulkdata/{PIXEL_DATA}")


def _as_part(request: HttpRequest, value: SinglePart, address: str) -> HttpResponseBase:
    """The value as the one part of a multipart answer."""
    etag = varied(value.etag)
    if is_current(request, etag):
        return not_modified(etag)
    part = Part(value.content_type, address, value.size, value.pieces(0, value.size))
    return tagged(multipart(value.content_type, [part], value.size, head=request.method == "HEAD"), etag)
