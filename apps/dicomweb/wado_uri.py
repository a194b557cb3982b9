"""WADO-URI (PS3.18 9): one object, by query parameters."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.leaving import file_of, leaves_in
from apps.archive.retrieve import StoredInstance
from apps.archive.transcoding import NotConvertible
from apps.audit import access
from apps.core.errors import Invalid, NotAcceptable
from apps.dicom.uids import is_valid_uid
from apps.dicomweb.accept import media_ranges
from apps.dicomweb.instances import converted_alone
from apps.dicomweb.media_types import DICOM
from apps.dicomweb.rendered import shown
from apps.dicomweb.single_part import SinglePart, serve
from apps.saying import say


def retrieve_object(request: HttpRequest) -> HttpResponseBase:
    """WADO-URI (PS3.18 9.4): one object, as something to look at or as it is stored.

    Without `contentType` it is shown as its kind usually is; where it can't be shown, it is given as stored.
    """
    principal = sign_in(request)
    if request.GET.get("requestType") != "WADO":
        raise Invalid(say("requestType must be WADO."))
    study, series, instance = uids = [request.GET.get(name, "") for name in ("studyUID", "seriesUID", "objectUID")]
    if not all(map(is_valid_uid, uids)):
        raise Invalid(say("studyUID, seriesUID and objectUID must be UIDs."))
    if request.GET.get("anonymize", "no") != "no":
        raise Invalid(say("anonymize: objects are given with their identity alone; leave it out."))
    stored = retrieve.instance(principal, study, series, instance)
    access.note(principal, stored.practice_id, stored.study_instance_uid, "WADO-URI")
    return _answer(request, principal, stored)


def _answer(request: HttpRequest, principal: Principal, stored: StoredInstance) -> HttpResponseBase:
    content_type = request.GET.get("contentType", "").strip()
    if content_type.partition(";")[0].strip().lower() == DICOM:
        _check_download(principal, stored)
        return _file(request, stored, request.GET.get("transferSyntax", "").strip())
    number = request.GET.get("frameNumber", "")
    try:
        return shown(request, stored, number, media_ranges(content_type), is_uri=True)
    except NotAcceptable:
        if content_type:
            raise
        _check_download(principal, stored)
        return _as_it_leaves(request, stored)


def _check_download(principal: Principal, stored: StoredInstance) -> None:
    """Raises Refused for an object that may be seen and no more."""
    study, series, sop = stored.study_instance_uid, stored.series_instance_uid, stored.sop_instance_uid
    retrieve.instance(principal, study, series, sop, Permission.DOWNLOAD)


def _file(request: HttpRequest, stored: StoredInstance, target: str) -> HttpResponseBase:
    """The file in the transfer syntax that is asked for; without one as stored, which most clients expect."""
    if target in ("", "*", leaves_in(stored)):
        return _as_it_leaves(request, stored)
    try:
        return converted_alone(request, stored, target)
    except NotConvertible as error:
        raise NotAcceptable(str(error)) from error


def _as_it_leaves(request: HttpRequest, stored: StoredInstance) -> HttpResponseBase:
    file = file_of(stored)
    return serve(request, SinglePart(DICOM, file.size, stored.corrected_etag, file.pieces))
