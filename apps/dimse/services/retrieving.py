"""What a C-GET or C-MOVE asks for: from its identifier (PS3.4 C.4.2.1.4, C.4.3.1.3) to stored instances."""

from collections.abc import Mapping
from typing import Any, Final

from apps.accounts.permissions import Permission
from apps.archive.retrieve import StoredInstance
from apps.archive.selection import Wanted, select
from apps.core.errors import FoveaError, TooLarge
from apps.dicom.errors import Unreadable
from apps.dicom.identifiers import decode
from apps.dicom.network.association import Message
from apps.dicom.network.command import MAX_COMMENT, Element, Status, Value
from apps.dicom.uids import is_valid_uid
from apps.dimse.session import Session
from apps.remotes.models import Service
from apps.saying import say

IDENTIFIER_BYTES: Final = 1 << 20
# In one identifier: as many values as a query may have.
MOST_VALUES: Final = 10_000
PATIENT_ROOT: Final = frozenset({"1.2.840.10008.5.1.4.1.2.1.2", "1.2.840.10008.5.1.4.1.2.1.3"})
_LEVEL: Final = "00080052"
_PATIENT_ID: Final = "00100020"
# The unique key of each level, from the top (PS3.4 C.6.1, C.6.2).
_UNIQUE: Final = {"PATIENT": _PATIENT_ID, "STUDY": "0020000D", "SERIES": "0020000E", "IMAGE": "00080018"}


class Declined(Exception):
    """The request fails as a whole, with a status and why."""

    def __init__(self, status: int, comment: str, error_id: int = 0) -> None:
        super().__init__(comment)
        self.status = status
        self.comment = comment
        self.error_id = error_id

    def answer(self, message: Message) -> dict[int, Value]:
        """The answer to the request."""
        known: dict[int, Value] = {Element.ERROR_ID: self.error_id} if self.error_id else {}
        return message.command.answer(self.status) | {Element.ERROR_COMMENT: self.comment[:MAX_COMMENT]} | known


def asked_for(session: Session, message: Message, service: Service, permission: Permission) -> list[StoredInstance]:
    """The instances that a request asks for, in the order in which they are sent; it may be none.

    Reads the request's data set, whatever becomes of it. Raises Declined, and NetworkError.
    """
    data = session.association.data_set_bytes(IDENTIFIER_BYTES)
    if service not in session.admitted.services or not session.principal.may(permission):
        raise Declined(Status.NOT_AUTHORISED, say("This node may not retrieve in this way."))
    try:
        identifier = decode(data, message.context.transfer_syntax)
    except Unreadable as error:
        raise Declined(Status.CANNOT_UNDERSTAND, str(error)) from error
    wanted = wanted_by(identifier, is_patient_root=message.context.abstract_syntax in PATIENT_ROOT)
    try:
        return select(session.principal, wanted, permission)
    except TooLarge as error:
        raise Declined(Status.CANNOT_COUNT_MATCHES, error.detail) from error
    except FoveaError as error:
        raise Declined(Status.CANNOT_UNDERSTAND, error.detail) from error


def wanted_by(identifier: Mapping[str, Any], *, is_patient_root: bool) -> Wanted:
    """What an identifier of one level asks for.

    The keys above that level may be left out, as in relational retrieval (PS3.4 C.4.2.2.2.1).
    Raises Declined for an identifier without its level's unique key, or with a value that is no UID.
    """
    level = next(iter(_values(identifier, _LEVEL)), "")
    levels = list(_UNIQUE)[0 if is_patient_root else 1 :]
    if level not in levels:
        raise Declined(Status.NOT_OF_SOP_CLASS, say("The level is none of {names}.", names=", ".join(levels)))
    known = list(_UNIQUE)[: list(_UNIQUE).index(level) + 1]
    keys = {each: _values(identifier, _UNIQUE[each]) for each in known}
    if not keys[level]:
        raise Declined(Status.NOT_OF_SOP_CLASS, say("The unique key of the level {level} is missing.", level=level))
    if sum(map(len, keys.values())) > MOST_VALUES:
        raise Declined(
            Status.CANNOT_COUNT_MATCHES, say("These are more than {most_values} values.", most_values=MOST_VALUES)
        )
    uids = [value for each in known[1:] for value in keys[each]]
    if not all(map(is_valid_uid, uids)):
        raise Declined(Status.NOT_OF_SOP_CLASS, say("A value is no UID."))
    return Wanted(*(keys.get(each, ()) for each in _UNIQUE))


def _values(identifier: Mapping[str, Any], tag: str) -> list[str]:
    values = identifier.get(tag, {}).get("Value") or []
    return [value for value in values if isinstance(value, str) and value]
