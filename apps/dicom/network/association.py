"""An established association: messages in and out over one connection (PS3.8 9, PS3.7 6.3).

One thread serves an association. It blocks in reading, never for longer than the limits say, and writes each message
by as few system calls as it takes, because small writes wait for the peer's delayed acknowledgements.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from apps.dicom.network import pdu
from apps.dicom.network.command import MAX_COMMAND, Command, Value, encode
from apps.dicom.network.errors import Aborted, Gone, ProtocolError, TimedOut
from apps.dicom.network.pdu import HEAD, PDV_HEAD, Type
from apps.dicom.network.wire import Wire

# What is sent at most in one PDU, also where the peer sets no limit.
SEND_PDU: Final = 128 << 10

_COMMAND: Final = 1
_LAST: Final = 2
_PDV_LENGTH: Final = 4


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
        # Fragments but the last are of even length (PS3.8 E).
        self._most_sent = (min(user.max_length or SEND_PDU, SEND_PDU) - PDV_HEAD.size) & ~1
        # The PDU that was read last, and how far into it the fragments are taken.
        self._pdu = memoryview(b"")
        self._taken = 0
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
        for _ in self.data_set():
            pass
        data = bytearray()
        patience = self.wire.limits.idle if seconds is None else seconds
        while (fragment := self._fragment(patience, may_end=not data)) is not None:
            context_id, flags, view = fragment
            if not flags & _COMMAND:
                raise ProtocolError("A data set came where a command set should.")
            if len(data) + len(view) > MAX_COMMAND:
                raise ProtocolError("A command set is too long.")
            data += view
            if flags & _LAST:
                return self._begun(Message(self.contexts[context_id], Command.parse(data)))
            patience = self.wire.limits.pdu
        return None

    def _begun(self, message: Message) -> Message:
        self._message = message if message.command.has_data_set else None
        return message

    def is_waiting(self, seconds: float = 0) -> bool:
        """Whether the peer has sent something more, or closed the connection, within so many seconds."""
        return self._taken < len(self._pdu) or self.wire.is_waiting(seconds)

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
        if self._taken == len(self._pdu):
            kind, body = self.wire.read(first)
            if kind == Type.RELEASE_RQ and may_end:
                self.wire.write(pdu.RELEASE_RP)
                return None
            if kind != Type.DATA or not body:
                raise _misplaced(kind)
            self._pdu, self._taken = body, 0
        return self._next()

    def _next(self) -> tuple[int, int, memoryview]:
        body, offset = self._pdu, self._taken
        if offset + PDV_HEAD.size > len(body):
            raise ProtocolError("A presentation data value ends too early.")
        length, context_id, flags = PDV_HEAD.unpack_from(body, offset)
        end = offset + _PDV_LENGTH + length
        if end < offset + PDV_HEAD.size or end > len(body):
            raise ProtocolError("A presentation data value is longer than its PDU, or has no head.")
        if context_id not in self.contexts:
            raise ProtocolError("A presentation data value is of no accepted context.")
        self._taken = end
        return context_id, flags, body[offset + PDV_HEAD.size : end]

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
        size = self._most_sent
        for start in range(0, len(data) or 1, size):
            piece = data[start : start + size]
            last = _LAST if is_last and start + size >= len(data) else 0
            head = HEAD.pack(Type.DATA, PDV_HEAD.size + len(piece))
            parts.append(head + PDV_HEAD.pack(len(piece) + 2, context_id, flags | last))
            parts.append(piece)
        return parts

    def release(self) -> None:
        """End the association in order, as its requestor (PS3.8 7.2); what else comes is passed over.

        Raises Gone, TimedOut, Aborted, ProtocolError.
        """
        self.wire.write(pdu.RELEASE_RQ)
        deadline = time.monotonic() + self.wire.limits.pdu
        while (left := deadline - time.monotonic()) > 0:
            kind, _ = self.wire.read(left)
            if kind == Type.RELEASE_RP:
                return
            if kind == Type.ABORT:
                raise _misplaced(kind)
            if kind == Type.RELEASE_RQ:
                self.wire.write(pdu.RELEASE_RP)
        raise TimedOut("The peer did not answer to the end of the association.")

    def abort(self, reason: int = 0, *, by_provider: bool = True) -> None:
        """Tell the peer that the association is over; a connection that is broken already is no error."""
        try:
            self.wire.write(pdu.abort(reason, by_provider=by_provider))
        except (Gone, TimedOut):
            return


def _misplaced(kind: int) -> Aborted | ProtocolError:
    """What a PDU comes to that has no place where it is."""
    if kind == Type.ABORT:
        return Aborted("The peer aborted the association.")
    return ProtocolError("A PDU came that has no place here.", ProtocolError.UNEXPECTED_PDU)
