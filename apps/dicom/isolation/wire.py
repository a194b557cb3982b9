"""What passes between a process and its child: short messages by a socket, bytes by memory that both have open.

The two sides don't trust each other alike: the child believes what it is told (pickle), but a child may have been
taken over by what it decodes, so of its answers only JSON and plain bytes are read, each within a bound.
"""

import os
import socket
from struct import Struct
from typing import Final

MAX_MESSAGE: Final = 64 << 20
MAX_DATA: Final = 2 << 30
# More than this is given back to the system after a call.
_KEPT: Final = 16 << 20
_LENGTH: Final = Struct("<Q")


class Ended(Exception):
    """The other side is gone, or doesn't keep to the protocol."""


def send(channel: socket.socket, message: bytes) -> None:
    """Send one message. Raises TimeoutError by the socket's own limit, Ended."""
    try:
        channel.sendall(_LENGTH.pack(len(message)) + message)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Ended from error


def receive(channel: socket.socket, most: int = MAX_MESSAGE) -> bytes:
    """The next message, of at most `most` bytes. Raises TimeoutError by the socket's own limit, Ended."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    if length > most:
        raise Ended
    return _exactly(channel, length)


def _exactly(channel: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        try:
            piece = channel.recv(min(length - len(received), 1 << 20))
        except ConnectionResetError as error:
            raise Ended from error
        if not piece:
            raise Ended
        received += piece
    return bytes(received)


def write(memory: int, data: bytes | memoryview) -> int:
    """Put bytes at the start of the shared memory; return their number. Raises ValueError beyond MAX_DATA."""
    view = memoryview(data).cast("B")
    if view.nbytes > MAX_DATA:
        raise ValueError(f"More than {MAX_DATA >> 20} MiB can't be handed to a codec at once.")
    done = 0
    while done < view.nbytes:
        done += os.pwrite(memory, view[done:], done)
    return done


def read_into(memory: int, target: memoryview) -> None:
    """Fill `target` from the start of the shared memory. Raises Ended if there is less.

    Read and not mapped: who maps memory dies when the other side shortens it.
    """
    done = 0
    while done < target.nbytes:
        count = os.preadv(memory, [target[done:]], done)
        if not count:
            raise Ended
        done += count


def read(memory: int, length: int) -> bytes:
    """The first bytes of the shared memory. Raises Ended if there are fewer, or too many are asked for."""
    if not 0 <= length <= MAX_DATA:
        raise Ended
    if length <= _KEPT:
        data = os.pread(memory, length, 0)
        if len(data) == length:
            return data
    target = bytearray(length)
    read_into(memory, memoryview(target))
    return bytes(target)


def release(memory: int) -> None:
    """Give much memory back to the system; a little is kept for the next call."""
    if os.fstat(memory).st_size > _KEPT:
        os.ftruncate(memory, _KEPT)
