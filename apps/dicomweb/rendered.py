"""The rendered and thumbnail resources (PS3.18 10.4.1.1.3, 10.4.1.1.4), and WADO-URI (PS3.18 9)."""

import hashlib
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import renditions, retrieve
from apps.archive.retrieve import StoredInstance
from apps.audit import access
from apps.core.errors import Invalid
from apps.dicom.uids import is_valid_uid
from apps.dicomweb.accept import Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import DICOM
from apps.dicomweb.responses import Part, is_current, not_modified, single, tagged
from apps.dicomweb.wado import chosen, file_part, frame_numbers

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
    return _picture(request, stored, number, chosen(request, IMAGE_OFFERS).type)


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


def wado_uri(request: HttpRequest) -> HttpResponseBase:
    """WADO-URI (PS3.18 9.4): one object, by query parameters, as an image or as it is stored."""
    principal = sign_in(request)
    if request.GET.get("requestType") != "WADO":
        raise Invalid("requestType must be WADO.")
    uids = [request.GET.get(name, "") for name in ("studyUID", "seriesUID", "objectUID")]
    if not all(map(is_valid_uid, uids)):
        raise Invalid("studyUID, seriesUID and objectUID must be UIDs.")
    stored = retrieve.instance(principal, *uids)
    access.note(principal, stored.practice_id, stored.study_instance_uid, "WADO-URI")
    content_type = request.GET.get("contentType", JPEG if stored.number_of_frames else DICOM)
    if content_type == DICOM:
        return single(file_part(stored, base_url(request)))
    known = {offer.type for offer in IMAGE_OFFERS}
    wanted = next((each for each in content_type.split(",") if each.strip() in known), JPEG)
    return _picture(request, stored, request.GET.get("frameNumber", ""), wanted.strip())


def _picture(request: HttpRequest, stored: StoredInstance, number: str, media_type: str) -> HttpResponseBase:
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
