"""WADO-RS (PS3.18 10.4): studies, series, instances, metadata, frames and bulk data, as they are stored."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import metadata, retrieve
from apps.archive.intake import BASE
from apps.archive.metadata import Document
from apps.archive.retrieve import Frames, StoredInstance
from apps.audit import access
from apps.core.errors import Invalid, NotAcceptable
from apps.dicomweb.accept import MULTIPART, Offer, accepted, accepts_gzip, choose
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import DICOM, DICOM_JSON, OCTETS, of_pixels
from apps.dicomweb.responses import IN_MEMORY, Part, is_current, multipart, not_modified, single, tagged

MAX_FRAMES: Final = 10_000
MAX_FRAME_LIST: Final = 100_000

METADATA_OFFERS: Final = (Offer(DICOM_JSON), Offer("application/json"))
FILE_OFFERS: Final = (Offer(MULTIPART, DICOM), Offer(DICOM))


def instances(request: HttpRequest, study: str, series: str = "") -> HttpResponseBase:
    """The stored files of a study or a series (PS3.18 10.4.1.1), as stored."""
    principal = sign_in(request)
    chosen(request, FILE_OFFERS[:1])
    stored = retrieve.instances(principal, study, series)
    access.note(principal, stored[0].practice_id, study, "instances", len(stored))
    base = base_url(request)
    parts = (file_part(each, base) for each in stored)
    return multipart(DICOM, parts, sum(each.size for each in stored))


def instance(request: HttpRequest, study: str, series: str, instance: str) -> HttpResponseBase:
    """One stored file (PS3.18 10.4.1.1), as stored."""
    principal = sign_in(request)
    offer = chosen(request, FILE_OFFERS)
    stored = retrieve.instance(principal, study, series, instance)
    if is_current(request, stored.etag):
        return not_modified(stored.etag)
    access.note(principal, stored.practice_id, study, "instances")
    part = file_part(stored, base_url(request))
    response = single(part) if offer.type == DICOM else multipart(DICOM, [part], stored.size)
    return tagged(response, stored.etag)


def instance_metadata(request: HttpRequest, study: str, series: str, instance: str) -> HttpResponseBase:
    """The header of one instance as an array of one data set (PS3.18 10.4.1.1.2)."""
    principal = sign_in(request)
    chosen(request, METADATA_OFFERS)
    stored, text = retrieve.header(principal, study, series, instance)
    access.note(principal, stored.practice_id, study, "metadata")
    body = b"[%b]" % text.replace(BASE.encode(), base_url(request).encode())
    return HttpResponse(body, content_type=DICOM_JSON)


def series_metadata(request: HttpRequest, study: str, series: str) -> HttpResponseBase:
    """The headers of all instances of a series: a ready-made document."""
    principal = sign_in(request)
    chosen(request, METADATA_OFFERS)
    document = metadata.series(principal, study, series, base_url(request))
    access.note(principal, document.practice_id, study, "metadata")
    return _document(request, document)


def study_metadata(request: HttpRequest, study: str) -> HttpResponseBase:
    """The headers of all instances of a study: a ready-made document."""
    principal = sign_in(request)
    chosen(request, METADATA_OFFERS)
    document = metadata.study(principal, study, base_url(request))
    access.note(principal, document.practice_id, study, "metadata")
    return _document(request, document)


def frames(request: HttpRequest, study: str, series: str, instance: str, numbers: str) -> HttpResponseBase:
    """Frames in the order asked for (PS3.18 10.4.1.1.6), in the transfer syntax that they are stored in."""
    principal = sign_in(request)
    found = retrieve.frames(principal, study, series, instance, frame_numbers(numbers))
    offer = chosen(request, frame_offers(found.transfer_syntax_uid, len(found.numbers)))
    etag = f'"{found.instance.etag[1:-1]}-{numbers[:64]}"'
    if len(found.numbers) == 1 and is_current(request, etag):
        return not_modified(etag)
    access.note(principal, found.instance.practice_id, study, "frames", len(found.numbers))
    parts = frame_parts(found, offer, base_url(request))
    response = single(next(parts)) if offer.type != MULTIPART else _frames(found, offer, parts)
    return tagged(response, etag) if len(found.numbers) == 1 else response


def bulk_data(request: HttpRequest, study: str, series: str, instance: str, path: str) -> HttpResponseBase:
    """A bulk data value (PS3.18 10.4.1.1.5), little endian."""
    principal = sign_in(request)
    found = retrieve.bulk_data(principal, study, series, instance, path)
    offer = chosen(request, (Offer(OCTETS), Offer(MULTIPART, OCTETS)))
    access.note(principal, found.instance.practice_id, study, "bulk data")
    part = Part(OCTETS, f"{place(found.instance, base_url(request))}/bulkdata/{path}", found.length, found.pieces())
    return single(part) if offer.type == OCTETS else multipart(OCTETS, [part], found.length)


def chosen(request: HttpRequest, offers: Sequence[Offer]) -> Offer:
    """The offer that the request likes best. Raises NotAcceptable."""
    offer = choose(accepted(request), offers)
    if offer is None:
        given = ", ".join(sorted({offer.part_type or offer.type for offer in offers}))
        raise NotAcceptable(f"This can be had as {given}.")
    return offer


def frame_numbers(text: str) -> tuple[int, ...]:
    """A list such as `1,3,2`, in that order. Raises Invalid."""
    words = text.split(",", MAX_FRAMES + 1)
    if len(words) > MAX_FRAMES or not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise Invalid(f"Write frames as numbers with commas between them, at most {MAX_FRAMES}.")
    return tuple(int(word) for word in words)


def frame_offers(transfer_syntax_uid: str, count: int) -> tuple[Offer, ...]:
    """Frames as stored: by their own media type, or as octets for who names the transfer syntax or takes any."""
    media_type = of_pixels(transfer_syntax_uid)
    types = (media_type,) if media_type == OCTETS else (media_type, OCTETS)
    parts = tuple(Offer(MULTIPART, each, transfer_syntax_uid) for each in types)
    return parts if count > 1 else parts + tuple(Offer(each, "", transfer_syntax_uid) for each in types)


def frame_parts(found: Frames, offer: Offer, base: str) -> Iterator[Part]:
    """A part for each frame, its transfer syntax said in its Content-Type (PS3.18 8.7.3.5.2)."""
    media_type = offer.part_type or offer.type
    content_type = f"{media_type}; transfer-syntax={found.transfer_syntax_uid}"
    address = place(found.instance, base)
    for number, data in zip(found.numbers, found, strict=True):
        yield Part(content_type, f"{address}/frames/{number}", len(data), (data,))


def file_part(stored: StoredInstance, base: str) -> Part:
    content_type = f"{DICOM}; transfer-syntax={stored.transfer_syntax_uid}"
    return Part(content_type, place(stored, base), stored.size, retrieve.iter_file(stored))


def place(stored: StoredInstance, base: str) -> str:
    """The address of an instance."""
    return (
        f"{base}/studies/{stored.study_instance_uid}/series/{stored.series_instance_uid}"
        f"/instances/{stored.sop_instance_uid}"
    )


def _frames(found: Frames, offer: Offer, parts: Iterator[Part]) -> HttpResponseBase:
    one = 1 if found.numbers == (1,) else max(found.instance.number_of_frames, 1)
    about = found.instance.size // one * len(found.numbers)
    return multipart(offer.part_type, parts, about)


def _document(request: HttpRequest, document: Document) -> HttpResponseBase:
    if is_current(request, document.etag):
        return not_modified(document.etag)
    packed = document.gzipped()
    response: HttpResponseBase
    if accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        response = HttpResponse(packed, content_type=DICOM_JSON)
        response.headers["Content-Encoding"] = "gzip"
    elif (size := metadata.plain_size(packed)) <= 2 * IN_MEMORY:
        response = HttpResponse(metadata.plain(packed), content_type=DICOM_JSON)
    else:
        response = StreamingHttpResponse(metadata.plain_pieces(packed), content_type=DICOM_JSON)
        response.headers["Content-Length"] = str(size)
    response.headers["Vary"] = "Accept-Encoding"
    return tagged(response, document.etag)
