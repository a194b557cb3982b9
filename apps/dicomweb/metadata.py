"""The metadata resources of WADO-RS (PS3.18 10.4.1.1.2): headers of instances, without their bulk data."""

from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import metadata as documents
from apps.archive import retrieve
from apps.archive.intake import BASE
from apps.archive.metadata import Document
from apps.audit import access
from apps.dicomweb.accept import Offer, accepts_gzip
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import DICOM_JSON
from apps.dicomweb.responses import IN_MEMORY, chosen, is_current, not_modified, tagged

OFFERS: Final = (Offer(DICOM_JSON), Offer("application/json"))


def instance(request: HttpRequest, study: str, series: str, instance: str) -> HttpResponseBase:
    """The header of one instance as an array of one data set (PS3.18 10.4.1.1.2)."""
    principal = sign_in(request)
    chosen(request, OFFERS)
    stored, text = retrieve.header(principal, study, series, instance)
    access.note(principal, stored.practice_id, study, "metadata")
    body = b"[%b]" % text.replace(BASE.encode(), base_url(request).encode())
    return HttpResponse(body, content_type=DICOM_JSON)


def series(request: HttpRequest, study: str, series: str) -> HttpResponseBase:
    """The headers of all instances of a series: a ready-made document."""
    principal = sign_in(request)
    chosen(request, OFFERS)
    document = documents.series(principal, study, series, base_url(request))
    access.note(principal, document.practice_id, study, "metadata")
    return _document(request, document)


def study(request: HttpRequest, study: str) -> HttpResponseBase:
    """The headers of all instances of a study: a ready-made document."""
    principal = sign_in(request)
    chosen(request, OFFERS)
    document = documents.study(principal, study, base_url(request))
    access.note(principal, document.practice_id, study, "metadata")
    return _document(request, document)


def _document(request: HttpRequest, document: Document) -> HttpResponseBase:
    if is_current(request, document.etag):
        return not_modified(document.etag)
    packed = document.gzipped()
    response: HttpResponseBase
    if accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        response = HttpResponse(packed, content_type=DICOM_JSON)
        response.headers["Content-Encoding"] = "gzip"
    elif (size := documents.plain_size(packed)) <= 2 * IN_MEMORY:
        response = HttpResponse(documents.plain(packed), content_type=DICOM_JSON)
    else:
        response = StreamingHttpResponse(documents.plain_pieces(packed), content_type=DICOM_JSON)
        response.headers["Content-Length"] = str(size)
    response.headers["Vary"] = "Accept-Encoding"
    return tagged(response, document.etag)
