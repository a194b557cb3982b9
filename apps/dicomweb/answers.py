"""Answers to a search, in DICOM JSON or XML: compressed for those who accept it, with what there is to say besides."""

from collections.abc import Iterable
from typing import Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from isal import isal_zlib

from apps.core.errors import NotAcceptable
from apps.dicomweb import xml_answers
from apps.dicomweb.accept import MULTIPART, Offer, accepted, accepts_gzip, choose
from apps.dicomweb.media_types import DICOM_JSON, DICOM_XML, JSON
from apps.saying import say

# Below this a body and its compressed form both fit into one network packet.
MIN_COMPRESSED: Final = 1024
_FASTEST: Final = 1
_GZIP_WINDOW: Final = 31
_OFFERS: Final = (Offer(DICOM_JSON), Offer(JSON), Offer(MULTIPART, DICOM_XML))


def search_offer(request: HttpRequest) -> Offer:
    """What a search is to be answered in (PS3.18 10.6.3). Raises NotAcceptable."""
    offer = choose(accepted(request), _OFFERS)
    if offer is None:
        raise NotAcceptable(
            say(
                "Searches are answered in application/dicom+json, or in {multipart}; type={dicom_xml}: accept "
                "one, or */*.",
                multipart=MULTIPART,
                dicom_xml=DICOM_XML,
            )
        )
    return offer


def search_answer(
    request: HttpRequest, offer: Offer, body: bytes, base: str, warnings: Iterable[str] = ()
) -> HttpResponseBase:
    """What matches, from `body`, an array in DICOM JSON: that, or in XML a part for each match and 204 for none.

    `base` is the address of the DICOMweb root. Each of `warnings`, which are plain ASCII, becomes a Warning header
    (PS3.18 8.3.4.4).
    """
    response = _json(request, body) if offer.type != MULTIPART else _xml(body, base)
    headers = response.headers
    headers["Vary"] = "Accept, Accept-Encoding"
    headers["Cache-Control"] = "private, no-cache"
    if said := ", ".join(f'299 fovea "{text}"' for text in warnings):
        headers["Warning"] = said
    return response


def _json(request: HttpRequest, body: bytes) -> HttpResponse:
    encoding = ""
    if len(body) > MIN_COMPRESSED and accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        body, encoding = isal_zlib.compress(body, _FASTEST, _GZIP_WINDOW), "gzip"
    response = HttpResponse(body, content_type=DICOM_JSON)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def _xml(body: bytes, base: str) -> HttpResponseBase:
    """A multipart body has one part at least (RFC 2046 5.1), so that no match is no content."""
    matches = orjson.loads(body)
    return xml_answers.data_sets(matches, base, len(body)) if matches else HttpResponse(status=204)
