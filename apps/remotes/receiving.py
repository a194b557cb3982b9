"""One C-STORE in: from the message on an association to an object in the archive, and the answer that it gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from apps.archive.outcomes import DuplicatePolicy, Identity, Origin, Outcome, Status
from apps.archive.store import store_one
from apps.core.errors import OutOfSpace, Unavailable
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom import part10
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import MAX_COMMENT, Command, Element, Value
from apps.dicom.network.command import Status as Code
from apps.dicom.uids import is_valid_uid

WAY: Final = "C-STORE"


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one object: the status that its sender is told (PS3.4 B.2.3), and a text for people.

    `outcome` is the archive's, None where the object did not come as far.
    """

    status: int
    comment: str = ""
    outcome: Outcome | None = None

    def answer(self, command: Command) -> dict[int, Value]:
        """The C-STORE-RSP to this request."""
        elements = command.answer(self.status)
        if self.comment:
            elements[Element.ERROR_COMMENT] = self.comment[:MAX_COMMENT]
        return elements


def receive(
    association: Association, message: Message, origin: Origin, policy: DuplicatePolicy | None = None
) -> Received:
    """Store the object of a C-STORE-RQ, durably; without a policy, duplicates are treated as the site does.

    Whatever becomes of it, its data set has been read to the end. Raises Gone, TimedOut, Aborted and ProtocolError:
    then nothing of it is kept.
    """
    received = _unfit(message) or _stored(association, message, origin, policy)
    for _ in association.data_set():
        pass
    return received


def _unfit(message: Message) -> Received | None:
    """What a request is told that is none, before its data set is looked at (PS3.7 9.1.1.1)."""
    command = message.command
    if not command.has_data_set:
        return Received(Code.MISTYPED_ARGUMENT, "The request has no data set.")
    if not is_valid_uid(command.sop_instance_uid):
        return Received(Code.INVALID_SOP_INSTANCE, "The Affected SOP Instance UID is not valid.")
    if command.sop_class_uid != message.context.abstract_syntax:
        return Received(Code.SOP_CLASS_NOT_SUPPORTED, "The SOP Class is not that of the context.")
    return None


def _stored(association: Association, message: Message, origin: Origin, policy: DuplicatePolicy | None) -> Received:
    command = message.command
    named = Identity(sop_instance_uid=command.sop_instance_uid, sop_class_uid=command.sop_class_uid)
    try:
        outcome = store_one(_file(association, message), origin, policy=policy, expected=named)
    except (OutOfSpace, Unavailable) as error:
        return Received(Code.OUT_OF_RESOURCES, error.detail)
    return _told(outcome)


def _file(association: Association, message: Message) -> Iterator[bytes | memoryview]:
    """The data set as a file (PS3.10 7.1), as it comes in."""
    yield part10.file_head(
        message.command.sop_class_uid,
        message.command.sop_instance_uid,
        message.context.transfer_syntax,
        implementation_class_uid=IMPLEMENTATION_CLASS_UID,
        implementation_version_name=IMPLEMENTATION_VERSION_NAME,
    )
    yield from association.data_set()


def _told(outcome: Outcome) -> Received:
    """A device sends for ever what it is told to try again: so not what is in quarantine, nor what is over a limit."""
    if outcome.status is Status.REFUSED:
        is_over_limit = outcome.failure_reason == Code.OUT_OF_RESOURCES
        return Received(Code.CANNOT_UNDERSTAND if is_over_limit else outcome.failure_reason, outcome.reason, outcome)
    comment = "; ".join(outcome.warnings)
    return Received(outcome.warning_reason or Code.SUCCESS, comment, outcome)
