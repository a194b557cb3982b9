"""The connections that are open: counted, bounded, and ended from outside when they must give way."""

import socket
import time
from collections import Counter
from threading import Condition

from prometheus_client import Gauge

from apps.core import metrics
from apps.dimse.limits import Limits


class Connection:
    """A connection, from its acceptance to its end; its own thread serves it."""

    def __init__(self, stream: socket.socket, address: str, *, is_tls: bool) -> None:
        self.stream = stream
        self.address = address
        self.is_tls = is_tls
        self.is_associated = False
        self.is_ending = False
        # Since when it waits for its peer, by the monotonic clock; None while a message is at work.
        self.waits_since: float | None = time.monotonic()

    def works(self) -> None:
        """A message is at work."""
        self.waits_since = None

    def waits(self) -> None:
        """The next message is the peer's."""
        self.waits_since = time.monotonic()

    def end(self) -> None:
        """Let its thread find the connection closed by its peer; what it has to send can still be sent."""
        self.is_ending = True
        try:
            # Not that of a TLS connection, which would go on in plain text.
            socket.socket.shutdown(self.stream, socket.SHUT_RD)
        except OSError:
            return


class Connections:
    """All connections of a server; `gauge` tells how many there are."""

    def __init__(self, limits: Limits, gauge: Gauge = metrics.CONNECTIONS) -> None:
        self._limits = limits
        self._gauge = gauge
        self._open: set[Connection] = set()
        self._changed = Condition()
        self._is_closing = False
        self._gauge.set(0)

    def add(self, connection: Connection) -> None:
        """Take a new connection in; of too many that have no association yet the oldest ends."""
        with self._changed:
            self._open.add(connection)
            self._gauge.set(len(self._open))
            waiting = [each for each in self._open if not each.is_associated and not each.is_ending]
            if self._is_closing:
                connection.end()
            elif len(waiting) > self._limits.unassociated:
                _longest_waiting(waiting).end()

    def associate(self, connection: Connection) -> bool:
        """Count the connection as an association, unless there are too many.

        Where there are, the one of the same host that has waited the longest for its peer gives way; where there are
        too many in all, one of the host that has the most.
        """
        with self._changed:
            rivals = self._rivals(connection.address)
            if rivals is not None:
                idle = [each for each in rivals if each.waits_since is not None]
                if not idle:
                    return False
                _longest_waiting(idle).end()
            connection.is_associated = True
            return not self._is_closing

    def _rivals(self, address: str) -> list[Connection] | None:
        """The associations of which one must give way to a new one from that address; None where there is room."""
        associated = [each for each in self._open if each.is_associated and not each.is_ending]
        hosts = Counter(each.address for each in associated)
        if hosts[address] >= self._limits.per_host:
            return [each for each in associated if each.address == address]
        if len(associated) < self._limits.associations:
            return None
        most, _ = hosts.most_common(1)[0]
        return [each for each in associated if each.address == most]

    def remove(self, connection: Connection) -> None:
        with self._changed:
            self._open.discard(connection)
            self._gauge.set(len(self._open))
            self._changed.notify_all()

    def close(self) -> None:
        """End all: those that wait at once, those at work after their message, or when the grace has passed."""
        with self._changed:
            self._is_closing = True
            for connection in self._open:
                connection.is_ending = True
                if connection.waits_since is not None:
                    connection.end()
            self._changed.wait_for(lambda: not self._open, self._limits.grace)
            for connection in self._open:
                connection.end()
            self._changed.wait_for(lambda: not self._open, 1.0)


def _longest_waiting(connections: list[Connection]) -> Connection:
    return min(connections, key=lambda each: each.waits_since or 0.0)
