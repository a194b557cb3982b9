"""Documents to read (PS3.18 8.7.2, "Text"): encapsulated ones as they are, structured reports as pages."""

import hashlib
from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.archive import retrieve
from apps.archive.headers import described
from apps.archive.retrieve import StoredInstance
from apps.core.errors import NotAcceptable, NotFound
from apps.dicom import sr_html, sr_text
from apps.dicom.attributes import integer, octets
from apps.dicom.sr_tree import Reference, evidence
from apps.dicomweb.accept import MediaRange, Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.responses import chosen_of
from apps.dicomweb.single_part import SinglePart, serve
from apps.saying import say

HTML: Final = "text/html"
TEXT: Final = "text/plain"
PDF: Final = "application/pdf"
REPORT_OFFERS: Final = (Offer(HTML), Offer(TEXT))
_DOCUMENT, _DOCUMENT_LENGTH = "00420011", "00420015"
_CLASSES: Final = "1.2.840.10008.5.1.4.1.1.104."
# Each with the ending of its file's name.
_ENCAPSULATED: Final = {
    f"{_CLASSES}1": (PDF, "pdf"),
    f"{_CLASSES}2": ("text/xml", "xml"),
    f"{_CLASSES}3": ("model/stl", "stl"),
    f"{_CLASSES}4": ("model/obj", "obj"),
    f"{_CLASSES}5": ("model/mtl", "mtl"),
}
# What a sender wrote runs no script of its own at this address. A PDF's viewer does not start in a sandbox.
_SANDBOX: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def document_type(sop_class_uid: str) -> str:
    """The media type of the document that objects of this class hold; empty for other classes."""
    return _ENCAPSULATED.get(sop_class_uid, ("",))[0]


def document(request: HttpRequest, stored: StoredInstance, media_type: str) -> HttpResponseBase:
    """An encapsulated document as the file that it is, shown in the page that asked for it."""
    part = encapsulated(stored, media_type)
    response = serve(request, part)
    response.headers["Content-Disposition"] = f'inline; filename="document.{_ENCAPSULATED[stored.sop_class_uid][1]}"'
    if media_type != PDF:
        response.headers["Content-Security-Policy"] = _SANDBOX
    return response


def encapsulated(stored: StoredInstance, media_type: str) -> SinglePart:
    """The document, without the byte that pads it (PS3.3 C.24.2); a small one lies in the header itself.

    Raises NotAcceptable for an object without one.
    """
    attributes, _ = described(stored)
    etag = f'"{stored.etag[1:-1]}-document"'
    told = integer(attributes, _DOCUMENT_LENGTH) or 0
    inline = octets(attributes, _DOCUMENT)
    if inline is not None:
        return SinglePart.of_bytes(media_type, inline[: told or None], etag)
    try:
        bulk = retrieve.bulk_of(stored, _DOCUMENT)
    except NotFound as error:
        raise NotAcceptable(say("This object holds no document.")) from error
    return SinglePart(media_type, min(told or bulk.length, bulk.length), etag, bulk.pieces)


def report(request: HttpRequest, stored: StoredInstance, ranges: Sequence[MediaRange]) -> HttpResponseBase:
    """A structured report or key object selection as a page, or as plain text."""
    media_type = chosen_of(ranges, REPORT_OFFERS).type
    attributes = described(stored)[0]
    if media_type == TEXT:
        return _page(request, TEXT, sr_text.report_text(attributes))
    known, base = evidence(attributes), base_url(request)

    def locate(reference: Reference) -> str | None:
        uid = reference.sop_instance_uid
        if uid not in known:
            return None
        study, series = known[uid]
        frame = f"/frames/{reference.frames[0]}" if reference.frames else ""
        return f"{base}/studies/{study}/series/{series}/instances/{uid}{frame}"

    response = _page(request, HTML, sr_html.report_page(attributes, locate))
    response.headers["Content-Security-Policy"] = sr_html.CONTENT_SECURITY_POLICY
    return response


def _page(request: HttpRequest, media_type: str, text: str) -> HttpResponseBase:
    body = text.encode()
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    return serve(request, SinglePart.of_bytes(f"{media_type}; charset=utf-8", body, etag))
