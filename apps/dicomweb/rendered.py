"""The rendered and thumbnail resources (PS3.18 10.4.1.1.3, 10.4.1.1.4)."""

import hashlib
from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import movies, renditions, retrieve
from apps.archive.retrieve import StoredInstance
from apps.audit import access
from apps.core.errors import Invalid, NotAcceptable
from apps.dicom.sr_tree import is_report
from apps.dicom.syntax import is_video
from apps.dicomweb.accept import MediaRange, Offer, accepted
from apps.dicomweb.documents import document, document_type, report
from apps.dicomweb.frames import frame_numbers
from apps.dicomweb.responses import chosen_of, is_current, not_modified, tagged
from apps.dicomweb.single_part import SinglePart, serve
from apps.dicomweb.videos import video
from apps.saying import say

JPEG: Final = "image/jpeg"
GIF: Final = "image/gif"
MP4: Final = "video/mp4"
IMAGE_OFFERS: Final = (Offer(JPEG), Offer("image/png"), Offer(GIF))
CINE_OFFERS: Final = (*IMAGE_OFFERS, Offer(MP4))
THUMBNAIL_PARAMETERS: Final = ("viewport", "quality")
PRESENTATION_STATES: Final = "1.2.840.10008.5.1.4.1.1.11."


def rendered(
    request: HttpRequest, study: str, series: str = "", instance: str = "", number: str = ""
) -> HttpResponseBase:
    """A study, series, instance or frame to look at: an image, a movie, or the document that it holds.

    Of a study and a series it is the middle image that is shown, or the first object where there are no images.
    """
    principal = sign_in(request)
    stored = retrieve.representative(principal, study, series, instance)
    access.note(principal, stored.practice_id, study, "rendered")
    return shown(request, stored, number, accepted(request))


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


def shown(
    request: HttpRequest,
    stored: StoredInstance,
    number: str,
    ranges: Sequence[MediaRange],
    *,
    is_uri: bool = False,
) -> HttpResponseBase:
    """What an object looks like, in the best of the media types of its kind (PS3.18 table 8.7.4-1).

    Its parameters are those of WADO-URI if `is_uri`.
    """
    if encapsulated := document_type(stored.sop_class_uid):
        return document(request, stored, chosen_of(ranges, [Offer(encapsulated)]).type)
    if is_report(stored.sop_class_uid):
        return report(request, stored, ranges)
    if stored.sop_class_uid.startswith(PRESENTATION_STATES):
        raise NotAcceptable(say("A presentation state shows nothing by itself: ask for the images that it refers to."))
    if is_video(stored.transfer_syntax_uid) and not number and (played := video(request, stored, ranges)):
        return played
    is_cine = stored.number_of_frames > 1 and not number
    media_type = chosen_of(ranges, CINE_OFFERS if is_cine else IMAGE_OFFERS).type
    if is_cine and media_type in (GIF, MP4):
        return _movie(request, stored, media_type)
    return _picture(request, stored, number, media_type, is_uri)


def _picture(
    request: HttpRequest, stored: StoredInstance, number: str, media_type: str, is_uri: bool
) -> HttpResponseBase:
    """One frame as an image, the middle one where `number` is empty."""
    frame = _frame(stored, number)
    etag = _etag(request, stored, frame, media_type)
    if is_current(request, etag):
        return not_modified(etag)
    picture = renditions.render(stored, frame, request.GET.dict(), media_type, is_uri=is_uri)
    return tagged(HttpResponse(picture, content_type=media_type), etag)


def _movie(request: HttpRequest, stored: StoredInstance, media_type: str) -> HttpResponseBase:
    """All frames one after the other, at the rate that the object names."""
    etag = _etag(request, stored, 0, media_type)
    if is_current(request, etag):
        return not_modified(etag)
    return serve(request, SinglePart.of_file(media_type, movies.movie(stored, request.GET.dict(), media_type), etag))


def _frame(stored: StoredInstance, number: str) -> int:
    if not number:
        return renditions.middle_frame(stored)
    numbers = frame_numbers(number)
    if len(numbers) != 1 or not numbers[0]:
        raise Invalid(say("One frame can be rendered at a time; they count from 1."))
    return numbers[0]


def _etag(request: HttpRequest, stored: StoredInstance, frame: int, kind: str) -> str:
    asked = hashlib.sha256(f"{kind} {request.META.get('QUERY_STRING', '')}".encode()).hexdigest()[:12]
    return f'"{stored.corrected_etag[1:-1]}-{frame}-{asked}"'
