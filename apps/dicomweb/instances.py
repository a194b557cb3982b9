"""Whole objects (PS3.18 10.4.1.1): the files of a study, a series or an instance, as they are stored."""

from functools import partial
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import retrieve
from apps.archive.retrieve import StoredInstance
from apps.audit import access
from apps.dicomweb.accept import MULTIPART, Offer
from apps.dicomweb.base import base_url
from apps.dicomweb.media_types import DICOM
from apps.dicomweb.responses import Part, chosen, is_current, multipart, not_modified, place, tagged, varied
from apps.dicomweb.single_part import SinglePart, serve

FILE_OFFERS: Final = (Offer(MULTIPART, DICOM), Offer(DICOM))


def instances(request: HttpRequest, study: str, series: str = "") -> HttpResponseBase:
    """The stored files of a study or a series (PS3.18 10.4.1.1), as stored."""
    principal = sign_in(request)
    chosen(request, FILE_OFFERS[:1])
    stored = retrieve.instances(principal, study, series)
    access.note(principal, stored[0].practice_id, study, "instances", len(stored))
    base = base_url(request)
    parts = (file_part(each, base) for each in stored)
    return multipart(DICOM, parts, sum(each.size for each in stored), head=request.method == "HEAD")


def instance(request: HttpRequest, study: str, series: str, instance: str) -> HttpResponseBase:
    """One stored file (PS3.18 10.4.1.1), as stored."""
    principal = sign_in(request)
    offer = chosen(request, FILE_OFFERS)
    stored = retrieve.instance(principal, study, series, instance)
    etag = stored.etag if offer.type == DICOM else varied(stored.etag)
    if is_current(request, etag):
        return not_modified(etag)
    access.note(principal, stored.practice_id, study, "instances")
    if offer.type == DICOM:
        return serve(request, file_alone(stored))
    part = file_part(stored, base_url(request))
    return tagged(multipart(DICOM, [part], stored.size, head=request.method == "HEAD"), etag)


def file_alone(stored: StoredInstance) -> SinglePart:
    """The file by itself."""
    return SinglePart(_content_type(stored), stored.size, stored.etag, partial(retrieve.iter_file, stored))


def file_part(stored: StoredInstance, base: str) -> Part:
    """The file as a part of a multipart answer."""
    return Part(_content_type(stored), place(stored, base), stored.size, retrieve.iter_file(stored))


def _content_type(stored: StoredInstance) -> str:
    return f"{DICOM}; transfer-syntax={stored.transfer_syntax_uid}"
