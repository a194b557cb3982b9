"""A connection as a stream of PDUs (PS3.8 9.3.1), each within its limits of size and time.

What has come is read ahead, since one large system call costs less than many small ones; a buffer of that size is made
for who sends long PDUs, and given up again while nothing comes.
"""

import select
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from apps.dicom.network.errors import Gone, ProtocolError, TimedOut
from apps.dicom.network.pdu import HEAD, Type

# The longest P-DATA-TF that is read; dcmtk sends none that are longer.
MAX_PDU: Final = 128 << 10
# Bytes of the buffer for short PDUs, and for what is read ahead of long ones: two of them.
SHORT: Final = 4 << 10
LONG: Final = 2 * (HEAD.size + MAX_PDU)
# What goes into one system call, and has the limit of time for sending: parts and bytes.
BATCH_PARTS: Final = 512
BATCH_BYTES: Final = 1 << 20
# Seconds by which a limit of time may be overrun; setting a socket's time-out is a system call.
SLACK: Final = 1.0
# Seconds and bytes for which a connection that is given up is read, lest what was said last is lost with it.
LINGER: Final = 1.0
LINGER_BYTES: Final = 8 << 20

_KINDS: Final = frozenset(Type)
_SILENT: Final = "The peer was silent for too long."
_BROKEN: Final = "The connection broke."


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the peer may take, in seconds: for a whole PDU, between two messages, and to take a MiB that is sent."""

    pdu: float = 30.0
    idle: float = 60.0
    send: float = 30.0


class Wire:
    """A connection, TCP or TLS. One thread reads and writes it."""

    def __init__(self, connection: socket.socket, limits: Limits) -> None:
        """Raises Gone for a connection that has ended already."""
        self.connection = connection
        self.limits = limits
        self._buffer = memoryview(bytearray())
        self._start = self._end = 0
        self._timeout = -1.0
        try:
            if connection.family in (socket.AF_INET, socket.AF_INET6):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise Gone(_BROKEN) from error

    def read(self, first: float, *, most: int = MAX_PDU, whole: float | None = None) -> tuple[int, memoryview]:
        """The next PDU's type and body, valid until the next read.

        It may take `first` seconds to begin, and then `whole` seconds, or the limit for a PDU, to end. Raises Gone,
        TimedOut, and ProtocolError for one of more than `most` bytes, before any of it is read.
        """
        if self._start == self._end:
            self._receive(1, time.monotonic() + first)
        deadline = time.monotonic() + (self.limits.pdu if whole is None else whole)
        while self._end - self._start < HEAD.size:
            self._receive(HEAD.size, deadline)
        kind, length = HEAD.unpack_from(self._buffer, self._start)
        if kind not in _KINDS:
            raise ProtocolError("A PDU came of a type there isn't.", ProtocolError.UNRECOGNISED_PDU)
        if length > most:
            raise ProtocolError("A PDU is longer than was agreed.")
        size = HEAD.size + length
        while self._end - self._start < size:
            self._receive(size, deadline)
        body = self._buffer[self._start + HEAD.size : self._start + size]
        self._start += size
        return kind, body

    def _receive(self, wanted: int, deadline: float) -> None:
        """Read what has come, or wait for it, into a buffer that has room for so many bytes in all."""
        if self._start == self._end:
            self._start = self._end = 0
        if len(self._buffer) - self._start < max(wanted, HEAD.size):
            self._make_room(wanted)
        try:
            self._wait_until(deadline)
            count = self.connection.recv_into(self._buffer[self._end :])
        except TimeoutError as error:
            raise TimedOut(_SILENT) from error
        except OSError as error:
            raise Gone(_BROKEN) from error
        if not count:
            raise Gone("The peer closed the connection.")
        self._end += count

    def _make_room(self, wanted: int) -> None:
        """Move what is buffered to the beginning of the buffer, or of a larger one."""
        rest = self._buffer[self._start : self._end]
        size = SHORT if wanted <= SHORT else max(LONG, wanted)
        if size > len(self._buffer):
            self._buffer = memoryview(bytearray(size))
        self._buffer[: len(rest)] = rest
        self._start, self._end = 0, len(rest)

    def _wait_until(self, deadline: float) -> None:
        """Let the next call of the socket end by then. Raises TimeoutError when that time has come."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if not left <= self._timeout <= left + SLACK:
            self._timeout = left
            self.connection.settimeout(left)

    def rest(self) -> None:
        """Give the buffer up, for as long as nothing comes."""
        if self._start == self._end:
            self._buffer = memoryview(bytearray())
            self._start = self._end = 0

    def is_waiting(self, seconds: float = 0) -> bool:
        """Whether the peer has sent something, or closed the connection, within so many seconds."""
        if self._start < self._end:
            return True
        if isinstance(self.connection, ssl.SSLSocket) and self.connection.pending():
            return True
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def write(self, data: bytes) -> None:
        """Send all of it. Raises Gone and TimedOut."""
        self.write_parts([data])

    def write_parts(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send these one after the other, without joining them where the connection can. Raises Gone and TimedOut."""
        is_tls = isinstance(self.connection, ssl.SSLSocket)
        for batch in _batches(parts):
            try:
                if is_tls or len(batch) == 1:
                    self._wait_until(time.monotonic() + self.limits.send)
                    self.connection.sendall(b"".join(batch) if len(batch) > 1 else batch[0])
                else:
                    self._gather(batch)
            except TimeoutError as error:
                raise TimedOut("The peer did not take what was sent.") from error
            except OSError as error:
                raise Gone(_BROKEN) from error

    def _gather(self, parts: list[bytes | memoryview]) -> None:
        deadline = time.monotonic() + self.limits.send
        while parts:
            self._wait_until(deadline)
            parts = _behind(parts, self.connection.sendmsg(parts))

    def linger(self) -> None:
        """Say that nothing more is sent, and pass over what still comes, for a moment.

        A connection that is closed with something unread takes back what it has sent last.
        """
        deadline, left = time.monotonic() + LINGER, LINGER_BYTES
        self._start = self._end = 0
        try:
            socket.socket.shutdown(self.connection, socket.SHUT_WR)
            while left > 0:
                self._receive(SHORT, deadline)
                left -= self._end
                self._end = 0
        except (OSError, Gone, TimedOut):
            return

    def close(self) -> None:
        self.connection.close()


def _batches(parts: Sequence[bytes | memoryview]) -> Iterator[list[bytes | memoryview]]:
    """The parts in groups for one system call each."""
    batch: list[bytes | memoryview] = []
    size = 0
    for part in parts:
        if batch and (size + len(part) > BATCH_BYTES or len(batch) == BATCH_PARTS):
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += len(part)
    if batch:
        yield batch


def _behind(parts: list[bytes | memoryview], sent: int) -> list[bytes | memoryview]:
    """What is left of the parts after so many bytes."""
    for place, part in enumerate(parts):
        if sent < len(part):
            return [memoryview(part)[sent:], *parts[place + 1 :]]
        sent -= len(part)
    return []
