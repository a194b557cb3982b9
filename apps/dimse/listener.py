"""Takes connections on an address, each to a thread of its own."""

import errno
import logging
import selectors
import socket
from collections.abc import Callable
from threading import Thread
from typing import Final

from apps.saying import say

BACKLOG: Final = 512
# The machine is out of what a connection takes: asking again at once would not help.
EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
PAUSE: Final = 0.2

logger = logging.getLogger("fovea.dimse")

Take = Callable[[socket.socket, str], None]


class AddressInUse(Exception):
    """Why an address can't be listened on."""


class Listener:
    """Listens from its making on; `take` gets each connection and the address that it is from."""

    def __init__(self, host: str, port: int, take: Take) -> None:
        """Raises AddressInUse."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=BACKLOG)
        except OSError as error:
            raise AddressInUse(
                say("{host}:{port} can't be used: {value}.", host=host, port=port, value=error.strerror or error)
            ) from error
        self._socket.setblocking(False)
        self._take = take
        self._wake, self._woken = socket.socketpair()
        self._thread = Thread(target=self._listen, name=f"listener on {port}", daemon=True)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Take no more connections."""
        self._wake.close()
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self._woken.close()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not any(key.fileobj is self._woken for key, _ in selector.select()):
                self._accept()

    def _accept(self) -> None:
        try:
            stream, address = self._socket.accept()
        except OSError as error:
            # Others have gone again before they were taken.
            if error.errno in EXHAUSTED:
                logger.exception("no connection can be taken: %s", error.strerror)
                self._pause()
            return
        self._take(stream, plain_address(address[0]))

    def _pause(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.select(PAUSE)


def plain_address(address: str) -> str:
    """An IP address without its zone, and one of IPv4 as such, however it came."""
    return address.partition("%")[0].removeprefix("::ffff:")
