"""An event as an audit message of the standard (PS3.15 A.5.1), for those who collect them from many systems."""

from base64 import b64encode
from datetime import UTC
from functools import cache
from ipaddress import ip_address
from socket import gethostname
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from django.conf import settings

from apps.audit.codes import Code, code_of
from apps.audit.models import Event
from apps.core.languages import in_english

Action = Event.Action

_APPLICATION: Final = Code("110150", "Application")
_SOURCE: Final = Code("110153", "Source Role ID")
_DESTINATION: Final = Code("110152", "Destination Role ID")
_STUDY: Final = Code("110180", "Study Instance UID")
_SOP_CLASS: Final = Code("110181", "SOP Class UID")
_PATIENT_NUMBER: Final = Code("2", "Patient Number", "RFC-3881")
_URI: Final = Code("12", "URI", "RFC-3881")
_STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
_WEB_SERVER: Final = Code("3", "Web server process tier in a multi-tier system", "RFC-3881")

# What the one who acts and this server are to each other (PS3.15 A.5.3).
_ACTOR_ROLE: Final = {
    Action.IMPORT: _SOURCE,
    Action.REFUSE: _SOURCE,
    Action.QUERY: _SOURCE,
    Action.EXPORT: _SOURCE,
    Action.START: _APPLICATION,
    Action.STOP: _APPLICATION,
}
_SERVER_ROLE: Final = {
    Action.IMPORT: _DESTINATION,
    Action.REFUSE: _DESTINATION,
    Action.QUERY: _DESTINATION,
    Action.EXPORT: _APPLICATION,
    Action.SEND: _SOURCE,
}
_PERSON, _SYSTEM_OBJECT = "1", "2"
_ROLE_PATIENT, _ROLE_REPORT, _ROLE_SECURITY_RESOURCE = "1", "3", "13"
_ALERTS: Final = "110113"


def message(event: Event) -> bytes:
    """The event as an AuditMessage in UTF-8, without an XML declaration."""
    return tostring(element(event), encoding="unicode").encode()


def element(event: Event) -> Element:
    """The event as an AuditMessage element."""
    root = Element("AuditMessage")
    _event(root, event)
    _participants(root, event)
    source = SubElement(root, "AuditSourceIdentification", AuditSourceID=f"{settings.AE_TITLE}@{host()}")
    if event.practice_id:
        source.set("AuditEnterpriseSiteID", str(event.practice_id))
    _coded(source, "AuditSourceTypeCode", _WEB_SERVER)
    _objects(root, event)
    return root


def _label(event: Event) -> str:
    """Of its action, in English whoever asks: what collects messages reads one language."""
    return in_english(Action(event.action).label)


def _event(root: Element, event: Event) -> None:
    code = code_of(event.action)
    facts = SubElement(
        root,
        "EventIdentification",
        EventActionCode=code.verb,
        EventDateTime=event.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        EventOutcomeIndicator=str(event.outcome),
    )
    _coded(facts, "EventID", code.event)
    if code.kind:
        _coded(facts, "EventTypeCode", code.kind)
    if event.outcome:
        SubElement(facts, "EventOutcomeDescription").text = event.detail or _label(event)


def _participants(root: Element, event: Event) -> None:
    """Who acted, for whom, and this server: `UserIsRequestor` is true of the one who wanted it."""
    actor = _participant(root, event.actor or "unknown", is_requestor=not event.on_behalf_of)
    if event.via:
        actor.set("AlternativeUserID", event.via)
    if event.address:
        actor.set("NetworkAccessPointID", event.address)
        actor.set("NetworkAccessPointTypeCode", _kind_of(event.address))
    if role := _ACTOR_ROLE.get(Action(event.action)):
        _coded(actor, "RoleIDCode", role)
    if event.on_behalf_of:
        _participant(root, event.on_behalf_of, is_requestor=True)
    if role := _SERVER_ROLE.get(Action(event.action)):
        server = _participant(root, settings.AE_TITLE, is_requestor=False)
        server.set("NetworkAccessPointID", host())
        server.set("NetworkAccessPointTypeCode", "1")
        _coded(server, "RoleIDCode", role)


def _participant(root: Element, user: str, *, is_requestor: bool) -> Element:
    return SubElement(root, "ActiveParticipant", UserID=user, UserIsRequestor="true" if is_requestor else "false")


def _objects(root: Element, event: Event) -> None:
    if event.study_instance_uid:
        study = _object(root, event.study_instance_uid, (_SYSTEM_OBJECT, _ROLE_REPORT), _STUDY, "Study")
        _details(study, event)
        description = SubElement(study, "ParticipantObjectDescription")
        SubElement(description, "SOPClass", NumberOfInstances=str(event.count))
    if event.patient:
        _object(root, event.patient, (_PERSON, _ROLE_PATIENT), _PATIENT_NUMBER, "Pseudonym")
    if event.action == Action.QUERY:
        query = _object(root, _STUDY_ROOT_FIND, (_SYSTEM_OBJECT, _ROLE_REPORT), _SOP_CLASS, "", query=event.detail)
        _detail(query, "Answers", str(event.count))
    elif not event.study_instance_uid and _is_about_security(event):
        resource = (_SYSTEM_OBJECT, _ROLE_SECURITY_RESOURCE)
        name = "Security Audit Log" if event.action == Action.LOG_USED else _label(event)
        _details(_object(root, event.source or "/", resource, _URI, name), event)


def _is_about_security(event: Event) -> bool:
    return event.action == Action.LOG_USED or code_of(event.action).event.value == _ALERTS


def _object(
    root: Element, name: str, kind: tuple[str, str], id_type: Code, label: str, *, query: str | None = None
) -> Element:
    """A thing that was acted on; `kind` is its type and its role."""
    found = SubElement(
        root,
        "ParticipantObjectIdentification",
        ParticipantObjectID=name,
        ParticipantObjectTypeCode=kind[0],
        ParticipantObjectTypeCodeRole=kind[1],
    )
    _coded(found, "ParticipantObjectIDTypeCode", id_type)
    if query is None:
        SubElement(found, "ParticipantObjectName").text = label
    else:
        SubElement(found, "ParticipantObjectQuery").text = _base64(query)
    return found


def _details(parent: Element, event: Event) -> None:
    """What else is known, under names of our own but for the standard's "Alert Description" (A.5.3.11)."""
    alert = code_of(event.action).event.value == _ALERTS
    facts = {
        "Alert Description" if alert else "Detail": event.detail,
        "Reason": event.reason,
        "Source": event.source,
        "Count": str(event.count) if event.count != 1 else "",
        "Until": event.until.astimezone(UTC).isoformat() if event.until else "",
        "Request": event.request_id,
        "Chain": f"{event.practice_id or 0}:{event.sequence}:{event.hash}",
    }
    for name, value in facts.items():
        if value:
            _detail(parent, name, value)


def _detail(parent: Element, name: str, value: str) -> None:
    SubElement(parent, "ParticipantObjectDetail", type=name, value=_base64(value))


def _coded(parent: Element, name: str, code: Code) -> None:
    facts = {"csd-code": code.value, "codeSystemName": code.scheme, "originalText": code.meaning}
    SubElement(parent, name, facts)


def _kind_of(address: str) -> str:
    """NetworkAccessPointTypeCode: 2 for an IP address, 1 for a name."""
    try:
        ip_address(address)
    except ValueError:
        return "1"
    return "2"


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


@cache
def host() -> str:
    """This machine's name."""
    return gethostname()
