"""The answers of a C-FIND: a pending one for each match, many sent together, until the peer has all or cancels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from apps.dicom.identifiers import encode
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import Element, Field, Status, Value
from apps.dicom.network.errors import Gone, ProtocolError
from apps.dimse.query import Attributes
from apps.dimse.session import Session
from apps.saying import say

# Bytes that are written together.
BATCH: Final = 60_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the identifiers of the answers, in the character sets of who asked where they can be.

    `is_partial` says that keys were passed over or can't be answered, `excess` why the answers are not all, if so.
    """

    identifiers: Iterable[Attributes]
    character_sets: tuple[str, ...]
    is_partial: bool
    excess: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last answer's status, and a text for who asks, without patient data (PS3.7 C.4.2).

    `unsent` are pending answers that go out together with it.
    """

    status: int
    comment: str = ""
    unsent: bytes = b""


CANCELLED: Final = Outcome(Status.CANCEL)


def tell(session: Session, message: Message, found: Found) -> Outcome:
    """Send the answers but for the last batch, which goes out with the outcome. Raises NetworkError."""
    association = session.association
    unsent = b""
    for batch in _batches(association, message, found):
        if unsent:
            association.wire.write(unsent)
            if association.wire.is_waiting() and _is_cancelled(association, message):
                return CANCELLED
        unsent = batch
    return Outcome(Status.OUT_OF_RESOURCES if found.excess else Status.SUCCESS, found.excess, unsent)


def _batches(association: Association, message: Message, found: Found) -> Iterator[bytes]:
    """The pending answers as bytes, many together."""
    context = message.context
    status = Status.PENDING_WARNING if found.is_partial else Status.PENDING
    pending: dict[int, Value] = message.command.answer(status, has_data_set=True)
    head = b"".join(association.message_parts(context, pending))
    parts, size = list[bytes | memoryview](), 0
    for identifier in found.identifiers:
        data = encode(identifier, context.transfer_syntax, found.character_sets)
        parts += [head, *association.data_set_parts(context, data)]
        size += len(data)
        if size >= BATCH:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def _is_cancelled(association: Association, message: Message) -> bool:
    """Read what came while answers were sent: a C-CANCEL of this request, or one that comes too late for another.

    Raises Gone for a release, ProtocolError for anything else: only one operation is at work at a time (PS3.7 D.3.3.3).
    """
    came = association.receive()
    if came is None:
        raise Gone(say("The peer released the association before all answers were sent."))
    if came.command.field != Field.C_CANCEL:
        raise ProtocolError("A request came while another was at work.", ProtocolError.UNEXPECTED_PDU)
    return came.command.number(Element.ANSWERED_MESSAGE_ID) == message.command.message_id
