"""The server of the DICOM network: its addresses, and a thread for each connection."""

import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Self

from apps.dimse.connections import Connection, Connections
from apps.dimse.conversation import Admit, Conversation, House, Secure
from apps.dimse.gate import Gate
from apps.dimse.limits import Limits
from apps.dimse.listener import Listener

logger = logging.getLogger("fovea.dimse")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; by TLS where `secure` is given."""

    host: str
    port: int
    secure: Secure | None = None


class Server:
    """Listens from its making on, answers once started; use it as a context manager, or start and stop it."""

    def __init__(self, addresses: Sequence[Address], limits: Limits, admit: Admit) -> None:
        """Raises AddressInUse."""
        self._connections = Connections(limits)
        self._house = House(limits, admit, self._connections, Gate(limits.working))
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
            thread = Thread(target=self._hold, args=(connection, address), name=f"DICOM {caller}", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                logger.exception("no thread could be started for a connection")
                self._connections.remove(connection)
                stream.close()

        return take

    def _hold(self, connection: Connection, address: Address) -> None:
        try:
            Conversation(connection, self._house).hold(address.secure)
        finally:
            self._connections.remove(connection)
