"""The metadata resources of WADO-RS (PS3.18 10.4.1.1.2): headers of instances, without their bulk data."""

from typing import Final

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import metadata as documents
from apps.archive import retrieve
from apps.archive.intake import BASE
from apps.archive.metadata import Document
from apps.audit import access
from apps.dicom.xml_model import native_model
from apps.dicomweb import xml_answers
from apps.dicomweb.accept import MULTIPART, Offer, accepts_gzip
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import DICOM_JSON, DICOM_XML, JSON
from apps.dicomweb.responses import IN_MEMORY, chosen, is_current, not_modified, tagged

OFFERS: Final = (Offer(DICOM_JSON), Offer(JSON), Offer(MULTIPART, DICOM_XML))
OFFERS_OF_ONE: Final = (*OFFERS, Offer(DICOM_XML))


def instance(request: HttpRequest, study: str, series: str, instance: str) -> HttpResponseBase:
    """The header of one instance: an array of one data set, or XML (PS3.18 10.4.1.1.2)."""
    principal = sign_in(request)
    offer = chosen(request, OFFERS_OF_ONE)
    stored, text = retrieve.header(principal, study, series, instance)
    access.note(principal, stored.practice_id, study, "metadata")
    base = base_url(request)
    header = text.replace(BASE.encode(), base.encode())
    if offer.type == MULTIPART:
        return xml_answers.data_sets((orjson.loads(header),), base, len(header))
    if offer.type == DICOM_XML:
        return HttpResponse(native_model(orjson.loads(header)), content_type=DICOM_XML)
    return HttpResponse(b"[%b]" % header, content_type=DICOM_JSON)


def series(request: HttpRequest, study: str, series: str) -> HttpResponseBase:
    """The headers of all instances of a series: a ready-made document in JSON, or XML part by part."""
    principal = sign_in(request)
    offer = chosen(request, OFFERS)
    document = documents.series(principal, study, series, base_url(request))
    access.note(principal, document.practice_id, study, "metadata")
    return _document(request, document, offer)


def study(request: HttpRequest, study: str) -> HttpResponseBase:
    """The headers of all instances of a study: a ready-made document in JSON, or XML part by part."""
    principal = sign_in(request)
    offer = chosen(request, OFFERS)
    document = documents.study(principal, study, base_url(request))
    access.note(principal, document.practice_id, study, "metadata")
    return _document(request, document, offer)


def _document(request: HttpRequest, document: Document, offer: Offer) -> HttpResponseBase:
    is_xml = offer.type == MULTIPART
    etag = f'{document.etag[:-1]}-xml"' if is_xml else document.etag
    if is_current(request, etag):
        return not_modified(etag)
    if is_xml:
        headers = map(orjson.loads, documents.headers(document))
        response = xml_answers.data_sets(headers, document.base, head=request.method == "HEAD")
    else:
        response = _json(request, document)
    response.headers["Vary"] = "Accept, Accept-Encoding"
    return tagged(response, etag)


def _json(request: HttpRequest, document: Document) -> HttpResponseBase:
    packed = document.gzipped()
    if accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        response = HttpResponse(packed, content_type=DICOM_JSON)
        response.headers["Content-Encoding"] = "gzip"
        return response
    size = documents.plain_size(packed)
    if size <= 2 * IN_MEMORY:
        return HttpResponse(documents.plain(packed), content_type=DICOM_JSON)
    streamed = StreamingHttpResponse(documents.plain_pieces(packed), content_type=DICOM_JSON)
    streamed.headers["Content-Length"] = str(size)
    return streamed
