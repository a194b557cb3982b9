"""Storage commitment as its SCP (PS3.4 J): the request, and the report on the association that it came on."""

from collections.abc import Mapping
from typing import Any, Final

from apps.core.errors import Conflict
from apps.dicom.errors import Unreadable
from apps.dicom.identifiers import decode
from apps.dicom.limits import MIB, Limits
from apps.dicom.network.association import Message
from apps.dicom.network.command import Element, Status
from apps.dicom.network.errors import ProtocolError
from apps.dicom.uids import is_valid_uid
from apps.dimse import commitments, reporting
from apps.dimse.commitments import Reference
from apps.dimse.models import Commitment
from apps.dimse.services.retrieving import Declined
from apps.dimse.session import Session
from apps.remotes.models import Service
from apps.saying import say

MOST_REFERENCES: Final = 20_000
REQUEST_BYTES: Final = 4 << 20
# How long the peer is given to go on by itself, as by ending the association, before it is told on the spot.
PATIENCE: Final = 0.3
_REQUEST: Final = 1
_LIMITS: Final = Limits(
    header_bytes=REQUEST_BYTES, depth=4, elements=4 * MOST_REFERENCES, values=4 * MOST_REFERENCES, escapes=1000,
    inflated_bytes=REQUEST_BYTES, frames=1, inline_bytes=MIB, value_bytes=MIB,
)  # fmt: skip


def answer(session: Session, message: Message) -> None:
    """Keep the request of an N-ACTION, say so, and tell the outcome if the peer waits for it. Raises NetworkError."""
    action = {Element.ACTION_TYPE: message.command.number(Element.ACTION_TYPE)}
    try:
        commitment = _kept(session, message)
    except Declined as declined:
        session.association.send(message.context, declined.answer(message) | action)
        return
    session.association.send(message.context, message.command.answer(Status.SUCCESS) | action)
    # One that ends the association first, or asks for more, is called later: it may do but one thing at a time.
    if not session.association.wire.is_waiting(PATIENCE) and commitments.claim(commitment):
        _tell(session, message, commitment)


def reported(session: Session, message: Message) -> None:
    """Take the answer to a report on the association that the request came on.

    Raises ProtocolError for an answer to nothing that was sent.
    """
    pk = session.reports.pop(message.command.number(Element.ANSWERED_MESSAGE_ID), None)
    if pk is None:
        raise ProtocolError("An answer came that nothing was asked for.", ProtocolError.UNEXPECTED_PDU)
    if message.command.status == Status.SUCCESS:
        commitments.told(pk)


def _tell(session: Session, message: Message, commitment: Commitment) -> None:
    """Tell the outcome on an association of its own, as peers expect, else on this one (PS3.4 J.3.3.1)."""
    checked = commitments.check(commitment)
    if not reporting.try_to_tell(commitment, checked):
        message_id = reporting.send(session.association, message.context, commitment, checked)
        session.reports[message_id] = commitment.pk


def _kept(session: Session, message: Message) -> Commitment:
    """The request as it is kept. Reads its data set, whatever becomes of it. Raises Declined, NetworkError."""
    data = session.association.data_set_bytes(REQUEST_BYTES)
    command = message.command
    if Service.STORE not in session.admitted.services:
        raise Declined(Status.NOT_AUTHORISED, say("This node may not store here."))
    if command.number(Element.ACTION_TYPE) != _REQUEST:
        raise Declined(Status.NO_SUCH_ACTION, say("Storage commitment has the action 1 alone."))
    if command.sop_instance_uid != reporting.SOP_INSTANCE:
        raise Declined(
            Status.NO_SUCH_OBJECT_INSTANCE, say("Its instance is {sop_instance}.", sop_instance=reporting.SOP_INSTANCE)
        )
    try:
        request = decode(data, message.context.transfer_syntax, _LIMITS)
    except Unreadable as error:
        raise Declined(Status.PROCESSING_FAILURE, str(error)) from error
    try:
        return commitments.ask(session.admitted, _transaction_uid(request), _references(request))
    except Conflict as error:
        raise Declined(Status.PROCESSING_FAILURE, error.detail) from error


def _transaction_uid(request: Mapping[str, Any]) -> str:
    return _uid(request, "00081195", "Transaction UID")


def _references(request: Mapping[str, Any]) -> list[Reference]:
    items = request.get("00081199", {}).get("Value") or []
    if not items:
        raise Declined(Status.MISSING_ATTRIBUTE, say("The Referenced SOP Sequence is missing."))
    if len(items) > MOST_REFERENCES:
        raise Declined(
            Status.RESOURCE_LIMITATION,
            say("Ask about {most_references} instances at most at once.", most_references=MOST_REFERENCES),
        )
    return [
        (_uid(item, "00081150", "Referenced SOP Class UID"), _uid(item, "00081155", "Referenced SOP Instance UID"))
        for item in items
    ]


def _uid(attributes: Mapping[str, Any], tag: str, name: str) -> str:
    """Raises Declined where it is missing, or no UID."""
    value = next(iter(attributes.get(tag, {}).get("Value") or ()), None)
    if not isinstance(value, str) or not value:
        raise Declined(Status.MISSING_ATTRIBUTE_VALUE, say("The {name} is missing.", name=name))
    if not is_valid_uid(value):
        raise Declined(Status.INVALID_ATTRIBUTE_VALUE, say("The {name} is no UID.", name=name))
    return value
