"""One connection from its handshake to its end: messages come one after another, and each is answered in its turn."""

import hashlib
import logging
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from django.db import connections as databases

from apps.core import metrics
from apps.dimse.connections import Connection, Connections
from apps.dimse.conversation import Secure
from apps.dimse.gate import Gate
from apps.dimse.limits import Limits
from apps.hl7 import reception
from apps.hl7.directory import Caller
from apps.hl7.v2.framing import Deframer, NotFramed, TooLong

# Bytes that are taken from the network at once.
CHUNK: Final = 64 << 10
# After so many seconds without a message a connection gives back what it holds of the database.
REST: Final = 2.0

logger = logging.getLogger("fovea.hl7")


class Ending(Exception):
    """How the connection ends, in words for the log."""


@dataclass(frozen=True, slots=True)
class House:
    """What all conversations of a server share; `most` are the bytes that a message may have."""

    limits: Limits
    connections: Connections
    gate: Gate
    most: int


@dataclass(slots=True)
class Account:
    """What the log says of a connection: one line at its end, without anything of a patient's."""

    address: str
    sender: str = ""
    ending: str = ""
    cut: int = 0
    started: float = field(default_factory=time.perf_counter)
    messages: Counter[str] = field(default_factory=Counter)

    def close(self) -> None:
        facts = {
            "address": self.address,
            "sender": self.sender,
            "ended": self.ending,
            "cut": self.cut,
            "messages": ",".join(f"{name}:{count}" for name, count in self.messages.items()),
            "seconds": round(time.perf_counter() - self.started, 3),
        }
        logger.log(logging.INFO if self.messages else logging.DEBUG, "HL7 connection", extra={"facts": facts})


class Conversation:
    """What a connection's own thread does."""

    def __init__(self, connection: Connection, house: House) -> None:
        self._connection = connection
        self._house = house
        self._account = Account(connection.address)
        self._has_place = False

    def hold(self, secure: Secure | None) -> None:
        """From the first byte to the last; nothing that happens on the way is raised."""
        try:
            self._talk(secure)
        except Ending as ending:
            self._account.ending = str(ending)
        except OSError as error:
            self._account.ending = f"broken: {error.strerror or type(error).__name__}"
        except Exception as error:
            self._account.ending = "failed"
            metrics.error_seen(error)
            logger.exception("HL7 connection failed")
        finally:
            self._leave()
            self._connection.stream.close()
            self._account.close()

    def _talk(self, secure: Secure | None) -> None:
        caller = Caller(self._connection.address, self._shake_hands(secure) if secure else b"")
        deframer = Deframer(self._house.most)
        for data in self._chunks(deframer):
            try:
                for message in deframer.feed(data):
                    self._take(message, caller)
            except NotFramed as error:
                raise Ending("no MLLP") from error
            except TooLong as error:
                self._connection.stream.settimeout(self._house.limits.pdu)
                self._connection.stream.sendall(reception.refuse_large(error.head))
                raise Ending("a message was too large") from error
            self._account.cut = deframer.cut

    def _shake_hands(self, secure: Secure) -> bytes:
        """The TLS handshake; the SHA-256 of the certificate that was presented, if one was. Raises Ending."""
        limit = self._house.limits.request
        try:
            stream = secure().wrap_socket(self._connection.stream, server_side=True, do_handshake_on_connect=False)
            self._connection.stream = stream
            stream.settimeout(limit)
            stream.do_handshake()
        except (OSError, ssl.SSLError) as error:
            raise Ending("no TLS") from error
        finally:
            databases.close_all()
        certificate = stream.getpeercert(binary_form=True)
        return hashlib.sha256(certificate).digest() if certificate else b""

    def _chunks(self, deframer: Deframer) -> Iterator[bytes]:
        """What comes, until the peer closes the connection. A message has its time, and so has the pause before one."""
        limits, began, since = self._house.limits, 0, time.monotonic()
        while not self._connection.is_ending:
            if not deframer.is_within or deframer.begun != began:
                began, since = deframer.begun, time.monotonic()
            data = self._read(since + (limits.pdu if deframer.is_within else limits.idle))
            if data:
                yield data
            elif not self._connection.is_ending:
                raise Ending("cut within a message" if deframer.is_within else "closed by the peer")
        raise Ending("ended here")

    def _read(self, deadline: float) -> bytes:
        """The next bytes; none at the end of the stream. Raises Ending when none come until the deadline."""
        stream = self._connection.stream
        while (left := deadline - time.monotonic()) > 0:
            stream.settimeout(min(left, REST) if self._has_place else left)
            try:
                return stream.recv(CHUNK)
            except TimeoutError:
                self._leave()
        raise Ending("timed out")

    def _take(self, message: bytes, caller: Caller) -> None:
        """Work on a message and answer it. Raises Ending where there are too many connections."""
        self._connection.works()
        if not self._enter():
            raise Ending("the server is busy")
        answer = reception.receive(message, caller)
        self._account.messages[f"{answer.kind[:20]} {answer.code}"] += 1
        if answer.sender:
            self._account.sender = answer.sender.name
        try:
            self._connection.stream.settimeout(self._house.limits.pdu)
            self._connection.stream.sendall(answer.frames)
        finally:
            answer.follow()
        self._connection.waits()
        is_new = answer.sender is not None and not self._connection.is_associated
        if is_new and not self._house.connections.associate(self._connection):
            raise Ending("too many connections")
        if self._house.gate.is_wanted:
            self._leave()

    def _enter(self) -> bool:
        """Take a place at work, which is kept from message to message for as long as nobody else waits for it."""
        if not self._has_place:
            self._has_place = self._house.gate.enter(self._house.limits.pdu)
        return self._has_place

    def _leave(self) -> None:
        databases.close_all()
        if self._has_place:
            self._has_place = False
            self._house.gate.leave()
