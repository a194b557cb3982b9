"""A server of HL7 messages in this process, and a sender that it knows."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import TestCase
from hl7.client import MLLPClient

from apps.accounts.models import Practice
from apps.dimse.doors import Address
from apps.dimse.limits import Limits
from apps.hl7 import directory, reception, strangers
from apps.hl7.directory import Caller
from apps.hl7.models import Sender
from apps.hl7.server import HL7Server
from apps.hl7.v2.framing import Deframer

QUICK = Limits(associations=8, per_host=8, unassociated=4, working=4, request=5.0, pdu=5.0, idle=20.0, grace=5.0)
MOST = 64 << 10

Connect = Callable[[], MLLPClient]


def add_sender(practice: Practice, **facts: object) -> Sender:
    """A sender on this machine that may call itself anything."""
    return Sender.objects.create(
        **{"practice": practice, "name": "Practice software", "networks": "127.0.0.1", **facts}
    )


@pytest.fixture(autouse=True)
def nobody_remembered() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    directory.forget_all()
    reception.forget_all()
    strangers.forget_all()


class Desk:
    """The hl7 package's client, answered by the test's own thread within its transaction: as the server does."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.client = MLLPClient("127.0.0.1", listener.getsockname()[1])
            self._stream, _ = listener.accept()
        self.client.socket.settimeout(20)
        self._stream.settimeout(20)

    def send_message(self, text: str | bytes) -> bytes:
        """Send a message, and what is answered."""
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(self.client.send_message, text)
            with TestCase.captureOnCommitCallbacks(execute=True):
                self._answer()
            return answer.result(20)

    def close(self) -> None:
        self.client.close()
        self._stream.close()

    def _answer(self) -> None:
        deframer = Deframer(MOST)
        messages: list[bytes] = []
        while not messages:
            messages += deframer.feed(self._stream.recv(4096))
        answer = reception.receive(messages[0], Caller("127.0.0.1"))
        self._stream.sendall(answer.frames)
        answer.follow()


@pytest.fixture
def client_of_sender(sender: Sender) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def sender(db: None, practice: Practice) -> Sender:
    return add_sender(practice, procedures="PANO PX PANORAMIC1\nCT3D CT")


@pytest.fixture
def server(transactional_db: None) -> Iterator[HL7Server]:
    """Each connection is a thread with a database connection of its own."""
    with HL7Server([Address("127.0.0.1", 0)], QUICK, MOST) as server:
        yield server


@pytest.fixture
def connect(server: HL7Server) -> Iterator[Connect]:
    """Opens connections of the hl7 package's client, which end with the test."""
    clients: list[MLLPClient] = []

    def open_one() -> MLLPClient:
        client = MLLPClient("127.0.0.1", server.ports[0])
        client.socket.settimeout(20)
        clients.append(client)
        return client

    yield open_one
    for client in clients:
        client.close()
