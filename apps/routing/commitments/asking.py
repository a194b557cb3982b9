"""Asking a destination to keep what it was sent: N-ACTION as the user of storage commitment (PS3.4 J.3.2)."""

import time
from typing import Any, Final

from apps.dicom.identifiers import encode
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import ANSWER, Element, Field, Status, Value
from apps.dicom.network.errors import NetworkError
from apps.dicom.network.negotiation import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from apps.dicom.network.requestor import Proposal, contexts_of
from apps.dicom.network.wire import Limits
from apps.remotes.calling import call
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.models import Remote
from apps.routing.commitments import taking
from apps.routing.commitments.models import CommitmentRequest
from apps.routing.commitments.taking import SOP_CLASS, SOP_INSTANCE
from apps.saying import say

PROPOSAL: Final = Proposal([(SOP_CLASS, (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN))])
LIMITS: Final = Limits(pdu=30.0, idle=60.0, send=30.0)
# Seconds for which the report is awaited on the same association; most archives call back, some do not.
PATIENCE: Final = 5.0
_REQUEST: Final = 1


def ask(request: CommitmentRequest) -> None:
    """Ask about its instances, and take the report if it comes at once; else it comes on an association of its own.

    Raises RemoteFailed where another time may do, and RemoteRefused where something has to be changed first.
    """
    remote = request.remote
    with call(remote, PROPOSAL, limits=LIMITS) as association:
        context = next(iter(contexts_of(association, SOP_CLASS)), None)
        if context is None:
            raise RemoteRefused(say("{name} takes the call, but does not offer storage commitment.", name=remote.name))
        try:
            association.send(context, _command(association), encode(_information(request), context.transfer_syntax))
            if _hear(association, remote):
                association.release()
        except NetworkError as error:
            raise RemoteFailed(f"{remote.name}: {error}") from error


def _command(association: Association) -> dict[int, Value]:
    return {
        Element.REQUESTED_SOP_CLASS: SOP_CLASS,
        Element.COMMAND_FIELD: Field.N_ACTION,
        Element.MESSAGE_ID: association.message_id,
        Element.DATA_SET_TYPE: 0,
        Element.REQUESTED_SOP_INSTANCE: SOP_INSTANCE,
        Element.ACTION_TYPE: _REQUEST,
    }


def _information(request: CommitmentRequest) -> dict[str, Any]:
    """The data set of the request (PS3.4 table J.3-1), in the DICOM JSON model."""
    items = [
        {"00081150": {"vr": "UI", "Value": [sop_class]}, "00081155": {"vr": "UI", "Value": [uid]}}
        for sop_class, uid in request.references
    ]
    return {
        "00081195": {"vr": "UI", "Value": [request.transaction_uid]},
        "00081199": {"vr": "SQ", "Value": items},
    }


def _hear(association: Association, remote: Remote) -> bool:
    """The answer, and the report if it comes in time, in whichever order; whether the association is still open."""
    is_accepted = is_reported = False
    deadline = time.monotonic() + PATIENCE
    while not (is_accepted and is_reported):
        left = max(deadline - time.monotonic(), 0.0)
        if is_accepted and not association.is_waiting(left):
            return True
        message = association.receive()
        if message is None:
            if not is_accepted:
                raise RemoteFailed(say("{name} ended the association without an answer.", name=remote.name))
            return False
        if message.command.field == Field.N_EVENT_REPORT:
            taking.take_from(association, message, remote)
            is_reported = True
        else:
            _check(message, remote)
            is_accepted = True
    return True


def _check(message: Message, remote: Remote) -> None:
    """Raises RemoteRefused for an answer that is not Success, RemoteFailed for no answer at all."""
    if message.command.field != Field.N_ACTION | ANSWER:
        raise RemoteFailed(say("{name} did not answer the request for storage commitment.", name=remote.name))
    if message.command.status != Status.SUCCESS:
        comment = message.command.text(Element.ERROR_COMMENT)
        told = comment or say("with the status {status}", status=f"{message.command.status:04X}")
        raise RemoteRefused(
            say("{name} declines the request for storage commitment: {told}.", name=remote.name, told=told)
        )
