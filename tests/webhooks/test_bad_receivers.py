"""Receivers that are slow, silent, endless or lead elsewhere: contained, with a reason, and everything else goes on."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.core.sealed import seal
from apps.dicom.network.addresses import Address
from apps.webhooks import addresses, posting
from apps.webhooks.connecting import Idle
from apps.webhooks.courier import LANES, Courier
from apps.webhooks.letters import Letter
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.posting import Attempt
from tests.webhooks.conftest import SECRET
from tests.webhooks.receiver import Receiver
from tests.webhooks.working import happen

pytestmark = pytest.mark.django_db
Let = Callable[[], list[Delivery]]


@contextmanager
def behaving(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does this with each connection; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_with, args=(behave, connection), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def _with(behave: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with connection:
        try:
            behave(connection)
        except OSError:
            return


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def dripping(connection: socket.socket) -> None:
    """Each byte comes in time, and there is no end to them."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def closing(connection: socket.socket) -> None:
    connection.recv(65536)


def babbling(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.org ESMTP\r\n")
    time.sleep(0.2)


def letter_to(port: int, host: str = "127.0.0.1") -> Letter:
    return Letter(1, 1, 1, "uid", ("http", host, port, ""), "/", b"{}", [SECRET])


def attempted(port: int, *, cut: float = 5.0) -> posting.Outcome:
    """One attempt, cut after so many seconds as the courier does it."""
    attempt = Attempt(letter_to(port), Idle())
    timer = threading.Timer(cut, attempt.cut)
    timer.start()
    outcome = attempt.make()
    timer.cancel()
    return outcome


def test_one_that_never_answers_is_late(settings: Settings) -> None:
    settings.WEBHOOK_SECONDS = 1
    with behaving(silent) as port:
        assert attempted(port).error == posting.LATE


def test_one_that_answers_a_byte_now_and_then_is_cut() -> None:
    with behaving(dripping) as port:
        assert attempted(port, cut=0.5).error == posting.LATE


def test_of_an_endless_answer_the_beginning_is_read() -> None:
    with behaving(endless) as port:
        outcome = attempted(port)
    assert outcome.is_delivered
    assert outcome.answer == "x" * 1000


@pytest.mark.parametrize(("behave", "said"), [(closing, posting.BROKEN), (babbling, posting.NO_HTTP)])
def test_what_is_no_answer_is_said_to_be_none(behave: Any, said: str) -> None:
    with behaving(behave) as port:
        assert attempted(port).error == said


def test_a_redirect_to_a_forbidden_address_is_not_followed(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let
) -> None:
    asked: list[bytes] = []
    with behaving(lambda connection: asked.append(connection.recv(100))) as port:
        receiver.order(status=307, headers={"Location": f"http://127.0.0.1:{port}/"})
        happen(practice)
        (row,) = delivered()
    assert row.last_error == posting.LEADS_ON
    assert not asked


def test_a_name_that_is_moved_to_a_forbidden_address_is_not_called(
    practice: Practice, webhook: Webhook, receiver: Receiver, delivered: Let, settings: Settings
) -> None:
    settings.WEBHOOK_NETWORKS = ()
    happen(practice)
    (row,) = delivered()
    assert (row.state, row.last_error) == ("failed", posting.FORBIDDEN)
    assert not receiver.raw


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("127.0.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("fe80::1", False),
        ("fd00:ec2::254", False),
        ("::", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("192.168.4.7", True),
        ("192.168.5.7", False),
        ("2002:c0a8:507::1", False),
        ("2002:a9fe:a9fe::1", False),
        ("64:ff9b::a9fe:a9fe", False),
    ],
)
def test_the_internet_and_what_the_site_names_is_called_and_nothing_else(
    settings: Settings, address: str, is_allowed: bool
) -> None:
    settings.WEBHOOK_NETWORKS = (ip_network("192.168.4.0/24"), ip_network("169.254.0.0/16"))
    assert addresses.is_allowed(ip_address(address)) is is_allowed


def test_a_name_with_one_forbidden_address_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    found: frozenset[Address] = frozenset({ip_address("93.184.216.34"), ip_address("10.0.0.1")})
    monkeypatch.setattr(addresses, "addresses_of", lambda host: found)
    with pytest.raises(addresses.Forbidden):
        addresses.reachable("both.example.org")


def test_a_slow_receiver_holds_up_no_other(
    practice: Practice, webhook: Webhook, receiver: Receiver, courier: Courier, settings: Settings
) -> None:
    settings.WEBHOOK_SECONDS = 60
    with behaving(silent) as port:
        slow = Webhook.objects.create(
            practice=practice, name="A slow one", url=f"http://127.0.0.1:{port}/", events=["job.finished"],
            secret=seal(SECRET),
        )  # fmt: skip
        for number in range(20):
            happen(practice, number)
        deadline = time.monotonic() + 60
        while len(receiver.events) < 20 and time.monotonic() < deadline:
            courier._round()
        assert len(receiver.events) == 20
        # The slow one has its lanes, and no more of them.
        assert courier._under_way(slow.pk) == LANES
        for attempt in courier._attempts:
            attempt.cut()
