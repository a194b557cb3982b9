"""Messages that were not taken, tried again as they came: what was in the way may be gone."""

from functools import partial

from django.db import transaction

from apps.accounts.principal import Principal
from apps.core.errors import Conflict, Invalid
from apps.core.sealed import Unsealable
from apps.hl7 import following, journal, working
from apps.hl7.administering import decide
from apps.hl7.directory import Known, known_of
from apps.hl7.journal import Ended, Received
from apps.hl7.models import Message, Sender
from apps.hl7.v2.faults import Faulty
from apps.hl7.v2.head import Head
from apps.saying import say


def replay(who: Principal, message: Message) -> Ended:
    """Do what the message says, as its sender would have it done, and write down what became of it now.

    Raises Refused for who does not administer the practice, Conflict for one that was taken or is not kept any more,
    Invalid for one whose sender can't be understood.
    """
    decide(who, message.practice_id)
    if message.state in journal.DONE:
        raise Conflict(say("This message was taken: it is not to be taken twice."))
    try:
        data = journal.content_of(message)
    except Unsealable as error:
        raise Conflict(str(error)) from error
    if not data:
        raise Conflict(say("What was in this message is not kept any more. Let its sender send it again."))
    try:
        received = Received(Head.of(data), data, message.address or "")
    except Faulty as fault:
        raise Invalid(fault.detail) from fault
    ended = working.work(_known(message.sender), received, on_behalf_of=who.username)
    transaction.on_commit(partial(following.run, ended.follows))
    return ended


def _known(sender: Sender) -> Known:
    try:
        return known_of(sender)
    except ValueError as error:
        raise Invalid(say("The sender's networks, certificate or procedures can't be read. Correct them.")) from error
