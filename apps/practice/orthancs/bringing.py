"""One instance that a caller with a token brings itself, instead of an Orthanc that tells of it."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.guards import refused
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core import form_data, multipart
from apps.core.errors import Invalid, Refused, Unsupported
from apps.core.form_data import Item
from apps.core.http import body_stream
from apps.practice.models import Lead
from apps.practice.xrays.facts import Declared
from apps.practice.xrays.receiving import Receiving, Taken, origin_of
from apps.saying import say

WAY: Final = "DICOM API"
DICOM: Final = "application/dicom"
LEAD: Final = "leadId"
FILE: Final = "file"
MOST_PARTS: Final = 8
NO_SUCH_LEAD: Final = say("There is no such lead in this practice.")
WRONG_TYPE: Final = say(
    "Send one DICOM object as application/dicom, or as the part `file` of a form (multipart/form-data); or, as an"
    " Orthanc, a signed notice."
)


def bring(request: HttpRequest, who: Principal) -> Taken:
    """Store the object of the request's body, for the lead that it names.

    Raises Refused, Unsupported, Invalid with the field that is wrong, and what reading and storing do.
    """
    practice_id = _practice_of(who)
    with Receiving(who, origin_of(who, practice_id, WAY)) as receiving:
        lead = request.GET.get(LEAD, "")
        for item in _items(request):
            if item.name == LEAD:
                lead = item.text()
            elif item.name == FILE:
                receiving.offer(item.chunks)
        return receiving.settle(Declared(lead=_lead(who, practice_id, lead)))


def _practice_of(who: Principal) -> int:
    if who.practice_id is None:
        raise Refused(say("You belong to no practice yet, so there is nowhere to store. Ask an administrator."))
    if not who.may_in(Permission.UPLOAD, who.practice_id):
        raise refused(Permission.UPLOAD)
    return who.practice_id


def _items(request: HttpRequest) -> Iterator[Item]:
    """The object, and what is said of it. Raises Unsupported for a body of another kind."""
    media_type, _ = multipart.content_type(request.META.get("CONTENT_TYPE", ""))
    if media_type == form_data.MEDIA_TYPE:
        limits = multipart.Limits(part_bytes=settings.MAX_INSTANCE_BYTES, parts=MOST_PARTS)
        return form_data.items(request, body_bytes=settings.MAX_BODY_BYTES, limits=limits)
    if media_type != DICOM:
        raise Unsupported(WRONG_TYPE)
    body = body_stream(request, limit=settings.MAX_INSTANCE_BYTES)
    return iter([Item(FILE, None, DICOM, body)])


def _lead(who: Principal, practice_id: int, given: str) -> Lead | None:
    """The lead that is named, None where none is. Raises Invalid."""
    if not given:
        return None
    is_number = given.isascii() and given.isdigit() and len(given) < 19
    alive = Lead.objects.visible_to(who).alive().filter(practice=practice_id)
    lead = alive.filter(pk=int(given)).first() if is_number else None
    if lead is None:
        raise Invalid(NO_SUCH_LEAD, [(LEAD, NO_SUCH_LEAD)])
    return lead
