"""Modality Performed Procedure Steps as their SCP (PS3.4 F.7, F.8): N-CREATE, N-SET, and N-GET to read them again."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from struct import iter_unpack
from typing import Final

from django.db import Error, connection

from apps.audit import access
from apps.core import metrics
from apps.core.errors import FoveaError, NotFound
from apps.dicom.errors import Unreadable
from apps.dicom.identifiers import LIMITS, character_sets, decode, encode
from apps.dicom.limits import MIB
from apps.dicom.network.association import Message
from apps.dicom.network.command import Element, Status, Value
from apps.dicom.uids import is_valid_uid, new_uid
from apps.dimse.services.retrieving import Declined
from apps.dimse.session import Session
from apps.remotes.models import Service
from apps.saying import say
from apps.worklist import performing, reporting
from apps.worklist.models.scheduled import PLANNING
from apps.worklist.performing import Duplicate, Ended, Reporter
from apps.worklist.reporting import Attributes, InvalidValue, MissingAttribute, MissingValue

logger = logging.getLogger("fovea.dimse")

# Each image that was made is an item: some thousands of them fit.
_LIMITS: Final = replace(LIMITS, header_bytes=4 * MIB, elements=200_000, values=200_000)
# PS3.4 table F.7.2-2.
NO_LONGER_UPDATED: Final = 0xA710
_STATUSES: Final[Mapping[type[FoveaError], Status]] = {
    MissingAttribute: Status.MISSING_ATTRIBUTE,
    MissingValue: Status.MISSING_ATTRIBUTE_VALUE,
    InvalidValue: Status.INVALID_ATTRIBUTE_VALUE,
    Duplicate: Status.DUPLICATE_SOP_INSTANCE,
    Ended: Status.PROCESSING_FAILURE,
    NotFound: Status.NO_SUCH_OBJECT_INSTANCE,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to: elements of the answer besides its status, and its data set."""

    status: Status = Status.SUCCESS
    elements: Mapping[int, Value] | None = None
    data_set: bytes | None = None


Work = Callable[[Session, Message, Attributes], Answer]


def create(session: Session, message: Message) -> None:
    """Answer an N-CREATE-RQ: a device begins a step (PS3.4 F.7.2.1). Durable before a success is told."""
    _answer(session, message, _create)


def change(session: Session, message: Message) -> None:
    """Answer an N-SET-RQ: a device tells more of its step, or that it has ended (PS3.4 F.7.2.2)."""
    _answer(session, message, _change)


def show(session: Session, message: Message) -> None:
    """Answer an N-GET-RQ with what is known of a performed step (PS3.4 F.8.2)."""
    _answer(session, message, _show)


def _answer(session: Session, message: Message, work: Work) -> None:
    """Do it and send the answer. Raises NetworkError."""
    try:
        answer = _done(session, message, work)
    except Declined as declined:
        session.association.send(message.context, declined.answer(message))
        return
    elements = message.command.answer(answer.status, has_data_set=answer.data_set is not None)
    session.association.send(message.context, elements | dict(answer.elements or {}), answer.data_set)


def _done(session: Session, message: Message, work: Work) -> Answer:
    """Raises Declined with the status that the standard has for what is wrong, and NetworkError."""
    data = session.association.data_set_bytes(_LIMITS.header_bytes)
    is_allowed = session.principal.may_in_all_of(PLANNING, session.admitted.practice_id)
    if not is_allowed or Service.WORKLIST not in session.admitted.services:
        raise Declined(Status.NOT_AUTHORISED, say("This node may not report performed steps here."))
    try:
        return work(session, message, decode(data, message.context.transfer_syntax, _LIMITS))
    except Ended as error:
        raise Declined(Status.PROCESSING_FAILURE, error.detail, NO_LONGER_UPDATED) from error
    except Unreadable as error:
        raise Declined(Status.PROCESSING_FAILURE, say("The attributes can't be read.")) from error
    except (FoveaError, Error) as error:
        raise _declined(error) from error


def _declined(error: FoveaError | Error) -> Declined:
    if isinstance(error, FoveaError) and type(error) in _STATUSES:
        return Declined(_STATUSES[type(error)], error.detail)
    metrics.error_seen(error)
    logger.error("A performed step could not be kept", exc_info=error)
    connection.close()
    return Declined(Status.PROCESSING_FAILURE, "This can't be kept now. Try again.")


def _create(session: Session, message: Message, attributes: Attributes) -> Answer:
    uid = message.command.sop_instance_uid or new_uid()
    if not is_valid_uid(uid):
        raise Declined(Status.INVALID_SOP_INSTANCE, say("The Affected SOP Instance UID is no UID."))
    performing.create(_reporter(session), uid, attributes)
    return Answer(elements={Element.AFFECTED_SOP_INSTANCE: uid})


def _change(session: Session, message: Message, attributes: Attributes) -> Answer:
    kept = performing.change(_reporter(session), message.command.sop_instance_uid, attributes)
    if not kept:
        return Answer()
    said = f"Not changed, as it was created: {' '.join(kept)}"
    return Answer(Status.ATTRIBUTE_LIST_ERROR, {Element.ERROR_COMMENT: said[:64]})


def _show(session: Session, message: Message, _: Attributes) -> Answer:
    performed = performing.find(session.admitted.practice_id, message.command.sop_instance_uid)
    known: Attributes = performed.dataset
    named = reporting.references(known)
    study = named[0].study_instance_uid if named else ""
    access.note(session.principal, performed.practice_id, study, "performed step")
    wanted = _wanted(message.command.elements.get(Element.ATTRIBUTES, b"")) or list(known)
    shown = {tag: known[tag] for tag in wanted if tag in known}
    status = Status.SUCCESS if len(shown) == len(set(wanted)) else Status.ATTRIBUTE_LIST_ERROR
    data_set = encode(shown, message.context.transfer_syntax, character_sets(known))
    return Answer(status, data_set=data_set)


def _wanted(identifiers: bytes) -> list[str]:
    """The tags of an Attribute Identifier List (AT)."""
    whole = identifiers[: len(identifiers) // 4 * 4]
    return [f"{group:04X}{element:04X}" for group, element in iter_unpack("<HH", whole)]


def _reporter(session: Session) -> Reporter:
    admitted = session.admitted
    return Reporter(session.principal, admitted.practice_id, admitted.remote_id)
