"""The rendered and thumbnail resources (PS3.18 10.4.1.1.3, 10.4.1.1.4)."""

import hashlib
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import renditions, retrieve
from apps.archive.retrieve import StoredInstance
from apps.audit import access
from apps.core.errors import Invalid
from apps.dicomweb.accept import Offer
from apps.dicomweb.frames import frame_numbers
from apps.dicomweb.responses import Part, chosen, is_current, not_modified, single, tagged

JPEG: Final = "image/jpeg"
PDF: Final = "application/pdf"
IMAGE_OFFERS: Final = (Offer(JPEG), Offer("image/png"), Offer("image/gif"))
THUMBNAIL_PARAMETERS: Final = ("viewport", "quality")
ENCAPSULATED_PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"
ENCAPSULATED_DOCUMENT: Final = "00420011"


def rendered(
    request: HttpRequest, study: str, series: str = "", instance: str = "", number: str = ""
) -> HttpResponseBase:
    """A study, series, instance or frame to look at: its middle image, or the document that it holds."""
    principal = sign_in(request)
    stored = retrieve.representative(principal, study, series, instance)
    access.note(principal, stored.practice_id, study, "rendered")
    if stored.sop_class_uid == ENCAPSULATED_PDF:
        chosen(request, [Offer(PDF)])
        return _document(request, stored)
    return picture(request, stored, number, chosen(request, IMAGE_OFFERS).type)


def thumbnail(
    request: HttpRequest, study: str, series: str = "", instance: str = "", number: str = ""
) -> HttpResponseBase:
    """A small JPEG, whatever the request accepts: the server chooses (PS3.18 10.4.1.1.4)."""
    principal = sign_in(request)
    stored = retrieve.representative(principal, study, series, instance)
    access.note(principal, stored.practice_id, study, "thumbnail")
    frame = _frame(stored, number)
    etag = _etag(request, stored, frame, "thumbnail")
    if is_current(request, etag):
        return not_modified(etag)
    query = {name: request.GET[name] for name in THUMBNAIL_PARAMETERS if name in request.GET}
    return tagged(HttpResponse(renditions.thumbnail(stored, frame, query), content_type=JPEG), etag)


def picture(request: HttpRequest, stored: StoredInstance, number: str, media_type: str) -> HttpResponseBase:
    """One frame as an image, the middle one where `number` is empty."""
    frame = _frame(stored, number)
    etag = _etag(request, stored, frame, media_type)
    if is_current(request, etag):
        return not_modified(etag)
    picture = renditions.render(stored, frame, request.GET.dict(), media_type)
    return tagged(HttpResponse(picture, content_type=media_type), etag)


def _document(request: HttpRequest, stored: StoredInstance) -> HttpResponseBase:
    """An encapsulated PDF as the file that it is, shown in the page that asked for it."""
    bulk = retrieve.bulk_of(stored, ENCAPSULATED_DOCUMENT)
    response = single(Part(PDF, request.path, bulk.length, bulk.pieces()))
    response.headers["Content-Disposition"] = 'inline; filename="document.pdf"'
    return tagged(response, stored.etag)


def _frame(stored: StoredInstance, number: str) -> int:
    if not number:
        return renditions.middle_frame(stored)
    numbers = frame_numbers(number)
    if len(numbers) != 1:
        raise Invalid("Only one frame can be rendered at a time.")
    return numbers[0]


def _etag(request: HttpRequest, stored: StoredInstance, frame: int, kind: str) -> str:
    asked = hashlib.sha256(f"{kind} {request.META.get('QUERY_STRING', '')}".encode()).hexdigest()[:12]
    return f'"{stored.etag[1:-1]}-{frame}-{asked}"'
