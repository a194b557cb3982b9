"""What became of each message: looked up when it comes again, and written with what it did."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.core.sealed import seal, unseal
from apps.hl7.directory import Known
from apps.hl7.following import Call
from apps.hl7.models import CHARSET_LENGTH, TEXT_LENGTH, Message, MessageState
from apps.hl7.v2.answering import Verdict
from apps.hl7.v2.head import Head

# Of those that were taken, another one of the same content does nothing.
DONE: Final = (MessageState.TAKEN, MessageState.PASSED)
# Every message does both: by the ORM they would cost as much as reading the message.
_STATE: Final = "SELECT state FROM hl7_message WHERE sender_id = %s AND control_id = %s AND digest = %s"
_COLUMNS: Final = [field for field in Message._meta.concrete_fields if not field.primary_key]  # noqa: SLF001
_NAMES: Final = ", ".join(str(field.column) for field in _COLUMNS)
_INSERT: Final = f"INSERT INTO hl7_message ({_NAMES}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"  # noqa: S608
_KIND: Final = 20
_VERSION: Final = 10
FINE: Final = Verdict()


@dataclass(frozen=True)
class Received:
    """A message as it came: `data` without its frame, `address` from where."""

    head: Head
    data: bytes
    address: str

    @cached_property
    def digest(self) -> str:
        """Of what it says. The header is left out: it has another time when a sender repeats a message."""
        body = self.data.partition(b"\r")[2]
        return hashlib.sha256(b"\x00".join((self.head.trigger.encode(), body))).hexdigest()


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of it; `follows` is to be called after the answer."""

    state: MessageState
    verdict: Verdict = FINE
    outcome: str = ""
    follows: tuple[Call, ...] = ()


def state_of(sender: Known, received: Received) -> MessageState | None:
    """What became of the sender's message of this control ID and content before; None for one that is new."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [sender.sender_id, received.head.control_id, received.digest])
        row = cursor.fetchone()
    return MessageState(row[0]) if row else None


def write(sender: Known, received: Received, ended: Ended, *, is_new: bool) -> None:
    """Write down how it ended; of one that came before and was not taken, how it ended now.

    The content is kept where it was not taken. Raises IntegrityError when the same is being written at once.
    """
    head, verdict = received.head, ended.verdict
    facts = {
        "state": ended.state.value,
        "answer": verdict.code,
        "condition": verdict.condition.code if verdict.condition else None,
        "place": str(verdict.place or "")[:40],
        "detail": verdict.detail[:TEXT_LENGTH],
        "outcome": ended.outcome[:TEXT_LENGTH],
        "address": received.address or None,
        "content": "" if ended.state in DONE else seal(received.data.decode("latin-1")),
        "received_at": timezone.now(),
    }
    if not is_new:
        _mine(sender, received).update(attempts=F("attempts") + 1, **facts)
        return
    message = Message(
        **facts, practice_id=sender.practice_id, sender_id=sender.sender_id, control_id=head.control_id,
        digest=received.digest, kind=head.trigger[:_KIND], version=head.version[:_VERSION],
        charset=head.charset[:CHARSET_LENGTH], size=len(received.data),
    )  # fmt: skip
    values = [field.get_db_prep_save(getattr(message, field.attname), connection) for field in _COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def count_again(sender: Known, received: Received) -> None:
    """Note that a message which was taken came again."""
    _mine(sender, received).update(attempts=F("attempts") + 1)


def _mine(sender: Known, received: Received) -> QuerySet[Message]:
    return Message.objects.filter(sender=sender.sender_id, control_id=received.head.control_id, digest=received.digest)


def content_of(message: Message) -> bytes:
    """The message as it came; nothing where it is not kept. Raises Unsealable."""
    return unseal(message.content).encode("latin-1")
