"""WADO-URI (PS3.18 9): one object, by query parameters."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import retrieve
from apps.audit import access
from apps.core.errors import Invalid
from apps.dicom.uids import is_valid_uid
from apps.dicomweb.base import base_url
from apps.dicomweb.instances import file_part
from apps.dicomweb.media_types import DICOM
from apps.dicomweb.rendered import IMAGE_OFFERS, JPEG, picture
from apps.dicomweb.responses import single


def retrieve_object(request: HttpRequest) -> HttpResponseBase:
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
    return picture(request, stored, request.GET.get("frameNumber", ""), wanted.strip())
