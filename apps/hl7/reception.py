"""What comes in a frame, and the frames that answer it."""

import logging
import time
from dataclasses import dataclass, replace
from secrets import token_hex
from threading import Lock
from typing import Final

from django.db import Error
from django.utils import timezone

from apps.core import metrics
from apps.core.requests import Exchange, at_work
from apps.hl7 import directory, following, strangers, working
from apps.hl7.acting.context import VIA
from apps.hl7.acting.registry import ACTS
from apps.hl7.directory import Caller, Known, Unknown
from apps.hl7.following import Call
from apps.hl7.journal import Received
from apps.hl7.models import Sender
from apps.hl7.strangers import Writer
from apps.hl7.v2.answering import Verdict, acknowledgement, codes
from apps.hl7.v2.faults import Condition, Faulty
from apps.hl7.v2.framing import frame
from apps.hl7.v2.head import Head
from apps.saying import say

# Seconds: how often it is noted that a sender was seen.
SEEN_EVERY: Final = 60.0
TOO_LARGE: Final = say("The message is too large (FOVEA_HL7_MAX_KB).")
STRANGER: Final = say("This server does not know the sender. Whoever administers the practice can let it in.")

logger = logging.getLogger("fovea.hl7")

_seen: dict[int, float] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Answer:
    """The frames to answer with, perhaps none; whose the message was, where that is known; and in brief, how."""

    frames: bytes
    sender: Known | None
    kind: str
    code: str
    exchange: Exchange | None = None
    follows: tuple[Call, ...] = ()

    def follow(self) -> None:
        """What is to be done once the frames are sent; whatever fails of it is in the log."""
        if self.exchange and self.follows:
            with at_work(self.exchange):
                following.run(self.follows)


def receive(data: bytes, caller: Caller) -> Answer:
    """Take a message, and say how it is to be answered. It is committed by then, or nothing of it has been done."""
    exchange = Exchange(token_hex(8), time.perf_counter(), caller.address, via=VIA)
    with at_work(exchange):
        answer = _received(data, caller)
    kind = answer.kind.partition("^")[0]
    seconds = time.perf_counter() - exchange.started
    metrics.hl7_message_answered(kind if kind in ACTS else "other", answer.code, seconds)
    return replace(answer, exchange=exchange)


def refuse_large(beginning: bytes) -> bytes:
    """The frame that answers a message of which only the beginning was read."""
    try:
        head = Head.of(beginning)
    except Faulty:
        head = Head()
    return _answer(head, Verdict(Condition.TOO_LONG, TOO_LARGE, is_rejection=True), None).frames


def _received(data: bytes, caller: Caller) -> Answer:
    try:
        head = Head.of(data)
    except Faulty as fault:
        return _answer(Head(), Verdict(fault.condition, fault.detail, fault.place, is_rejection=True), None)
    try:
        sender = directory.sender_of(caller, head)
        _note_seen(sender)
    except Unknown as unknown:
        receiving = (head.receiving_facility, head.receiving_application)
        strangers.note(Writer(head.application, head.facility, caller.address, receiving), unknown.reason)
        return _answer(head, Verdict(Condition.INTERNAL, STRANGER, is_rejection=True), None)
    except Error:
        logger.exception("the HL7 senders can't be read")
        return _answer(head, Verdict(Condition.INTERNAL, working.NOT_NOW, is_rejection=True), None)
    ended = working.work(sender, Received(head, data, caller.address))
    return _answer(head, ended.verdict, sender, ended.follows)


def _answer(head: Head, verdict: Verdict, sender: Known | None, follows: tuple[Call, ...] = ()) -> Answer:
    at = timezone.localtime()
    frames = b"".join(frame(acknowledgement(head, code, verdict, token_hex(10), at)) for code in codes(head, verdict))
    return Answer(frames, sender, head.trigger, verdict.code, follows=follows)


def _note_seen(sender: Known) -> None:
    now = time.monotonic()
    with _lock:
        if now - _seen.get(sender.sender_id, -SEEN_EVERY) < SEEN_EVERY:
            return
        _seen[sender.sender_id] = now
    Sender.objects.filter(pk=sender.sender_id).update(seen_at=timezone.now())


def forget_all() -> None:
    """Note anew who is seen."""
    with _lock:
        _seen.clear()
