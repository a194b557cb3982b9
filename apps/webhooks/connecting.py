"""HTTP connections to addresses that have been looked at: no proxy, no redirect, no second look-up."""

import socket
import time
from collections import OrderedDict
from contextlib import suppress
from http.client import HTTPConnection
from threading import Lock
from typing import Final

from apps.remotes.web.connections import trusting
from apps.webhooks.addresses import reachable

CONNECT_SECONDS: Final = 5.0
# Of one name.
MOST_ADDRESSES: Final = 2
# Connections that wait for the next delivery: how many, and for how many seconds.
MOST_IDLE: Final = 64
IDLE_SECONDS: Final = 20.0

# Scheme, host, port, certificate.
Place = tuple[str, str, int, str]


class Connection(HTTPConnection):
    """A connection that another thread may cut."""

    def __init__(self, host: str, port: int, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._socket: socket.socket | None = None
        self.idle_since = 0.0

    def connect(self) -> None:
        """Raises OSError, Forbidden, Unknown."""
        self.sock = self._socket = self._opened()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(self.timeout)

    def cut(self) -> None:
        """End it, whatever is waited for."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _opened(self) -> socket.socket:
        failure: OSError | None = None
        for address in reachable(self.host)[:MOST_ADDRESSES]:
            try:
                return socket.create_connection((str(address), self.port), CONNECT_SECONDS)
            except OSError as error:
                failure = error
        raise failure or OSError


class TLSConnection(Connection):
    """The same by TLS: verified, for the name that was asked for."""

    default_port = 443

    def __init__(self, host: str, port: int, seconds: float, certificate: str) -> None:
        """Raises ssl.SSLError for what is no certificate."""
        super().__init__(host, port, seconds)
        self._context = trusting(certificate)

    def connect(self) -> None:
        super().connect()
        self.sock = self._socket = self._context.wrap_socket(self.sock, server_hostname=self.host)


def connection_to(place: Place, seconds: float) -> Connection:
    """A connection, opened when it is first used; reads wait for at most so many seconds. Raises ssl.SSLError."""
    scheme, host, port, certificate = place
    return TLSConnection(host, port, seconds, certificate) if scheme == "https" else Connection(host, port, seconds)


class Idle:
    """Open connections that wait for the next delivery to the same place."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Place, Connection]] = OrderedDict()
        self._lock = Lock()

    def take(self, place: Place) -> Connection | None:
        """One that was used a moment ago."""
        self.close_old()
        with self._lock:
            found = next((key for key, (at, _) in self._kept.items() if at == place), None)
            return None if found is None else self._kept.pop(found)[1]

    def keep(self, place: Place, connection: Connection) -> None:
        connection.idle_since = time.monotonic()
        with self._lock:
            self._kept[id(connection)] = place, connection
            gone = [self._kept.popitem(last=False)[1][1]] if len(self._kept) > MOST_IDLE else []
        for each in gone:
            each.close()

    def close_old(self, seconds: float = IDLE_SECONDS) -> None:
        """Close those that have waited for so long."""
        limit = time.monotonic() - seconds
        with self._lock:
            old = [key for key, (_, connection) in self._kept.items() if connection.idle_since <= limit]
            gone = [self._kept.pop(key)[1] for key in old]
        for each in gone:
            each.close()
