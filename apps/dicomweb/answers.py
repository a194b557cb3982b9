"""Answers in DICOM JSON: compressed for those who accept it, with what a search has to say besides its rows."""

from collections.abc import Iterable
from typing import Final

from django.http import HttpRequest, HttpResponse
from isal import isal_zlib

from apps.core.errors import NotAcceptable
from apps.dicomweb.accept import Offer, accepted, accepts_gzip, choose
from apps.dicomweb.media_types import DICOM_JSON

# Below this a body and its compressed form both fit into one network packet.
MIN_COMPRESSED: Final = 1024
_FASTEST: Final = 1
_GZIP_WINDOW: Final = 31
_OFFERS: Final = (Offer(DICOM_JSON), Offer("application/json"))


def require_json(request: HttpRequest) -> None:
    """Raises NotAcceptable where the request accepts no DICOM JSON (PS3.18 8.7.3.2; `application/json` passes too)."""
    if choose(accepted(request), _OFFERS) is None:
        raise NotAcceptable("Searches are answered in application/dicom+json: accept that, or */*.")


def dicom_json(request: HttpRequest, body: bytes, warnings: Iterable[str] = ()) -> HttpResponse:
    """An answer of DICOM JSON, with a Warning header for each text (PS3.18 8.3.4.4); the texts are plain ASCII."""
    encoding = ""
    if len(body) > MIN_COMPRESSED and accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        body, encoding = isal_zlib.compress(body, _FASTEST, _GZIP_WINDOW), "gzip"
    response = HttpResponse(body, content_type=DICOM_JSON)
    headers = response.headers
    if encoding:
        headers["Content-Encoding"] = encoding
    headers["Vary"] = "Accept, Accept-Encoding"
    headers["Cache-Control"] = "private, no-cache"
    if said := ", ".join(f'299 fovea "{text}"' for text in warnings):
        headers["Warning"] = said
    return response
