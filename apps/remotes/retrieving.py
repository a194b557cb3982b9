"""What C-GET and C-MOVE have in common as their SCU (PS3.4 C.4.2, C.4.3): identifiers, and answers to the end."""

import time
from collections.abc import Callable
from typing import Any, Final

from apps.dicom.network.association import Association, Context, Message
from apps.dicom.network.command import ANSWER, Element, Field, Status
from apps.dicom.network.errors import ProtocolError
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.finding import CANCEL_SECONDS, PENDING, cancel, said
from apps.remotes.intake import Intake, Unit
from apps.saying import say

STUDY_ROOT_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
# Between two messages: a remote may have to fetch objects from somewhere slow.
ANSWER_SECONDS: Final = 180.0
# Some could not be sent: which, the comparison at the end tells.
_PARTLY: Final = (Status.WARNING_SUB_OPERATIONS, Status.CANNOT_PERFORM_SUB_OPERATIONS)

Take = Callable[[Message], None]


def identifier_of(unit: Unit) -> dict[str, dict[str, Any]]:
    """The identifier at the level of what is asked for: unique keys alone (PS3.4 C.4.2.1.4)."""
    keys = (
        ("0020000D", (unit.study_instance_uid,)),
        ("0020000E", unit.series_instance_uids),
        ("00080018", unit.sop_instance_uids),
    )
    identifier: dict[str, dict[str, Any]] = {tag: {"vr": "UI", "Value": list(uids)} for tag, uids in keys if uids}
    level = ("STUDY", "SERIES", "IMAGE")[len(identifier) - 1]
    return {"00080052": {"vr": "CS", "Value": [level]}} | identifier


class Conversation:
    """One C-GET or C-MOVE that was asked: its messages until it has ended, or was cancelled and has."""

    def __init__(self, association: Association, context: Context, field: Field, message_id: int) -> None:
        self._association = association
        self._context = context
        self._field = field
        self._message_id = message_id
        self._stopped: BaseException | None = None
        self._deadline = 0.0

    def hold(self, take: Take, intake: Intake) -> None:
        """Until the last answer: `take` is given all other messages, and the answers that tell how far it is.

        Raises NetworkError, RemoteFailed, RemoteRefused, and what ends the intake once the remote has been told.
        """
        while True:
            message = self._next()
            command = message.command
            is_answer = command.field == self._field | ANSWER
            if is_answer and command.status not in PENDING:
                break
            take(message)
            self._go_on(intake)
        if self._stopped is not None:
            raise self._stopped
        _check(message)

    def _next(self) -> Message:
        left = ANSWER_SECONDS if self._stopped is None else self._deadline - time.monotonic()
        if left <= 0 and self._stopped is not None:
            self._association.abort(by_provider=False)
            raise self._stopped
        message = self._association.receive(left)
        if message is None:
            raise self._stopped or RemoteFailed("The other archive ended the association too early.")
        number = message.command.number(Element.ANSWERED_MESSAGE_ID)
        if message.command.field & ANSWER and number != self._message_id:
            raise ProtocolError("A message came that is no answer to what was asked.")
        return message

    def _go_on(self, intake: Intake) -> None:
        """Say how far it is; where that ends the import, cancel: what is on its way still comes in."""
        if self._stopped is not None:
            return
        try:
            intake.step()
        except Exception as error:  # noqa: BLE001 - raised again once the remote has answered
            self._stopped = error
            self._deadline = time.monotonic() + CANCEL_SECONDS
            cancel(self._association, self._context, self._message_id)


def _check(message: Message) -> None:
    status = message.command.status
    if status == Status.MOVE_DESTINATION_UNKNOWN:
        raise RemoteRefused(
            say(
                "The other archive does not know where to send to: enter this server there, by its AE title, "
                "address and "
                "port."
            )
        )
    if status not in (Status.SUCCESS, *_PARTLY):
        raise RemoteRefused(say("The other archive does not give this: {said}", said=said(message)))
