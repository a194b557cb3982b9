"""A transport stream that comes by UDP, one host's or a group's, read as a file: only what allowed senders send."""

import io
import socket
import struct
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Final

from apps.dicom.network.addresses import Network, parse
from apps.video.live.addresses import Source, is_within, reachable

# What the kernel holds for us meanwhile: about a second of 30 Mbit/s.
BUFFER: Final = 4 << 20
_DATAGRAM: Final = 65536
_WAKE_SECONDS: Final = 0.5


class Datagrams(io.RawIOBase):
    """What arrives at the port of `source`, one datagram after the other.

    It ends when nothing has come for `seconds`, or when `is_over`, which is asked twice a second.

    Only what allowed senders send counts. Raises Forbidden, Unknown, OSError for a port that is taken.
    """

    def __init__(
        self, source: Source, networks: Sequence[Network], seconds: float, is_over: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._networks, self._seconds, self._is_over = networks, seconds, is_over
        self._rest = b""
        address = reachable(source.host, networks)
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            if address.is_multicast:
                self._join(str(address))
            self._socket.bind((str(address), source.port))
            self._socket.settimeout(_WAKE_SECONDS)
        except OSError:
            self._socket.close()
            raise

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill the buffer with the next datagram, or with what was left of the last one."""
        data = self._rest or self._next()
        view = memoryview(buffer)
        count = min(len(data), len(view))
        view[:count] = data[:count]
        self._rest = data[count:]
        return count

    def close(self) -> None:
        if not self.closed:
            self._socket.close()
        super().close()

    def _next(self) -> bytes:
        """The next datagram of an allowed sender; nothing after too long a silence."""
        until = time.monotonic() + self._seconds
        while time.monotonic() < until and not self._is_over():
            try:
                data, sender = self._socket.recvfrom(_DATAGRAM)
            except TimeoutError:
                continue
            if data and is_within(parse(str(sender[0])), self._networks):
                return data
        return b""

    def _join(self, group: str) -> None:
        """Take part in a multicast group, on the interface that leads to it."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        packed = ip_address(group).packed
        if len(packed) == 4:
            wanted = packed + socket.inet_aton("0.0.0.0")  # noqa: S104 - any interface, to listen to a group
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, wanted)
        else:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, packed + struct.pack("@I", 0))
