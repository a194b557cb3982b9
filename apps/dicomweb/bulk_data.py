"""Bulk data (PS3.18 10.4.1.1.5): single values that are too large for the metadata."""

from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import retrieve
from apps.archive.retrieve import Encapsulated
from apps.audit import access
from apps.dicomweb.accept import MULTIPART, Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.frames import frames
from apps.dicomweb.media_types import OCTETS
from apps.dicomweb.responses import Part, chosen, is_current, multipart, not_modified, place, tagged, varied
from apps.dicomweb.single_part import SinglePart, serve

PIXEL_DATA: Final = "7FE00010"
OFFERS: Final = (Offer(OCTETS), Offer(MULTIPART, OCTETS))


def bulk_data(request: HttpRequest, study: str, series: str, instance: str, path: str) -> HttpResponseBase:
    """A bulk data value, little endian; encapsulated pixel data is given as all of its frames, a part for each."""
    principal = sign_in(request)
    try:
        found = retrieve.bulk_data(principal, study, series, instance, path)
    except Encapsulated:
        if path != PIXEL_DATA:
            raise
        count = retrieve.instance(principal, study, series, instance).number_of_frames
        return frames(request, study, series, instance, ",".join(map(str, range(1, count + 1))))
    offer = chosen(request, OFFERS)
    access.note(principal, found.instance.practice_id, study, "bulk data")
    etag = f'"{found.instance.etag[1:-1]}-{path}"'
    if offer.type == OCTETS:
        return serve(request, SinglePart(OCTETS, found.length, etag, found.pieces))
    if is_current(request, varied(etag)):
        return not_modified(varied(etag))
    address = f"{place(found.instance, base_url(request))}/bulkdata/{path}"
    part = Part(OCTETS, address, found.length, found.pieces())
    return tagged(multipart(OCTETS, [part], found.length, head=request.method == "HEAD"), varied(etag))
