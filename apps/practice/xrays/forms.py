"""The form of an upload (RFC 7578), read as a stream: its file goes on while the rest of the form is not there yet."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import quotas
from apps.core import form_data, multipart
from apps.core.errors import Invalid, Refused, TooLarge
from apps.core.http import declared_length
from apps.practice.models import Lead, XrayType
from apps.practice.xrays.facts import Declared, FactsSerializer
from apps.practice.xrays.receiving import Receiving
from apps.saying import say

FILE: Final = "file"
FIELDS: Final = frozenset({"leadId", "userId", "xrayType", "dateTaken", "notes", "teeth"})
# What a form has around its file.
AROUND_BYTES: Final = 1 << 20
MOST_PARTS: Final = 32
FIELD_BYTES: Final = 16 << 10
NO_PRACTICE: Final = say("You belong to no practice yet, so there is nowhere to store. Ask an administrator.")
NOT_HERE: Final = say("You may not store anything in this practice. Ask an administrator.")
NO_LEAD: Final = say("There is no such lead in this practice.")
NO_FIELD: Final = say(
    "There is no such field. Those that there are: file, leadId, userId, xrayType, dateTaken, notes, teeth."
)
ONCE: Final = say("Give this field once.")
WRONG: Final = say("Some of what was sent is not right: see errors.")


def practice_of(principal: Principal) -> int:
    """The practice that this principal's uploads go to. Raises Refused."""
    if principal.practice_id is None:
        raise Refused(NO_PRACTICE)
    if not principal.may_in(Permission.UPLOAD, principal.practice_id):
        raise Refused(NOT_HERE)
    return principal.practice_id


def read(request: HttpRequest, receiving: Receiving) -> dict[str, str]:
    """Offer the form's file, and return its other fields as they were written.

    Raises Invalid (a broken form, or an unknown or repeated field), TooLarge, QuotaReached before anything is read, and
    what `Receiving.offer` raises.
    """
    quotas.check(receiving.practice_id, declared_length(request) or 0)
    limits = multipart.Limits(part_bytes=settings.MAX_INSTANCE_BYTES, parts=MOST_PARTS)
    given: dict[str, str] = {}
    for item in form_data.items(request, body_bytes=settings.MAX_INSTANCE_BYTES + AROUND_BYTES, limits=limits):
        if item.name == FILE:
            receiving.offer(item.chunks)
        elif item.name not in FIELDS:
            raise Invalid(WRONG, [(item.name, NO_FIELD)])
        elif item.name in given:
            raise Invalid(WRONG, [(item.name, ONCE)])
        else:
            given[item.name] = _text(item)
    return given


def declared(given: dict[str, str], principal: Principal, practice_id: int) -> Declared:
    """What the fields say. Raises ValidationError and Invalid with all that is wrong."""
    asked = FactsSerializer(data={name: text for name, text in given.items() if text})
    asked.is_valid(raise_exception=True)
    return facts_of(dict(asked.validated_data), principal, practice_id)


def facts_of(facts: dict[str, Any], principal: Principal, practice_id: int) -> Declared:
    """The same of facts that have been checked but for their lead. Raises Invalid for `leadId`."""
    lead = lead_of(principal, practice_id, facts["lead_id"]) if "lead_id" in facts else None
    return Declared(
        lead=lead,
        kind=XrayType(facts["xray_type"]) if "xray_type" in facts else None,
        taken_at=facts.get("date_taken"),
        teeth=facts.get("teeth", ""),
        notes=facts.get("notes", ""),
        user_id=facts.get("user_id", ""),
    )


def lead_of(principal: Principal, practice_id: int, lead_id: int) -> Lead:
    """A lead of the practice; another practice's looks like none. Raises Invalid for `leadId`."""
    # A DICOM file needs no more of it: what a picture is to carry is read then.
    lead = Lead.objects.alive().filter(practice=practice_id, pk=lead_id).only("practice_id", "deleted_at").first()
    if lead is None or not principal.may_in(Permission.UPLOAD, practice_id):
        raise Invalid(NO_LEAD, [("leadId", NO_LEAD)])
    return lead


def _text(item: form_data.Item) -> str:
    """A field's value, of a bounded length. Raises TooLarge and Invalid."""
    text = item.text()
    if len(text) > FIELD_BYTES:
        raise TooLarge(say("{name} is longer than {field_bytes} KiB.", name=item.name, field_bytes=FIELD_BYTES >> 10))
    return text.strip()
