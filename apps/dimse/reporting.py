"""Telling a remote the outcome of a storage commitment: N-EVENT-REPORT as its SCP (PS3.4 J.3.3)."""

from collections.abc import Iterable
from typing import Any, Final

from apps.core.errors import FoveaError
from apps.dicom.identifiers import encode
from apps.dicom.network.association import Association, Context
from apps.dicom.network.command import ANSWER, Element, Field, Status, Value
from apps.dicom.network.errors import NetworkError
from apps.dicom.network.negotiation import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from apps.dicom.network.pdu import Role
from apps.dicom.network.requestor import Proposal
from apps.dicom.network.wire import Limits
from apps.dimse import commitments
from apps.dimse.commitments import Checked, Reference
from apps.dimse.models import Commitment
from apps.remotes.calling import call
from apps.remotes.failures import RemoteFailed
from apps.saying import say

SOP_CLASS: Final = "1.2.840.10008.1.20.1"
SOP_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
# A remote that doesn't answer holds up the association on which it asked: these are shorter than for storing.
LIMITS: Final = Limits(pdu=10.0, idle=20.0, send=10.0)
_SYNTAXES: Final = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)
_ALL_KEPT: Final = 1
_SOME_FAILED: Final = 2


def call_and_tell(commitment: Commitment, checked: Checked) -> None:
    """Tell it on an association of its own, whose acceptor is the service's SCU, and note that (PS3.4 J.3.3.1).

    Raises RemoteFailed and RemoteRefused.
    """
    proposal = Proposal([(SOP_CLASS, _SYNTAXES)], roles=[Role(SOP_CLASS, scu=False, scp=True)])
    with call(commitment.remote, proposal, title=commitment.called, limits=LIMITS) as association:
        # Whatever roles it answers: one that takes the context of a commitment server's call takes the report.
        context = next(iter(association.contexts.values()), None)
        if context is None:
            raise RemoteFailed(say("{name} does not take reports of storage commitment.", name=commitment.remote.name))
        try:
            message_id = send(association, context, commitment, checked)
            _take_answer(association, message_id)
            commitments.told(commitment.pk)
            association.release()
        except NetworkError as error:
            raise RemoteFailed(f"{commitment.remote.name}: {error}") from error


def send(association: Association, context: Context, commitment: Commitment, checked: Checked) -> int:
    """Send the report; its Message ID, by which the answer will be known. Raises NetworkError."""
    message_id = association.message_id
    command: dict[int, Value] = {
        Element.AFFECTED_SOP_CLASS: SOP_CLASS,
        Element.COMMAND_FIELD: Field.N_EVENT_REPORT,
        Element.MESSAGE_ID: message_id,
        Element.DATA_SET_TYPE: 0,
        Element.AFFECTED_SOP_INSTANCE: SOP_INSTANCE,
        Element.EVENT_TYPE: _SOME_FAILED if checked.failed else _ALL_KEPT,
    }
    association.send(context, command, encode(event_information(commitment, checked), context.transfer_syntax))
    return message_id


def event_information(commitment: Commitment, checked: Checked) -> dict[str, Any]:
    """The data set of the report (PS3.4 table J.3-2), in the DICOM JSON model."""
    information: dict[str, Any] = {
        "00080054": {"vr": "AE", "Value": [commitment.called]},
        "00081195": {"vr": "UI", "Value": [commitment.transaction_uid]},
    }
    if checked.kept:
        information["00081199"] = {"vr": "SQ", "Value": [_item(reference) for reference in checked.kept]}
    if checked.failed:
        information["00081198"] = {"vr": "SQ", "Value": list(_failed_items(checked.failed))}
    return information


def _item(reference: Reference) -> dict[str, Any]:
    sop_class, uid = reference
    return {"00081150": {"vr": "UI", "Value": [sop_class]}, "00081155": {"vr": "UI", "Value": [uid]}}


def _failed_items(failed: Iterable[tuple[Reference, int]]) -> Iterable[dict[str, Any]]:
    return (_item(reference) | {"00081197": {"vr": "US", "Value": [reason]}} for reference, reason in failed)


def _take_answer(association: Association, message_id: int) -> None:
    """Raises RemoteFailed for one that is not Success, and NetworkError."""
    message = association.receive()
    command = message.command if message else None
    if (
        command is None
        or command.field != Field.N_EVENT_REPORT | ANSWER
        or command.number(Element.ANSWERED_MESSAGE_ID) != message_id
    ):
        raise RemoteFailed(say("The remote did not answer the report of storage commitment."))
    if command.status != Status.SUCCESS:
        raise RemoteFailed(
            say(
                "The remote answered the report of storage commitment with the status {status:04X}.",
                status=command.status,
            )
        )


def try_to_tell(commitment: Commitment, checked: Checked) -> bool:
    """Call the remote and tell it; whether that went well. What went wrong is noted, with the next try."""
    try:
        call_and_tell(commitment, checked)
    except FoveaError as error:
        commitments.failed(commitment, error.detail)
        return False
    return True
