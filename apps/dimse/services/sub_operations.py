"""The C-STORE sub-operations of a C-GET or C-MOVE: how many are left, what the requestor is told (PS3.4 C.4.2.3)."""

import time
from typing import Final

from apps.archive.retrieve import StoredInstance
from apps.dicom.identifiers import encode
from apps.dicom.network.association import Message
from apps.dicom.network.command import Element, Field, Status, Value
from apps.dicom.network.errors import Gone, ProtocolError
from apps.dimse.session import Session
from apps.remotes.sending import Outcome, Sent
from apps.saying import say

# How often the requestor is told how far it is, in seconds at least.
TOLD_EVERY: Final = 0.1
_FAILED_UIDS: Final = "00080058"
# More than these would not fit one value in Explicit VR, whose UI has a length of 16 bits.
MOST_FAILED_UIDS: Final = 1000
_MOST_COUNTED: Final = 0xFFFF


class SubOperations:
    """The account of one request's sub-operations."""

    def __init__(self, session: Session, message: Message, total: int) -> None:
        self._association = session.association
        self._message = message
        self.remaining = total
        self._counts = dict.fromkeys(Outcome, 0)
        self._failed: list[str] = []
        self._told_at = time.monotonic()
        self._cancelled = False

    @property
    def taken(self) -> int:
        """How many the other side has now, some with a warning."""
        return self._counts[Outcome.TAKEN] + self._counts[Outcome.WARNING]

    def note(self, stored: StoredInstance, sent: Sent) -> None:
        """Count one that is done, and tell the requestor from time to time. Raises NetworkError."""
        self.remaining -= 1
        self._counts[sent.outcome] += 1
        if sent.outcome is Outcome.FAILED:
            self._failed.append(stored.sop_instance_uid)
        if self.remaining and time.monotonic() - self._told_at >= TOLD_EVERY:
            self.tell_pending()

    def tell_pending(self) -> None:
        """Say how far it is. Raises NetworkError."""
        self._told_at = time.monotonic()
        self._association.send(self._message.context, self._counted(Status.PENDING))

    def cancel(self) -> None:
        """Take it that the requestor has cancelled."""
        self._cancelled = True

    def is_cancelled(self) -> bool:
        """Whether the requestor has sent a C-CANCEL, without waiting for one. Raises NetworkError."""
        while not self._cancelled and self._association.wire.is_waiting():
            message = self._association.receive()
            if message is None:
                raise Gone(say("The peer released the association while its request was at work."))
            if message.command.field != Field.C_CANCEL:
                raise ProtocolError("A message came while a request was at work.")
            self._cancelled = message.command.number(Element.ANSWERED_MESSAGE_ID) == self._message.command.message_id
        return self._cancelled

    def finish(self) -> None:
        """Give the final answer, with what failed. Raises NetworkError."""
        data = self._failed_list() if self._failed else None
        command = self._counted(self._final_status(), has_data_set=data is not None)
        self._association.send(self._message.context, command, data)

    def _final_status(self) -> int:
        if self._cancelled and self.remaining:
            return Status.CANCEL
        if not self._failed and not self._counts[Outcome.WARNING]:
            return Status.SUCCESS
        return Status.WARNING_SUB_OPERATIONS if self.taken else Status.CANNOT_PERFORM_SUB_OPERATIONS

    def _counted(self, status: int, *, has_data_set: bool = False) -> dict[int, Value]:
        counts = {
            Element.COMPLETED: self._counts[Outcome.TAKEN],
            Element.FAILED: self._counts[Outcome.FAILED],
            Element.WARNING: self._counts[Outcome.WARNING],
        }
        # How many remain is told as long as it goes on, and of what was cancelled (PS3.7 9.1.3.1.6).
        if status in (Status.PENDING, Status.CANCEL):
            counts[Element.REMAINING] = self.remaining
        bounded = {element: min(count, _MOST_COUNTED) for element, count in counts.items()}
        return self._message.command.answer(status, has_data_set=has_data_set) | bounded

    def _failed_list(self) -> bytes:
        value = {"vr": "UI", "Value": self._failed[:MOST_FAILED_UIDS]}
        return encode({_FAILED_UIDS: value}, self._message.context.transfer_syntax)
