"""A connection whose peer has said all that it says beforehand."""

import socket
from typing import Final, cast

from apps.dicom.network.wire import Limits, Wire

# Bytes that come at once, as if a network had cut what was sent anywhere.
PIECE: Final = 1361


class Recorded:
    """Gives these bytes, piece by piece, and then the end; keeps what it is sent."""

    family = socket.AF_UNIX

    def __init__(self, data: bytes, piece: int = PIECE) -> None:
        self._data = memoryview(data)
        self._piece = piece
        self.sent = bytearray()

    def settimeout(self, _: float) -> None:
        """What is recorded comes at once."""

    def recv_into(self, view: memoryview) -> int:
        piece = self._data[: min(self._piece, len(view))]
        view[: len(piece)] = piece
        self._data = self._data[len(piece) :]
        return len(piece)

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def sendmsg(self, parts: list[bytes]) -> int:
        self.sent += b"".join(parts)
        return sum(map(len, parts))


def wire(data: bytes, piece: int = PIECE) -> Wire:
    """What a peer said that said this."""
    return Wire(cast(socket.socket, Recorded(data, piece)), Limits())
