"""C-FIND as its SCP (PS3.4 C.4.1): searching the practice whose AE title was called, as far as the remote may see."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import Error, connection

from apps.archive.query import Listing
from apps.audit import access
from apps.core import metrics
from apps.core.errors import FoveaError, Invalid, Refused
from apps.dicom.errors import Unreadable
from apps.dicom.identifiers import LIMITS, decode, encode
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import MAX_COMMENT, Element, Field, Status, Value
from apps.dicom.network.errors import Gone, ProtocolError
from apps.dimse.negotiated import Negotiated
from apps.dimse.query import NotOfModel, Query, QueryLevel
from apps.dimse.session import Session
from apps.remotes.models import Service

logger = logging.getLogger("fovea.dimse")

# Matches that are read from the index together, and bytes that are written together.
PAGE: Final = 500
BATCH: Final = 60_000
_AUDITED: Final = {
    QueryLevel.PATIENT: "C-FIND patients",
    QueryLevel.STUDY: "C-FIND studies",
    QueryLevel.SERIES: "C-FIND series",
    QueryLevel.IMAGE: "C-FIND instances",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last answer's status, and a text for who asks, without patient data (PS3.7 C.4.2).

    `unsent` are pending answers that go out together with it.
    """

    status: int
    comment: str = ""
    unsent: bytes = b""


NOT_ALLOWED: Final = Outcome(Status.NOT_AUTHORISED, "This node may not search here.")
UNREADABLE: Final = Outcome(Status.CANNOT_UNDERSTAND, "The identifier can't be read.")
NOT_NOW: Final = Outcome(Status.OUT_OF_RESOURCES, "The archive can't be searched now. Try again.")
_STATUSES: Final[dict[type[FoveaError], Status]] = {
    NotOfModel: Status.NOT_OF_SOP_CLASS,
    Invalid: Status.CANNOT_UNDERSTAND,
    Refused: Status.NOT_AUTHORISED,
}
CANCELLED: Final = Outcome(Status.CANCEL)


def answer(session: Session, message: Message) -> None:
    """Answer a C-FIND-RQ: a pending answer for each match, and the last one.

    Raises Gone, TimedOut, Aborted, ProtocolError.
    """
    outcome = _outcome(session, message)
    last = message.command.answer(outcome.status)
    if outcome.comment:
        last[Element.ERROR_COMMENT] = outcome.comment
    association = session.association
    association.wire.write(outcome.unsent + b"".join(association.message_parts(message.context, last)))


def _outcome(session: Session, message: Message) -> Outcome:
    data = session.association.data_set_bytes(LIMITS.header_bytes)
    if Service.FIND not in session.admitted.services:
        return NOT_ALLOWED
    try:
        return _found(session, message, data)
    except Unreadable:
        return UNREADABLE
    except (Invalid, Refused) as error:
        return Outcome(_STATUSES[type(error)], _comment(error))
    except (FoveaError, Error) as error:
        metrics.error_seen(error)
        logger.exception("C-FIND failed")
        connection.close()
        return NOT_NOW


def _comment(error: FoveaError) -> str:
    """What is wrong, as far as 64 characters tell it."""
    return error.detail.partition(":")[0][:MAX_COMMENT]


def _found(session: Session, message: Message, data: bytes) -> Outcome:
    context = message.context
    negotiated = Negotiated.of(session.association, context.abstract_syntax)
    query = Query.read(decode(data, context.transfer_syntax), context.abstract_syntax, negotiated)
    most = settings.DIMSE_MATCHES
    matches = query.matches(session.principal, most)
    access.note_search(session.principal, _AUDITED[query.level], query.searched, len(matches))
    unsent = _tell(session, message, query, matches)
    if unsent is None:
        return CANCELLED
    if matches.has_more:
        comment = f"Over {most} matches; these are the newest. Ask for fewer."
        return Outcome(Status.OUT_OF_RESOURCES, comment, unsent)
    return Outcome(Status.SUCCESS, unsent=unsent)


def _tell(session: Session, message: Message, query: Query, matches: Listing) -> bytes | None:
    """Send the matches but for the last batch, which is returned; None where it was cancelled on the way."""
    association = session.association
    unsent = b""
    for batch in _batches(session, message, query, matches):
        if unsent:
            association.wire.write(unsent)
            if association.wire.is_waiting() and _is_cancelled(association, message):
                return None
        unsent = batch
    return unsent


def _batches(session: Session, message: Message, query: Query, matches: Listing) -> Iterator[bytes]:
    """The pending answers as bytes, many together."""
    association, context = session.association, message.context
    status = Status.PENDING_WARNING if matches.ignored or matches.unanswered else Status.PENDING
    pending: dict[int, Value] = message.command.answer(status, has_data_set=True)
    head = b"".join(association.message_parts(context, pending))
    parts, size = list[bytes | memoryview](), 0
    for page in matches.pages(PAGE):
        for match in page:
            identifier = query.answer(match, session.admitted.called)
            data = encode(identifier, context.transfer_syntax, query.character_sets)
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
        raise Gone("The peer released the association before all answers were sent.")
    if came.command.field != Field.C_CANCEL:
        raise ProtocolError("A request came while another was at work.", ProtocolError.UNEXPECTED_PDU)
    return came.command.number(Element.ANSWERED_MESSAGE_ID) == message.command.message_id
