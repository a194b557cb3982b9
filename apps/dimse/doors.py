"""Addresses that are listened on, and a thread for each connection that comes."""

import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Self

from apps.dimse.connections import Connection, Connections
from apps.dimse.conversation import Secure
from apps.dimse.listener import Listener

logger = logging.getLogger("fovea.dimse")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; by TLS where `secure` is given."""

    host: str
    port: int
    secure: Secure | None = None


# Holds a connection that came by an address, from its first byte to its last; raises nothing.
Hold = Callable[[Connection, Address], None]


class Doors:
    """Listen from their making on, answer once started; use them as a context manager, or start and stop them.

    `name` is the protocol that is spoken, for the names of the threads.
    """

    def __init__(self, addresses: Sequence[Address], connections: Connections, hold: Hold, name: str) -> None:
        """Raises AddressInUse."""
        self._connections = connections
        self._hold_connection = hold
        self._name = name
        self._listeners = [Listener(each.host, each.port, self._taker(each)) for each in addresses]

    @property
    def ports(self) -> list[int]:
        """The ports that are listened on, in the order of the addresses."""
        return [listener.port for listener in self._listeners]

    def start(self) -> None:
        for listener in self._listeners:
            listener.start()

    def stop(self) -> None:
        """Take no more connections, and end those there are: messages at work have the limits' grace."""
        for listener in self._listeners:
            listener.close()
        self._connections.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _taker(self, address: Address) -> Callable[[socket.socket, str], None]:
        def take(stream: socket.socket, caller: str) -> None:
            connection = Connection(stream, caller, is_tls=address.secure is not None)
            self._connections.add(connection)
            name = f"{self._name} {caller}"
            thread = Thread(target=self._hold, args=(connection, address), name=name, daemon=True)
            try:
                thread.start()
            except RuntimeError:
                logger.exception("no thread could be started for a connection")
                self._connections.remove(connection)
                stream.close()

        return take

    def _hold(self, connection: Connection, address: Address) -> None:
        try:
            self._hold_connection(connection, address)
        finally:
            self._connections.remove(connection)
