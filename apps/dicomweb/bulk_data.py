"""Bulk data (PS3.18 10.4.1.1.5): single values that are too large for the metadata."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import retrieve
from apps.audit import access
from apps.dicomweb.accept import MULTIPART, Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import OCTETS
from apps.dicomweb.responses import Part, chosen, multipart, place, single


def bulk_data(request: HttpRequest, study: str, series: str, instance: str, path: str) -> HttpResponseBase:
    """A bulk data value (PS3.18 10.4.1.1.5), little endian."""
    principal = sign_in(request)
    found = retrieve.bulk_data(principal, study, series, instance, path)
    offer = chosen(request, (Offer(OCTETS), Offer(MULTIPART, OCTETS)))
    access.note(principal, found.instance.practice_id, study, "bulk data")
    part = Part(OCTETS, f"{place(found.instance, base_url(request))}/bulkdata/{path}", found.length, found.pieces())
    return single(part) if offer.type == OCTETS else multipart(OCTETS, [part], found.length)
