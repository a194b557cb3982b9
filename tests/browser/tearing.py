"""A proxy between a browser and the site that breaks connections in the middle of what is sent."""

import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

PIECE: Final = 16 << 10
# Closing with it sends a reset.
AT_ONCE: Final = struct.pack("ii", 1, 0)


class Break(Enum):
    """How a connection breaks."""

    BOTH = "both ends see it"
    HALF = "the server goes on waiting for more"
    ANSWER = "all has come, and the answer is lost"


@dataclass(slots=True)
class Proxy:
    """Connections that are to be broken, the next one first: how, and after how many bytes of the browser's."""

    target: tuple[str, int]
    listener: socket.socket
    plan: list[tuple[Break, int]] = field(default_factory=list)
    broken: list[Break] = field(default_factory=list)
    left_open: list[socket.socket] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.listener.getsockname())

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self.listener.accept()
                server = socket.create_connection(self.target)
                pair = _Pair(self, browser, server)
                for forward in (pair.up, pair.down):
                    threading.Thread(target=forward, daemon=True).start()

    def due(self, sent: int) -> Break | None:
        """How a connection breaks that has brought so many bytes, if it does; what is due once is not due again."""
        with self.lock:
            if not self.plan or sent < self.plan[0][1]:
                return None
            self.broken.append(self.plan[0][0])
            return self.plan.pop(0)[0]


class _Pair:
    """One connection of the browser's, and its continuation."""

    def __init__(self, proxy: Proxy, browser: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._browser = browser
        self._server = server
        self._breaks: Break | None = None

    def up(self) -> None:
        sent = 0
        with suppress(OSError):
            while piece := self._browser.recv(PIECE):
                sent += len(piece)
                self._breaks = self._breaks or self._proxy.due(sent)
                if self._breaks in (Break.BOTH, Break.HALF):
                    self._break()
                    return
                self._server.sendall(piece)
        if not self._breaks:
            _close(self._server)

    def down(self) -> None:
        with suppress(OSError):
            while piece := self._server.recv(PIECE):
                if self._breaks is Break.ANSWER:
                    self._break()
                    return
                self._browser.sendall(piece)
        _close(self._browser)

    def _break(self) -> None:
        _close(self._browser)
        if self._breaks is Break.HALF:
            self._proxy.left_open.append(self._server)
        else:
            _close(self._server)


def plan(seed: int, size: int, count: int) -> list[tuple[Break, int]]:
    """Breaks at random places of so many bytes; each seed its own."""
    chance = random.Random(seed)
    return [(chance.choice(list(Break)), chance.randrange(PIECE, size // 2)) for _ in range(count)]


@contextmanager
def torn(url: str) -> Iterator[Proxy]:
    """A proxy to the site, until the block ends."""
    address = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy((address.hostname or "", address.port or 0), listener)
        threading.Thread(target=proxy.accept, daemon=True).start()
        yield proxy
        for each in proxy.left_open:
            _close(each)


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
