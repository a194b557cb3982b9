"""Asking a remote by C-FIND (PS3.4 C.4.1), as its SCU: bounded in answers and in time, and cancelled beyond."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from apps.dicom.errors import Unreadable
from apps.dicom.identifiers import decode, encode
from apps.dicom.network.association import Association, Context, Message
from apps.dicom.network.command import ANSWER, NO_DATA_SET, Element, Field, Status
from apps.dicom.network.errors import ProtocolError
from apps.dicom.network.requestor import contexts_of
from apps.remotes.asking import Query, identifier_of
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.found import FoundInstance, FoundSeries, Results, instance_in, series_in, studies_in
from apps.saying import say

STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
SECONDS: Final = 60.0
# How long a remote may go on after it was told to stop.
CANCEL_SECONDS: Final = 10.0
ANSWER_BYTES: Final = 1 << 20
MOST_SERIES: Final = 5000
MOST_INSTANCES: Final = 100_000

PENDING: Final = frozenset({Status.PENDING, Status.PENDING_WARNING})
# Said in every question: what an archive answers in ASCII otherwise, some names don't survive.
_UTF_8: Final = ("ISO_IR 192",)
_SERIES: Final = {
    "00080060": "CS",
    "0008103E": "LO",
    "0020000E": "UI",
    "00200011": "IS",
    "00201209": "IS",
}
_INSTANCE: Final = {"00080016": "UI", "00080018": "UI"}

Identifier = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a C-FIND was answered with; not complete where it was cancelled."""

    identifiers: tuple[dict[str, dict[str, Any]], ...]
    is_complete: bool


def studies(association: Association, query: Query, most: int) -> Results:
    """The studies that match. Raises NetworkError, RemoteFailed, RemoteRefused."""
    answers = find(association, identifier_of(query), most)
    return Results(studies_in(answers.identifiers), answers.is_complete)


def series(association: Association, study_uid: str) -> tuple[FoundSeries, ...]:
    """The series of a study. Raises NetworkError, RemoteFailed, RemoteRefused."""
    keys = {"0020000D": _uids(study_uid), **{tag: {"vr": vr} for tag, vr in _SERIES.items()}}
    return series_in(_all(association, keys | _level("SERIES"), MOST_SERIES))


def instances(association: Association, study_uid: str) -> list[FoundInstance]:
    """All instances of a study, series by series, as is asked for where nothing else was negotiated (PS3.4 C.4.1.2).

    Raises NetworkError, RemoteFailed, RemoteRefused.
    """
    found: dict[str, FoundInstance] = {}
    for each in series(association, study_uid):
        for instance in _of_series(association, study_uid, each.series_instance_uid):
            found[instance.sop_instance_uid] = instance
        if len(found) > MOST_INSTANCES:
            raise RemoteFailed(
                say(
                    "The study has more than {most_instances} instances: fetch it in another way.",
                    most_instances=MOST_INSTANCES,
                )
            )
    return list(found.values())


def find(association: Association, identifier: Identifier, most: int, seconds: float = SECONDS) -> Answers:
    """Ask, and take the answers as they come: `most` of them, for so many seconds.

    Raises NetworkError, and RemoteRefused for a final status that is an error.
    """
    context = _context(association)
    message_id = association.message_id
    command = request(Field.C_FIND, STUDY_ROOT_FIND, message_id)
    association.send(context, command, encode(identifier, context.transfer_syntax, _UTF_8, is_said=True))
    found: list[dict[str, dict[str, Any]]] = []
    deadline = time.monotonic() + seconds
    is_cancelled = False
    while True:
        message = answer(association, Field.C_FIND, message_id, max(deadline - time.monotonic(), 1.0))
        if message.command.status not in PENDING:
            _check(message)
            return Answers(tuple(found), not is_cancelled)
        data = association.data_set_bytes(ANSWER_BYTES)
        if is_cancelled:
            continue
        if len(found) == most or time.monotonic() > deadline:
            cancel(association, context, message_id)
            is_cancelled, deadline = True, time.monotonic() + CANCEL_SECONDS
        else:
            found.append(_decoded(data, context))


def request(field: Field, sop_class: str, message_id: int) -> dict[int, int | str | bytes]:
    """The command set of a request of the query/retrieve service class."""
    return {
        Element.AFFECTED_SOP_CLASS: sop_class,
        Element.COMMAND_FIELD: field,
        Element.MESSAGE_ID: message_id,
        Element.PRIORITY: 0,
        Element.DATA_SET_TYPE: 1,
    }


def cancel(association: Association, context: Context, message_id: int) -> None:
    """C-CANCEL-RQ (PS3.7 9.3.2.3): what was asked is to end; it still has its last answer."""
    elements: dict[int, int | str | bytes] = {
        Element.COMMAND_FIELD: Field.C_CANCEL,
        Element.ANSWERED_MESSAGE_ID: message_id,
        Element.DATA_SET_TYPE: NO_DATA_SET,
    }
    association.send(context, elements)


def answer(association: Association, field: Field, message_id: int, seconds: float) -> Message:
    """The next answer to a request. Raises NetworkError, and RemoteFailed where the remote leaves instead."""
    message = association.receive(seconds)
    if message is None:
        raise RemoteFailed(say("The other archive ended the association before it had answered."))
    command = message.command
    if command.field != field | ANSWER or command.number(Element.ANSWERED_MESSAGE_ID) != message_id:
        raise ProtocolError("A message came that is no answer to what was asked.")
    return message


def _context(association: Association) -> Context:
    contexts = contexts_of(association, STUDY_ROOT_FIND)
    if not contexts:
        raise RemoteRefused(say("The other archive does not let this server search (C-FIND, Study Root)."))
    return contexts[0]


def _check(message: Message) -> None:
    status = message.command.status
    if status not in (Status.SUCCESS, Status.CANCEL):
        raise RemoteRefused(say("The other archive refuses the search: {said}", said=said(message)))


def said(message: Message) -> str:
    """What an answer says for itself. Its comment is the remote's words, as long as DICOM lets them be (64)."""
    comment = message.command.text(Element.ERROR_COMMENT)
    return f"status {message.command.status:04X}" + (f", {comment}" if comment.isprintable() and comment else ".")


def _decoded(data: bytes, context: Context) -> dict[str, dict[str, Any]]:
    try:
        return decode(data, context.transfer_syntax)
    except Unreadable as error:
        raise RemoteFailed(say("An answer of the other archive can't be read.")) from error


def _all(association: Association, identifier: Identifier, most: int) -> Iterator[dict[str, dict[str, Any]]]:
    answers = find(association, identifier, most)
    if not answers.is_complete:
        raise RemoteFailed(say("The other archive lists more than can be taken in, or takes too long for it."))
    return iter(answers.identifiers)


def _of_series(association: Association, study_uid: str, series_uid: str) -> Iterator[FoundInstance]:
    keys = {"0020000D": _uids(study_uid), "0020000E": _uids(series_uid)}
    keys |= {tag: {"vr": vr} for tag, vr in _INSTANCE.items()}
    for attributes in _all(association, keys | _level("IMAGE"), MOST_INSTANCES):
        if instance := instance_in(attributes, series_uid):
            yield instance


def _uids(*uids: str) -> dict[str, Any]:
    return {"vr": "UI", "Value": list(uids)}


def _level(name: str) -> dict[str, Any]:
    return {"00080052": {"vr": "CS", "Value": [name]}}
