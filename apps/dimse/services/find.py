"""C-FIND as its SCP (PS3.4 C.4.1, K.4.1): searching the practice whose AE title was called, as far as one may see."""

import logging
from collections.abc import Callable, Iterator
from typing import Final

from django.conf import settings
from django.db import Error, connection

from apps.archive.query import Listing
from apps.audit import access
from apps.core import metrics
from apps.core.errors import FoveaError, Invalid, Refused
from apps.dicom.errors import Unreadable
from apps.dicom.identifiers import LIMITS, decode
from apps.dicom.network.association import Message
from apps.dicom.network.command import MAX_COMMENT, Element, Status
from apps.dimse.negotiated import Negotiated
from apps.dimse.offers import WORKLIST
from apps.dimse.query import Attributes, NotOfModel, Query, QueryLevel
from apps.dimse.services import worklist
from apps.dimse.services.answering import Found, Outcome, tell
from apps.dimse.session import Session
from apps.remotes.models import Service

logger = logging.getLogger("fovea.dimse")

# Matches that are read from the index together.
PAGE: Final = 500
_AUDITED: Final = {
    QueryLevel.PATIENT: "C-FIND patients",
    QueryLevel.STUDY: "C-FIND studies",
    QueryLevel.SERIES: "C-FIND series",
    QueryLevel.IMAGE: "C-FIND instances",
}
NOT_ALLOWED: Final = Outcome(Status.NOT_AUTHORISED, "This node may not search here.")
UNREADABLE: Final = Outcome(Status.CANNOT_UNDERSTAND, "The identifier can't be read.")
NOT_NOW: Final = Outcome(Status.OUT_OF_RESOURCES, "The archive can't be searched now. Try again.")
_STATUSES: Final[dict[type[FoveaError], Status]] = {
    NotOfModel: Status.NOT_OF_SOP_CLASS,
    Invalid: Status.CANNOT_UNDERSTAND,
    Refused: Status.NOT_AUTHORISED,
}


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
    sop_class = message.context.abstract_syntax
    service, search = _SEARCHES.get(sop_class, (Service.FIND, _archived))
    if service not in session.admitted.services:
        return NOT_ALLOWED
    try:
        identifier = decode(data, message.context.transfer_syntax)
        return tell(session, message, search(session, identifier, sop_class))
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


def _archived(session: Session, identifier: Attributes, sop_class: str) -> Found:
    """Search what is stored, by Patient Root or Study Root (PS3.4 C.6)."""
    query = Query.read(identifier, sop_class, Negotiated.of(session.association, sop_class))
    most = settings.DIMSE_MATCHES
    matches = query.matches(session.principal, most)
    access.note_search(session.principal, _AUDITED[query.level], query.searched, len(matches))
    return Found(
        _identifiers(session, query, matches),
        query.character_sets,
        is_partial=bool(matches.ignored or matches.unanswered),
        excess=f"Over {most} matches; these are the newest. Ask for fewer." if matches.has_more else "",
    )


def _identifiers(session: Session, query: Query, matches: Listing) -> Iterator[Attributes]:
    for page in matches.pages(PAGE):
        for match in page:
            yield query.answer(match, session.admitted.called)


Search = Callable[[Session, Attributes, str], Found]
_SEARCHES: Final[dict[str, tuple[Service, Search]]] = {WORKLIST: (Service.WORKLIST, worklist.search)}
