"""A known sender's message, from its bytes to what became of it: everything it says is done, or nothing."""

import logging
from dataclasses import replace
from typing import Final

from django.db import DatabaseError, IntegrityError, transaction

from apps.core import metrics
from apps.hl7 import following, journal
from apps.hl7.acting.context import Context, as_faults, principal_of
from apps.hl7.acting.registry import act_of
from apps.hl7.directory import Known
from apps.hl7.journal import Ended, Received
from apps.hl7.models import CONTROL_ID_LENGTH, MessageState
from apps.hl7.v2 import charsets
from apps.hl7.v2.answering import Verdict
from apps.hl7.v2.faults import Condition, Faulty, Place
from apps.hl7.v2.head import Head
from apps.hl7.v2.message import Message, parse
from apps.saying import say

logger = logging.getLogger("fovea.hl7")

NOT_NOW: Final = say("The server could not take the message now. Send it again later.")
# Conditions that say that a message is of no concern here.
_OF_NO_USE: Final = frozenset({Condition.MESSAGE_TYPE, Condition.EVENT_CODE})


def work(sender: Known, received: Received, *, on_behalf_of: str = "") -> Ended:
    """Do what the message says, write down what became of it, and return that after the commit.

    What listens to the commit is left to the caller (`following.run`), who answers first.
    A message that was taken before does nothing again. `on_behalf_of` is who has asked for it to be tried again.
    """
    before: MessageState | None = None
    try:
        before = journal.state_of(sender, received)
        if before in journal.DONE:
            journal.count_again(sender, received)
            return Ended(MessageState.TAKEN)
        return _taken(sender, received, on_behalf_of, is_new=before is None)
    except Exception as error:  # noqa: BLE001 - `_ended` has it in the log
        ended = _ended(sender, received, error)
    if ended.state is not MessageState.TAKEN:
        _write(sender, received, ended, is_new=before is None)
    return ended


def _ended(sender: Known, received: Received, error: Exception) -> Ended:
    """What an error comes to, of which nothing is done."""
    # The same message came by another connection at once: that one does it.
    if isinstance(error, IntegrityError | Faulty) and journal.state_of(sender, received) in journal.DONE:
        return Ended(MessageState.TAKEN)
    if isinstance(error, Faulty):
        return _refused(sender, error)
    metrics.error_seen(error)
    logger.error("an HL7 message failed", exc_info=error)
    return Ended(MessageState.FAILED, Verdict(Condition.INTERNAL, NOT_NOW, is_rejection=True))


def _taken(sender: Known, received: Received, on_behalf_of: str, *, is_new: bool) -> Ended:
    """Raises Faulty."""
    head = received.head
    _check(head)
    act = act_of(head)
    message = _message(sender, received)
    context = Context(sender, head, message, principal_of(sender, on_behalf_of))
    with as_faults(), transaction.atomic(), following.held_back() as follows:
        ended = Ended(MessageState.TAKEN, outcome=act(context))
        journal.write(sender, received, ended, is_new=is_new)
    return replace(ended, follows=tuple(follows))


def _message(sender: Known, received: Received) -> Message:
    """Raises Faulty."""
    names = received.head.charset or sender.charset
    return parse(charsets.decoded(received.data, names), charsets.codec_of(names))


def _check(head: Head) -> None:
    """Raises Faulty for what its header alone rules out."""
    if not head.control_id or len(head.control_id) > CONTROL_ID_LENGTH:
        raise Faulty(Condition.REQUIRED_FIELD, say("A message has a control ID."), Place("MSH", 10))
    if head.version and not head.version.startswith("2."):
        text = say("HL7 version {version} is not spoken here. Send version 2.", version=head.version[:10])
        raise Faulty(Condition.VERSION_ID, text, Place("MSH", 12))
    if head.processing_id.upper() not in ("", "P"):
        text = say("Only messages of production (P) are taken, so that no training ends up among patients.")
        raise Faulty(Condition.PROCESSING_ID, text, Place("MSH", 11))


def _refused(sender: Known, fault: Faulty) -> Ended:
    if sender.passes_over and fault.condition in _OF_NO_USE:
        return Ended(MessageState.PASSED, outcome=fault.detail)
    verdict = Verdict(fault.condition, fault.detail, fault.place, fault.is_rejection)
    return Ended(MessageState.REFUSED, verdict)


def _write(sender: Known, received: Received, ended: Ended, *, is_new: bool) -> None:
    """What can't even be written down is answered all the same."""
    try:
        with transaction.atomic():
            journal.write(sender, received, ended, is_new=is_new)
    except DatabaseError:
        logger.exception("what became of an HL7 message could not be written down")
