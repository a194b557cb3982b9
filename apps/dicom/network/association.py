"""An established association: messages in and out over one connection (PS3.8 9, PS3.7 6.3).

One thread serves an association. It blocks in reading, never for longer than the limits say, and writes each message
by as few system calls as it takes, because small writes wait for the peer's delayed acknowledgements.
"""

import select
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from apps.dicom.network import pdu
from apps.dicom.network.command import MAX_COMMAND, Command, Value, encode
from apps.dicom.network.errors import Aborted, Gone, ProtocolError, TimedOut
from apps.dicom.network.pdu import HEAD, PDV_HEAD, Type

# The longest P-DATA-TF that is read; dcmtk sends none that are longer.
MAX_PDU: Final = 128 << 10
# What is sent where the peer sets no limit, and how much goes into one system call.
SEND_PDU: Final = 128 << 10
BATCH_PARTS: Final = 512

_KINDS: Final = frozenset(Type)
_COMMAND: Final = 1
_LAST: Final = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the peer may take, in seconds: for a whole PDU, between two messages, and to take what is sent."""

    pdu: float = 30.0
    idle: float = 60.0
    send: float = 30.0


@dataclass(frozen=True, slots=True)
class Context:
    """An accepted presentation context, with the roles that this side has in it."""

    id: int
    abstract_syntax: str
    transfer_syntax: str
    as_scu: bool = False
    as_scp: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """A command set that came, and its context; its data set is read next, if it has one."""

    context: Context
    command: Command


class Wire:
    """A connection as a stream of PDUs, each within its limits."""

    def __init__(self, connection: socket.socket, limits: Limits) -> None:
        self.connection = connection
        self.limits = limits
        self._buffer = bytearray(MAX_PDU)
        self._view = memoryview(self._buffer)
        self._head = bytearray(HEAD.size)
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, first: float, *, most: int = MAX_PDU) -> tuple[int, memoryview]:
        """The next PDU's type and body, valid until the next read; `first` is how long it may take to begin.

        Raises Gone, TimedOut, and ProtocolError for one of more than `most` bytes, before any of it is read.
        """
        head = memoryview(self._head)
        self._fill(head[:1], time.monotonic() + first)
        deadline = time.monotonic() + self.limits.pdu
        self._fill(head[1:], deadline)
        kind, length = HEAD.unpack(head)
        if length > most:
            raise ProtocolError("A PDU is longer than was agreed.")
        if length > len(self._buffer):
            self._buffer = bytearray(most)
            self._view = memoryview(self._buffer)
        body = self._view[:length]
        self._fill(body, deadline)
        return kind, body

    def _fill(self, view: memoryview, deadline: float) -> None:
        try:
            while view:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimedOut("The peer was silent for too long.")
                self.connection.settimeout(left)
                count = self.connection.recv_into(view)
                if not count:
                    raise Gone("The peer closed the connection.")
                view = view[count:]
        except TimeoutError as error:
            raise TimedOut("The peer was silent for too long.") from error
        except OSError as error:
            raise Gone("The connection broke.") from error

    def write(self, data: bytes) -> None:
        """Send all of it. Raises Gone and TimedOut."""
        try:
            self.connection.settimeout(self.limits.send)
            self.connection.sendall(data)
        except TimeoutError as error:
            raise TimedOut("The peer did not take what was sent.") from error
        except OSError as error:
            raise Gone("The connection broke.") from error

    def write_parts(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send these one after the other, without joining them where the connection can. Raises Gone and TimedOut."""
        if isinstance(self.connection, ssl.SSLSocket):
            self.write(b"".join(parts))
            return
        for start in range(0, len(parts), BATCH_PARTS):
            self._gather(list(parts[start : start + BATCH_PARTS]))

    def _gather(self, parts: list[bytes | memoryview]) -> None:
        deadline = time.monotonic() + self.limits.send
        try:
            while parts:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimedOut("The peer did not take what was sent.")
                self.connection.settimeout(left)
                parts = _behind(parts, self.connection.sendmsg(parts))
        except TimeoutError as error:
            raise TimedOut("The peer did not take what was sent.") from error
        except OSError as error:
            raise Gone("The connection broke.") from error

    def is_waiting(self, seconds: float = 0) -> bool:
        """Whether the peer has sent something, or closed the connection, within so many seconds."""
        if isinstance(self.connection, ssl.SSLSocket) and self.connection.pending():
            return True
        return bool(select.select([self.connection], [], [], seconds)[0])

    def close(self) -> None:
        self.connection.close()


def _behind(parts: list[bytes | memoryview], sent: int) -> list[bytes | memoryview]:
    """What is left of the parts after so many bytes."""
    for place, part in enumerate(parts):
        if sent < len(part):
            return [memoryview(part)[sent:], *parts[place + 1 :]]
        sent -= len(part)
    return []


class Association:
    """An established association, by whichever side it was opened.

    `calling` and `called` are the AE titles, `contexts` the accepted presentation contexts by their ids, `user` what
    the peer told of itself. Use it as a context manager: leaving closes the connection.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        calling: str,
        called: str,
        contexts: Mapping[int, Context],
        user: pdu.UserInformation,
    ) -> None:
        self.wire = wire
        self.calling = calling
        self.called = called
        self.contexts = contexts
        self.user = user
        self._most_sent = min(user.max_length or SEND_PDU, SEND_PDU) - PDV_HEAD.size
        self._pending: Iterator[tuple[int, int, memoryview]] = iter(())
        self._message: Message | None = None
        self._message_id = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wire.close()

    @property
    def message_id(self) -> int:
        """A new Message ID for a request of this side."""
        self._message_id = self._message_id % 0xFFFF + 1
        return self._message_id

    def receive(self, seconds: float | None = None) -> Message | None:
        """The next message's command set; None when the peer has released the association, which is answered.

        What was not read of the last message's data set is passed over. Waits `seconds`, or the idle limit.
        Raises Gone, TimedOut, Aborted, ProtocolError.
        """
        if self._message is not None:
            for _ in self.data_set():
                pass
        data = bytearray()
        while True:
            fragment = self._fragment(self.wire.limits.idle if seconds is None else seconds, may_end=not data)
            if fragment is None:
                return None
            context_id, flags, view = fragment
            if not flags & _COMMAND or len(data) + len(view) > MAX_COMMAND:
                raise ProtocolError("A data set came where a command set should, or a command set that is too long.")
            data += view
            if flags & _LAST:
                message = Message(self.contexts[context_id], Command.parse(data))
                self._message = message if message.command.has_data_set else None
                return message

    def data_set(self) -> Iterator[memoryview]:
        """The data set of the message that came last, in pieces that are each valid until the next one is taken.

        Raises Gone, TimedOut, Aborted, ProtocolError.
        """
        while self._message is not None:
            fragment = self._fragment(self.wire.limits.pdu, may_end=False)
            if fragment is None:
                return
            context_id, flags, view = fragment
            if flags & _COMMAND or context_id != self._message.context.id:
                raise ProtocolError("A command set came where a data set should, or one of another context.")
            if flags & _LAST:
                self._message = None
            yield view

    def data_set_bytes(self, most: int) -> bytes:
        """The whole data set of the message that came last. Raises ProtocolError for more than `most` bytes."""
        data = bytearray()
        for piece in self.data_set():
            if len(data) + len(piece) > most:
                raise ProtocolError(f"A data set has more than {most} bytes.")
            data += piece
        return bytes(data)

    def _fragment(self, first: float, *, may_end: bool) -> tuple[int, int, memoryview] | None:
        """The next presentation data value: its context, flags and bytes (PS3.8 9.3.5.1); None for a release."""
        while True:
            fragment = next(self._pending, None)
            if fragment is not None:
                return fragment
            kind, body = self.wire.read(first)
            if kind == Type.DATA:
                self._pending = self._fragments(body)
            elif kind == Type.RELEASE_RQ and may_end:
                self.wire.write(pdu.RELEASE_RP)
                return None
            elif kind == Type.ABORT:
                raise Aborted("The peer aborted the association.")
            elif kind in _KINDS:
                raise ProtocolError("A PDU came that has no place here.", ProtocolError.UNEXPECTED_PDU)
            else:
                raise ProtocolError("A PDU came of a type there isn't.", ProtocolError.UNRECOGNISED_PDU)

    def _fragments(self, body: memoryview) -> Iterator[tuple[int, int, memoryview]]:
        offset = 0
        while offset < len(body):
            if offset + PDV_HEAD.size > len(body):
                raise ProtocolError("A presentation data value ends too early.")
            length, context_id, flags = PDV_HEAD.unpack_from(body, offset)
            end = offset + 4 + length
            if length < len(b"cf") or end > len(body) or context_id not in self.contexts:
                raise ProtocolError("A presentation data value is longer than its PDU, or of no accepted context.")
            yield context_id, flags, body[offset + PDV_HEAD.size : end]
            offset = end

    def send(self, context: Context, command: Mapping[int, Value], data_set: bytes | memoryview | None = None) -> None:
        """Send a message, its data set whole in memory. Raises Gone and TimedOut."""
        self.wire.write_parts(self.message_parts(context, command, data_set))

    def message_parts(
        self, context: Context, command: Mapping[int, Value], data_set: bytes | memoryview | None = None
    ) -> list[bytes | memoryview]:
        """A message as the pieces of its PDUs, so that several messages can go out together by `wire.write_parts`."""
        parts = self._pdus(context.id, _COMMAND, memoryview(encode(command)), is_last=True)
        if data_set is not None:
            parts += self._pdus(context.id, 0, memoryview(data_set), is_last=True)
        return parts

    def data_set_parts(self, context: Context, data_set: bytes | memoryview) -> list[bytes | memoryview]:
        """A data set as the pieces of its PDUs, to go out after those of its command set."""
        return self._pdus(context.id, 0, memoryview(data_set), is_last=True)

    def send_pieces(self, context: Context, command: Mapping[int, Value], pieces: Iterable[bytes | memoryview]) -> None:
        """Send a message whose data set comes in pieces. Raises Gone and TimedOut."""
        parts = self._pdus(context.id, _COMMAND, memoryview(encode(command)), is_last=True)
        held: bytes | memoryview | None = None
        for piece in pieces:
            if held is not None:
                self.wire.write_parts(parts + self._pdus(context.id, 0, memoryview(held), is_last=False))
                parts = []
            held = piece
        self.wire.write_parts(parts + self._pdus(context.id, 0, memoryview(held or b""), is_last=True))

    def _pdus(self, context_id: int, flags: int, data: memoryview, *, is_last: bool) -> list[bytes | memoryview]:
        """P-DATA-TF PDUs of one presentation data value each, as long as the peer takes them."""
        parts: list[bytes | memoryview] = []
        size = max(self._most_sent, 1)
        for start in range(0, len(data) or 1, size):
            piece = data[start : start + size]
            last = _LAST if is_last and start + size >= len(data) else 0
            head = HEAD.pack(Type.DATA, PDV_HEAD.size + len(piece))
            parts.append(head + PDV_HEAD.pack(len(piece) + 2, context_id, flags | last))
            parts.append(piece)
        return parts

    def release(self) -> None:
        """End the association in order, as its requestor (PS3.8 7.2). Raises Gone, TimedOut, Aborted."""
        self.wire.write(pdu.RELEASE_RQ)
        while True:
            kind, _ = self.wire.read(self.wire.limits.pdu)
            if kind == Type.RELEASE_RP:
                return
            if kind == Type.ABORT:
                raise Aborted("The peer aborted the association.")
            if kind == Type.RELEASE_RQ:
                self.wire.write(pdu.RELEASE_RP)

    def abort(self, reason: int = 0, *, by_provider: bool = True) -> None:
        """Tell the peer that the association is over; a connection that is broken already is no error."""
        try:
            self.wire.write(pdu.abort(reason, by_provider=by_provider))
        except (Gone, TimedOut):
            return
