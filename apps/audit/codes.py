"""The standard's codes for each action: EventID and EventTypeCode (PS3.15 A.5.3, PS3.16 CID 400 and 403)."""

from dataclasses import dataclass
from typing import Final

from apps.audit.models import Event

Action = Event.Action


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept of the DICOM terminology."""

    value: str
    meaning: str
    scheme: str = "DCM"


@dataclass(frozen=True, slots=True)
class EventCode:
    """How an action is told to others; `verb` is EventActionCode: Create, Read, Update, Delete or Execute."""

    event: Code
    verb: str
    kind: Code | None = None


_ACTIVITY: Final = Code("110100", "Application Activity")
_LOG_USED: Final = Code("110101", "Audit Log Used")
_ACCESSED: Final = Code("110103", "DICOM Instances Accessed")
_TRANSFERRED: Final = Code("110104", "DICOM Instances Transferred")
_DELETED: Final = Code("110105", "DICOM Study Deleted")
_EXPORT: Final = Code("110106", "Export")
_PATIENT: Final = Code("110110", "Patient Record")
_PROCEDURE: Final = Code("110111", "Procedure Record")
_QUERY: Final = Code("110112", "Query")
_ALERT: Final = Code("110113", "Security Alert")
_AUTHENTICATION: Final = Code("110114", "User Authentication")

_LOGIN: Final = Code("110122", "Login")
_RESTRICTED: Final = Code("110132", "Use of Restricted Function")
_OBJECT: Final = Code("110135", "Object Security Attributes Changed")
_ROLES: Final = Code("110136", "Security Roles Changed")
_USER: Final = Code("110137", "User Security Attributes Changed")

CODES: Final = {
    Action.START: EventCode(_ACTIVITY, "E", Code("110120", "Application Start")),
    Action.STOP: EventCode(_ACTIVITY, "E", Code("110121", "Application Stop")),
    Action.SIGN_IN: EventCode(_AUTHENTICATION, "E", _LOGIN),
    Action.SIGN_IN_REFUSED: EventCode(_AUTHENTICATION, "E", _LOGIN),
    Action.SIGN_OUT: EventCode(_AUTHENTICATION, "E", Code("110123", "Logout")),
    Action.LOCKOUT: EventCode(_ALERT, "E", _USER),
    Action.DENIED: EventCode(_ALERT, "E", _RESTRICTED),
    Action.NODE_REFUSED: EventCode(_ALERT, "E", Code("110126", "Node Authentication")),
    Action.OUTSIDE: EventCode(_ALERT, "E", _RESTRICTED),
    Action.EMERGENCY_START: EventCode(_ALERT, "E", Code("110127", "Emergency Override Started")),
    Action.EMERGENCY_END: EventCode(_ALERT, "E", Code("110138", "Emergency Override Stopped")),
    Action.IMPORT: EventCode(_TRANSFERRED, "C"),
    Action.REFUSE: EventCode(_TRANSFERRED, "C"),
    Action.QUARANTINE: EventCode(_ACCESSED, "U"),
    Action.ACCESS: EventCode(_ACCESSED, "R"),
    Action.QUERY: EventCode(_QUERY, "E"),
    Action.EXPORT: EventCode(_EXPORT, "R"),
    Action.SEND: EventCode(_TRANSFERRED, "R"),
    Action.DELETE: EventCode(_DELETED, "D"),
    Action.MERGE: EventCode(_PATIENT, "U"),
    Action.UNMERGE: EventCode(_PATIENT, "U"),
    Action.EDIT: EventCode(_PATIENT, "U"),
    Action.MOVE: EventCode(_PATIENT, "U"),
    Action.LABEL: EventCode(_PROCEDURE, "U"),
    Action.SHARE: EventCode(_ALERT, "E", _OBJECT),
    Action.SHARE_REVOKED: EventCode(_ALERT, "E", _OBJECT),
    Action.SHARE_OPENED: EventCode(_ACCESSED, "R"),
    Action.ACCESS_ASKED: EventCode(_ALERT, "E", _ROLES),
    Action.ACCESS_DECIDED: EventCode(_ALERT, "E", _ROLES),
    Action.RIGHTS: EventCode(_ALERT, "E", _ROLES),
    Action.ACCOUNT: EventCode(_ALERT, "E", _USER),
    Action.SCHEDULE: EventCode(_PROCEDURE, "U"),
    Action.LEAD: EventCode(_PATIENT, "U"),
    Action.MATCH: EventCode(_PATIENT, "U"),
    Action.ERASE: EventCode(_PATIENT, "D"),
    Action.CONFIGURATION: EventCode(_ALERT, "E", Code("110129", "Security Configuration")),
    Action.LOG_USED: EventCode(_LOG_USED, "R"),
}


def code_of(action: str) -> EventCode:
    """The codes of an event's action."""
    return CODES[Action(action)]
