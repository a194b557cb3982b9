"""Whole objects (PS3.18 10.4.1.1): the files of a study, a series or an instance."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.leaving import file_of, leaves_in
from apps.archive.retrieve import StoredInstance
from apps.archive.transcoding import Converted, NotConvertible, as_it_leaves, file_in
from apps.audit import access
from apps.dicomweb.accept import MULTIPART, Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import DICOM
from apps.dicomweb.representations import file_offers, files_offers, first_given
from apps.dicomweb.responses import IN_MEMORY, Part, chosen, is_current, multipart, not_modified, place, tagged, varied
from apps.dicomweb.single_part import SinglePart, serve
from apps.dicomweb.zipped import wants_zip, zipped


def instances(request: HttpRequest, study: str, series: str = "") -> HttpResponseBase:
    """The files of a study or a series (PS3.18 10.4.1.1): as stored, or in a transfer syntax that the request names.

    What can't be had in that one is given as stored; each part says what it is in.
    """
    principal = sign_in(request)
    stored = retrieve.instances(principal, study, series, permission=Permission.DOWNLOAD)
    if wants_zip(request):
        access.note(principal, stored[0].practice_id, study, "zip", len(stored))
        return zipped(request, stored, series or study)
    offer = chosen(request, files_offers(frozenset(map(leaves_in, stored))))
    access.note(principal, stored[0].practice_id, study, "instances", len(stored))
    base = base_url(request)
    target = "" if offer.is_stored else offer.transfer_syntax
    parts = (file_part(each, base, target) for each in stored)
    return multipart(DICOM, parts, _about(stored, target), head=request.method == "HEAD")


def instance(request: HttpRequest, study: str, series: str, instance: str) -> HttpResponseBase:
    """One file (PS3.18 10.4.1.1): as stored, or in a transfer syntax that the request names."""
    principal = sign_in(request)
    stored = retrieve.instance(principal, study, series, instance, Permission.DOWNLOAD)
    if wants_zip(request):
        access.note(principal, stored.practice_id, study, "zip")
        return zipped(request, [stored], instance)
    offers = file_offers(leaves_in(stored))
    return first_given(request, offers, lambda offer: _given(request, principal, stored, offer))


def file_alone(stored: StoredInstance) -> SinglePart:
    """The file by itself, as it leaves. Raises NotAcceptable."""
    file = file_of(stored)
    return SinglePart(_content_type(file.transfer_syntax_uid), file.size, stored.corrected_etag, file.pieces)


def file_part(stored: StoredInstance, base: str, target: str = "") -> Part:
    """The file as a part of a multipart answer; as stored where there is no `target`, or it can't be had in it."""
    if not target or target == leaves_in(stored):
        return _part(stored, as_it_leaves(stored), base)
    try:
        return _part(stored, file_in(stored, target), base)
    except NotConvertible:
        return _part(stored, as_it_leaves(stored), base)


def converted_alone(request: HttpRequest, stored: StoredInstance, target: str) -> HttpResponseBase:
    """The file by itself in another transfer syntax. Raises NotConvertible."""
    etag = _etag_in(stored, target)
    return not_modified(etag) if is_current(request, etag) else _streamed(request, file_in(stored, target), etag)


def _given(request: HttpRequest, principal: Principal, stored: StoredInstance, offer: Offer) -> HttpResponseBase:
    """The file in this representation. Raises NotConvertible."""
    etag = stored.corrected_etag if offer.is_stored else _etag_in(stored, offer.transfer_syntax)
    if offer.type == MULTIPART:
        etag = varied(etag)
    if is_current(request, etag):
        return not_modified(etag)
    access.note(principal, stored.practice_id, stored.study_instance_uid, "instances")
    if offer.is_stored and offer.type != MULTIPART:
        return serve(request, file_alone(stored))
    file = as_it_leaves(stored) if offer.is_stored else file_in(stored, offer.transfer_syntax)
    if offer.type == MULTIPART:
        part = _part(stored, file, base_url(request))
        about = stored.size if offer.is_stored else IN_MEMORY + 1
        return tagged(multipart(DICOM, [part], about, head=request.method == "HEAD"), etag)
    return _streamed(request, file, etag)


def _etag_in(stored: StoredInstance, target: str) -> str:
    return f'"{stored.corrected_etag[1:-1]}-{target}"'


def _streamed(request: HttpRequest, file: Converted, etag: str) -> HttpResponseBase:
    """A file that is made while it is sent: there are no ranges of it."""
    content_type = _content_type(file.transfer_syntax_uid)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=content_type)
    else:
        response = StreamingHttpResponse(file.pieces, content_type=content_type)
    if file.size is not None:
        response.headers["Content-Length"] = str(file.size)
    return tagged(response, etag)


def _part(stored: StoredInstance, file: Converted, base: str) -> Part:
    return Part(_content_type(file.transfer_syntax_uid), place(stored, base), file.size, file.pieces)


def _about(stored: list[StoredInstance], target: str) -> int:
    """What the files come to in bytes; where some must be made first, more than should be kept in memory."""
    if target and any(leaves_in(each) != target for each in stored):
        return IN_MEMORY + 1
    return sum(each.size for each in stored)


def _content_type(transfer_syntax_uid: str) -> str:
    return f"{DICOM}; transfer-syntax={transfer_syntax_uid}"
