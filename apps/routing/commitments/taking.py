"""Taking a destination's report, on whichever association it comes."""

from typing import Final

from apps.dicom.errors import Unreadable
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import Element, Status
from apps.remotes.models import Remote
from apps.routing.commitments import requests
from apps.routing.commitments.models import CommitmentRequest
from apps.routing.commitments.reports import REPORT_BYTES, read

SOP_CLASS: Final = "1.2.840.10008.1.20.1"
SOP_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
# All are kept; some are not (PS3.4 J.3.3).
EVENTS: Final = frozenset({1, 2})


def is_awaited(remote_id: int) -> bool:
    """Whether the remote has been asked about anything that it has not answered."""
    return CommitmentRequest.objects.filter(remote=remote_id, state__in=requests.open_states()).exists()


def take(association: Association, message: Message, *, practice_id: int, remote_id: int) -> None:
    """Read the data set of an N-EVENT-REPORT, note what it says, and answer it (PS3.4 J.3.3.2). Raises NetworkError."""
    data = association.data_set_bytes(REPORT_BYTES)
    status = _status(message, data, practice_id, remote_id)
    event = {Element.EVENT_TYPE: message.command.number(Element.EVENT_TYPE)}
    association.send(message.context, message.command.answer(status) | event)


def take_from(association: Association, message: Message, remote: Remote) -> None:
    """The same on an association that was opened to the remote."""
    take(association, message, practice_id=remote.practice_id, remote_id=remote.pk)


def _status(message: Message, data: bytes, practice_id: int, remote_id: int) -> Status:
    if message.command.number(Element.EVENT_TYPE) not in EVENTS:
        return Status.NO_SUCH_EVENT_TYPE
    try:
        report = read(data, message.context.transfer_syntax)
    except Unreadable:
        return Status.PROCESSING_FAILURE
    return Status.SUCCESS if requests.answered(practice_id, remote_id, report) else Status.PROCESSING_FAILURE
